import type { ChatProblem, SentMessage } from "./snapshot.js";

/** The newest messages of the log, by seq. */
export class Timeline {
  #messages: SentMessage[] = [];
  /** Messages up to this seq are not shown. */
  #floor = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get messages(): readonly SentMessage[] {
    return this.#messages;
  }

  /** Begins anew, after `floor`. */
  reset(floor: number): void {
    this.#messages = [];
    this.#floor = floor;
  }

  /** Puts a message in its place; what stood there gives way. An ack may run ahead of the replay. */
  put(message: SentMessage): void {
    if (message.seq <= this.#floor) return;
    const before = this.#messages.findLastIndex(({ seq }) => seq <= message.seq);
    const stands = this.#messages[before]?.seq === message.seq;
    this.#messages.splice(stands ? before : before + 1, stands ? 1 : 0, message);
    if (this.#messages.length > this.#limit) this.#floor = this.#messages.shift()?.seq ?? this.#floor;
  }

  /** Notes at a message what went wrong after it was accepted. */
  annotate(id: string, error: ChatProblem): void {
    const at = this.#messages.findLastIndex((message) => message.id === id);
    const message = this.#messages[at];
    if (message !== undefined) this.#messages[at] = { ...message, error };
  }
}
