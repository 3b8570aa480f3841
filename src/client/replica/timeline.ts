import type { ChatMessage } from "../../protocol/envelope.js";
import { REPLAY_PAGE_MESSAGES } from "../../protocol/limits.js";
import type { ChatErrorInfo, SentMessage, ShownMessage } from "../snapshot.js";

/** The newest messages of the log, by seq, and ephemeral ones where they came. */
export class Timeline {
  #messages: ShownMessage[] = [];
  #floor = 0;
  /** Messages that were loaded on top of the limit, and that are about to be. */
  #older = 0;
  #reserved = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get messages(): readonly ShownMessage[] {
    return this.#messages;
  }

  /** Messages up to this seq are not shown, whether or not the log has them. */
  get floor(): number {
    return this.#floor;
  }

  /** How many older messages are on their way at most. */
  get reserved(): number {
    return this.#reserved;
  }

  /** Begins anew, after `floor`. */
  reset(floor: number, messages: readonly SentMessage[] = []): void {
    this.#messages = [...messages];
    this.#floor = floor;
    this.#older = 0;
    this.#reserved = 0;
  }

  /** Holds a place for older messages that are on their way. */
  reserve(count: number): void {
    this.#reserved = Math.min(count, REPLAY_PAGE_MESSAGES);
  }

  /** Puts older messages before the others: they count on top of the limit. */
  prepend(messages: readonly SentMessage[]): void {
    this.#messages.unshift(...messages);
    this.#floor -= messages.length;
    this.#older += messages.length;
    this.#reserved = 0;
  }

  /** Puts a message in its place; what stood there gives way. An ack may run ahead of the replay. */
  put(message: SentMessage): void {
    if (message.seq <= this.#floor) return;
    let at = this.#messages.findLastIndex(({ seq }) => seq && seq <= message.seq);
    const standing = this.#messages[at];
    if (standing?.seq === message.seq) this.#messages[at] = { ...message, key: standing.key };
    else {
      do at++;
      while (this.#messages[at]?.state === "ephemeral");
      this.#messages.splice(at, 0, message);
    }
    this.#trim();
  }

  /** Adds an ephemeral message. */
  add(message: ChatMessage): void {
    this.#messages.push({ ...message, state: "ephemeral", seq: undefined, key: message.id });
    this.#trim();
  }

  /** Whether a message may stand at this seq, for no other does. */
  canPut(id: string, seq: number): boolean {
    return !this.#messages.some((message) => message.seq === seq && message.id !== id);
  }

  #trim(): void {
    const most = this.#limit + this.#older + this.#reserved;
    while (this.#messages.length > most) this.#floor = this.#messages.shift()?.seq ?? this.#floor;
  }

  /** Notes at a message what went wrong after it was accepted. */
  setError(isMeant: (message: ShownMessage) => boolean, error: ChatErrorInfo): void {
    const at = this.#messages.findLastIndex(isMeant);
    const message = this.#messages[at];
    if (message) this.#messages[at] = { ...message, error };
  }
}
