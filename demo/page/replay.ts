import type { Conversation } from "./conversation.js";
import type { Welcome } from "./received.js";

/** Tells the reader what a new connection brought back, and what it could not. */
export class Replay {
  readonly #conversation: Conversation;
  #since: number | undefined;
  #epoch: string | undefined;
  #missed = 0;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  begin({ resume, epoch, replayFrom }: Welcome): void {
    const before = replayFrom - 1;
    const cleared = this.#epoch !== undefined && this.#epoch !== epoch;
    this.#epoch = epoch;
    this.#missed = 0;
    this.#since = resume === "complete" ? before : undefined;
    if (resume === "complete") return;
    this.#conversation.reset();
    if (resume === "gap" && cleared) {
      this.#note("warning", before, "This conversation was begun anew while you were away.");
    } else if (resume === "gap") {
      this.#note(
        "warning",
        before,
        `Messages up to number ${before} are gone: you were away for longer than they are kept.`,
      );
    } else if (before > 0) {
      this.#note("calm", before, `Messages up to number ${before} are not shown.`);
    }
  }

  /** One envelope of the log, live or replayed. */
  take(own: boolean): void {
    if (this.#since !== undefined && !own) this.#missed += 1;
  }

  /** The replay is over: what comes now is live. */
  end(): void {
    if (this.#since !== undefined && this.#missed > 0) {
      const text =
        this.#missed === 1 ? "1 message while you were away" : `${this.#missed} messages while you were away`;
      this.#conversation.note({ key: "away", tone: "calm", after: this.#since, text });
    }
    this.#since = undefined;
  }

  #note(tone: "calm" | "warning", after: number, text: string): void {
    this.#conversation.note({ key: "beginning", tone, after, text });
  }
}
