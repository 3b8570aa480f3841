import type { Log } from "./log/log.js";

/** Who wrote an entry under which id; the author is `null` for the server. */
interface Remembered {
  id: string;
  author: string | null;
}

/**
 * The ids of the newest envelopes, so that a retry enters the log once (P2). An id is its author's own. Read when it is first
 * needed after a wake-up: an index in the database would double the price of every message.
 */
export class DedupeWindow {
  readonly #seqsByAuthor = new Map<string | null, Map<string, number>>();
  /** A ring: what is remembered of a seq stands at its remainder by the size. */
  readonly #entries: Remembered[] = [];
  /** The oldest seq from which every id is remembered. */
  #from: number;

  readonly #size: number;

  constructor(log: Log, size: number) {
    this.#size = size;
    this.#from = Math.max(log.tail, log.head - size + 1);
    for (const { id, seq, author } of log.authors(this.#from)) this.remember(id, seq, author);
  }

  /** The seq of an author's id, if it is remembered. */
  find(id: string, author: string | null): number | undefined {
    return this.#seqsByAuthor.get(author)?.get(id);
  }

  /** Remembers the id of a new entry, in place of the one that is `size` older. */
  remember(id: string, seq: number, author: string | null): void {
    const place = seq % this.#size;
    this.#forget(this.#entries[place], seq - this.#size);
    this.#entries[place] = { id, author };
    const seqs = this.#seqsByAuthor.get(author);
    if (!seqs) this.#seqsByAuthor.set(author, new Map([[id, seq]]));
    else seqs.set(id, seq);
  }

  /** Whether every id that entered the log after `seq` is remembered. */
  covers(seq: number): boolean {
    return this.#from <= seq + 1;
  }

  #forget(entry: Remembered | undefined, seq: number): void {
    if (!entry) return;
    const { id, author } = entry;
    this.#from = seq + 1;
    const seqs = this.#seqsByAuthor.get(author);
    if (seqs?.get(id) === seq) seqs.delete(id);
    if (seqs?.size === 0) this.#seqsByAuthor.delete(author);
  }
}
