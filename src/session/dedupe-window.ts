import type { Log } from "./log/log.js";

/** What is remembered of an entry. */
interface Remembered {
  id: string;
  /** Who wrote it, `null` for the server. */
  author: string | null;
}

/**
 * The ids of the newest envelopes, so that a retry enters the log once (P2). An id is its author's own. Read when it is first
 * needed after waking: an index in the database would double the price of every message.
 */
export class DedupeWindow {
  readonly #seqs = new Map<string, number>();
  /** The same for ids that another author has in `#seqs`. */
  readonly #clashes = new Map<string, number>();
  /** A ring: what is remembered of a seq is at its remainder by the size. */
  readonly #entries: Remembered[] = [];
  /** The oldest seq from which every id is remembered. */
  #from: number;

  readonly #size: number;

  constructor(log: Log, size: number) {
    this.#size = size;
    this.#from = Math.max(log.tail, log.head - size + 1);
    for (const { id, seq, author } of log.authors(this.#from)) this.remember(id, seq, author);
  }

  /** Where an author's id stands, if it is remembered. */
  find(id: string, author: string | null): number | undefined {
    const seq = this.#seqs.get(id);
    if (seq !== undefined && this.#entries[seq % this.#size]?.author === author) return seq;
    return this.#clashes.size === 0 ? undefined : this.#clashes.get(keyOf(id, author));
  }

  remember(id: string, seq: number, author: string | null): void {
    const entry = this.#entries[seq % this.#size];
    if (entry === undefined) this.#entries[seq % this.#size] = { id, author };
    else {
      this.#forget(entry, seq);
      entry.id = id;
      entry.author = author;
    }
    const other = this.#seqs.get(id);
    if (other === undefined) this.#seqs.set(id, seq);
    else this.#clashes.set(keyOf(id, author), seq);
  }

  /** Whether every id that entered the log after `seq` is remembered. */
  covers(seq: number): boolean {
    return this.#from <= seq + 1;
  }

  #forget({ id, author }: Remembered, replacedBy: number): void {
    this.#from = replacedBy - this.#size + 1;
    if (this.#seqs.get(id) === replacedBy - this.#size) this.#seqs.delete(id);
    else this.#clashes.delete(keyOf(id, author));
  }
}

/** The length keeps apart what the two would otherwise run into; `null` has none. */
function keyOf(id: string, author: string | null): string {
  return `${author?.length} ${author}${id}`;
}
