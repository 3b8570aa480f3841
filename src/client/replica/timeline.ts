import type { ChatMessage } from "../../protocol/envelope.js";
import { REPLAY_PAGE_MESSAGES } from "../../protocol/limits.js";
import type { ChatErrorInfo, SentMessage, ShownMessage } from "../snapshot.js";

/** The newest messages of the log, by seq, with ephemeral ones where they arrived. */
export class Timeline {
  #messages: ShownMessage[] = [];
  #firstSeq = 1;
  /** How many older messages were loaded beyond the limit, and how many are requested. */
  #older = 0;
  #reserved = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get messages(): readonly ShownMessage[] {
    return this.#messages;
  }

  /** The seq of the first message that is shown, or would be if the log had it. */
  get firstSeq(): number {
    return this.#firstSeq;
  }

  /** How many older messages the request in flight may bring. */
  get reserved(): number {
    return this.#reserved;
  }

  /** Replaces all messages. */
  reset(firstSeq: number, messages: readonly SentMessage[] = []): void {
    this.#messages = [...messages];
    this.#firstSeq = firstSeq;
    this.#older = 0;
    this.#reserved = 0;
  }

  /** Reserves room for older messages that are requested. */
  reserve(count: number): void {
    this.#reserved = Math.min(count, REPLAY_PAGE_MESSAGES);
  }

  /** Puts older messages before the others, beyond the limit. */
  prepend(messages: readonly SentMessage[]): void {
    this.#messages.unshift(...messages);
    this.#firstSeq -= messages.length;
    this.#older += messages.length;
    this.#reserved = 0;
  }

  /** Puts a message in its place, instead of one that is there. An ack may run ahead of the replay. */
  put(message: SentMessage): void {
    if (message.seq < this.#firstSeq) return;
    let at = this.#messages.findLastIndex(({ seq }) => seq && seq <= message.seq);
    const existing = this.#messages[at];
    if (existing?.seq === message.seq) this.#messages[at] = { ...message, key: existing.key };
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

  /** Whether no other message is at this seq. */
  canPut(id: string, seq: number): boolean {
    return !this.#messages.some((message) => message.seq === seq && message.id !== id);
  }

  #trim(): void {
    const most = this.#limit + this.#older + this.#reserved;
    while (this.#messages.length > most) this.#firstSeq = (this.#messages.shift()?.seq ?? this.#firstSeq - 1) + 1;
  }

  /** Sets the error of the newest message that matches: what went wrong after it was accepted. */
  setError(matches: (message: ShownMessage) => boolean, error: ChatErrorInfo): void {
    const at = this.#messages.findLastIndex(matches);
    const message = this.#messages[at];
    if (message) this.#messages[at] = { ...message, error };
  }
}
