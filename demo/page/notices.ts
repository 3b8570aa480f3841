import type { HelloFrame } from "../../src/client/index.js";

/** What the page itself has to say, between two lines: a gap, an absence, an error that belongs to no message. */
export interface Notice {
  kind: "notice";
  key: string;
  /** It stands after the line of this seq. */
  after: number;
  tone: "calm" | "warning" | "error";
  code?: string;
  text: string;
}

/** Tells the reader what a new connection brought back, and what it could not. */
export class Notices {
  readonly #notices = new Map<string, Notice>();
  #since: number | undefined;
  #epoch: string | undefined;
  #missed = 0;

  list(): Notice[] {
    return [...this.#notices.values()];
  }

  /** A connection begins. */
  begin({ resume, epoch, replayFrom }: HelloFrame): void {
    const before = replayFrom - 1;
    const cleared = this.#epoch !== undefined && this.#epoch !== epoch;
    this.#epoch = epoch;
    this.#missed = 0;
    this.#since = resume === "complete" ? before : undefined;
    if (resume === "complete") return;
    this.#notices.clear();
    if (resume === "gap" && cleared) {
      this.add("beginning", "warning", before, "This conversation was begun anew while you were away.");
    } else if (resume === "gap") {
      const text = `Messages up to number ${before} are gone: you were away for longer than they are kept.`;
      this.add("beginning", "warning", before, text);
    } else if (before > 0) {
      this.add("beginning", "calm", before, `Messages up to number ${before} are not shown.`);
    }
  }

  /** Somebody else's envelope of the log, live or replayed. */
  heard(): void {
    if (this.#since !== undefined) this.#missed += 1;
  }

  /** The replay is over: what comes now is live. */
  end(): void {
    if (this.#since !== undefined && this.#missed > 0) {
      const count = this.#missed === 1 ? "1 message" : `${this.#missed} messages`;
      this.add("away", "calm", this.#since, `${count} while you were away`);
    }
    this.#since = undefined;
  }

  /** Adds a notice after a line; one with the same key replaces the last. */
  add(key: string, tone: Notice["tone"], after: number, text: string, code?: string): void {
    this.#notices.set(key, { kind: "notice", key, tone, after, text, ...(code !== undefined && { code }) });
  }
}
