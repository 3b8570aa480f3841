import type { Log } from "./log.js";

/** Where a remembered id stands and who wrote it, `null` for the server. */
export interface Remembered {
  seq: number;
  author: string | null;
}

/**
 * The ids of the newest envelopes, so that a retry enters the log once (P2). Read when it is first needed after waking: an
 * index in the database would double the price of every message.
 */
export class IdMemory {
  readonly #ids = new Map<string, Remembered>();
  /** The oldest seq from which every id is remembered. */
  #from: number;

  constructor(
    log: Log,
    private readonly size: number,
  ) {
    this.#from = Math.max(log.tail, log.head - size + 1);
    for (const { id, seq, author } of log.authors(this.#from)) this.#ids.set(id, { seq, author });
  }

  find(id: string): Remembered | undefined {
    return this.#ids.get(id);
  }

  remember(id: string, seq: number, author: string | null): void {
    this.#ids.set(id, { seq, author });
    if (this.#ids.size <= this.size) return;
    for (const [oldest, { seq: oldestSeq }] of this.#ids) {
      this.#ids.delete(oldest);
      this.#from = oldestSeq + 1;
      return;
    }
  }

  /** Whether every id that entered the log after `seq` is remembered. */
  reachesBackTo(seq: number): boolean {
    return this.#from <= seq + 1;
  }
}
