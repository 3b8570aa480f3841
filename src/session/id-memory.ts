import type { Log } from "./log.js";

/** What is remembered of an entry. */
interface Remembered {
  id: string;
  /** Who wrote it, `null` for the server. */
  author: string | null;
}

/**
 * The ids of the newest envelopes, so that a retry enters the log once (P2). Read when it is first needed after waking: an
 * index in the database would double the price of every message.
 */
export class IdMemory {
  readonly #seqs = new Map<string, number>();
  /** A ring: what is remembered of a seq is at its remainder by the size. */
  readonly #entries: Remembered[] = [];
  /** The oldest seq from which every id is remembered. */
  #from: number;

  constructor(
    log: Log,
    private readonly size: number,
  ) {
    this.#from = Math.max(log.tail, log.head - size + 1);
    for (const { id, seq, author } of log.authors(this.#from)) this.remember(id, seq, author);
  }

  /** Where an id stands, if it is remembered. */
  find(id: string): number | undefined {
    return this.#seqs.get(id);
  }

  /** Who wrote the entry at `seq`, which is remembered. */
  authorOf(seq: number): string | null {
    return this.#entries[seq % this.size]?.author ?? null;
  }

  remember(id: string, seq: number, author: string | null): void {
    const entry = this.#entries[seq % this.size];
    if (entry === undefined) this.#entries[seq % this.size] = { id, author };
    else {
      this.#seqs.delete(entry.id);
      this.#from = seq - this.size + 1;
      entry.id = id;
      entry.author = author;
    }
    this.#seqs.set(id, seq);
  }

  /** Whether every id that entered the log after `seq` is remembered. */
  reachesBackTo(seq: number): boolean {
    return this.#from <= seq + 1;
  }
}
