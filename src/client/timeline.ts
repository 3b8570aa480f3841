import { REPLAY_PAGE_MESSAGES } from "../protocol/limits.js";
import type { ChatProblem, SentMessage } from "./snapshot.js";

/** The newest messages of the log, by seq. */
export class Timeline {
  #messages: SentMessage[] = [];
  #floor = 0;
  /** Messages that were loaded on top of the limit, and that are about to be. */
  #older = 0;
  #expected = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get messages(): readonly SentMessage[] {
    return this.#messages;
  }

  /** Messages up to this seq are not shown, whether or not the log has them. */
  get floor(): number {
    return this.#floor;
  }

  /** Begins anew, after `floor`. */
  reset(floor: number, messages: readonly SentMessage[] = []): void {
    this.#messages = [...messages];
    this.#floor = floor;
    this.#older = 0;
    this.#expected = 0;
  }

  /** Holds a place for older messages that are on their way. */
  expect(count: number): void {
    this.#expected = Math.min(count, REPLAY_PAGE_MESSAGES);
  }

  /** Puts older messages before the others: they count on top of the limit. */
  prepend(messages: readonly SentMessage[]): void {
    this.#messages.unshift(...messages);
    this.#floor -= messages.length;
    this.#older += messages.length;
    this.#expected = 0;
  }

  /** Puts a message in its place; what stood there gives way. An ack may run ahead of the replay. */
  put(message: SentMessage): void {
    if (message.seq <= this.#floor) return;
    const before = this.#messages.findLastIndex(({ seq }) => seq <= message.seq);
    const stands = this.#messages[before]?.seq === message.seq;
    this.#messages.splice(stands ? before : before + 1, stands ? 1 : 0, message);
    const most = this.#limit + this.#older + this.#expected;
    while (this.#messages.length > most) this.#floor = this.#messages.shift()?.seq ?? this.#floor;
  }

  /** Notes at a message what went wrong after it was accepted. */
  annotate(id: string, error: ChatProblem): void {
    const at = this.#messages.findLastIndex((message) => message.id === id);
    const message = this.#messages[at];
    if (message !== undefined) this.#messages[at] = { ...message, error };
  }
}
