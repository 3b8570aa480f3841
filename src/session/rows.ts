import { ENDS_TURN, type Entry, NO_TURN } from "./entry.js";
import { LOG_TABLE } from "./schema.js";

type Row = Record<string, SqlStorageValue>;

/** What rows say of the log beside their entry. */
export interface Standing {
  /** The seq up to which all turns are over. */
  settled: number;
  /** The seq from which the log is whole. */
  tail: number;
}

const COLUMNS = "seq, id, kind, author, ref, turn, settled, tail, body";

/** As many as the platform's 100 parameters of a statement allow. What rows have in common is given once: each parameter costs. */
const ROWS_PER_STATEMENT = 13;
/** The statement for each number of rows. */
const INSERTS = Array.from({ length: ROWS_PER_STATEMENT }, (_, more) => {
  const [seq, id, kind, author, ref, turn, body] = [1, 2, 3, 4, 5, 6, 7].map((column) => `column${column}`);
  return `INSERT OR REPLACE INTO workkit_chat_log (slot, ${COLUMNS})
    SELECT (${seq} - 1) % ?1, ${seq}, ${id}, ${kind}, ${author}, ${ref}, ${turn}, min(${seq}, ?2), ?3, ${body}
    FROM (VALUES (?4, ?, ?, ?, ?, ?, ?)${", (?, ?, ?, ?, ?, ?, ?)".repeat(more)})`;
});

/**
 * The table of the log: a ring of `capacity` slots. A new entry takes the row of the one that goes, and neighbours in the log
 * are neighbours on disk. An entry that is kept although its slot was taken is pinned: its slot is its seq, negated.
 * docs/decisions/0002-log.md
 */
export class Rows {
  /** The newest seq when the log was opened, 0 for an empty one. */
  readonly newest: number;
  readonly pinned: Set<number>;
  readonly #sql: SqlStorage;

  constructor(
    private readonly storage: DurableObjectStorage,
    private readonly capacity: number,
  ) {
    this.#sql = storage.sql;
    let found = this.#look();
    if (!found.fits) {
      this.#layOut(found.newest);
      found = this.#look();
    }
    this.newest = found.newest.seq;
    this.pinned = found.pinned;
  }

  /** Columns of the rows of the ring from one seq to another, in order. `more` narrows them down. */
  select(columns: string, from: number, to: number, more = "", ...parameters: SqlStorageValue[]): Iterable<Row> {
    const query = `SELECT ${columns} FROM workkit_chat_log WHERE slot BETWEEN ? AND ? ${more} ORDER BY slot`;
    return this.#read(query, this.#spans(from, to), parameters);
  }

  /** The same from the newest back. */
  selectBack(columns: string, from: number, to: number): Iterable<Row> {
    const query = `SELECT ${columns} FROM workkit_chat_log WHERE slot BETWEEN ? AND ? ORDER BY slot DESC`;
    return this.#read(query, this.#spans(from, to).reverse(), []);
  }

  /** Where an id stands among those, looked for from the newest back. */
  find(id: string, from: number, to: number): number | undefined {
    const query = "SELECT seq FROM workkit_chat_log WHERE slot BETWEEN ? AND ? AND id = ? ORDER BY slot DESC LIMIT 1";
    for (const span of this.#spans(from, to).reverse()) {
      const [row] = this.#all(query, ...span, id);
      if (row !== undefined) return Number(row["seq"]);
    }
    return undefined;
  }

  /** Columns of one row, if it is there. */
  get(columns: string, seq: number): Row | undefined {
    return this.#all(`SELECT ${columns} FROM workkit_chat_log WHERE slot = ? AND seq = ?`, this.#slot(seq), seq)[0];
  }

  /** The entries after `settled` whose turn is not over. */
  unfinished(settled: number): number[] {
    const from = Math.max(settled, this.newest - this.capacity, 0) + 1;
    return begunAndNotEnded(this.pinned, this.select("seq, ref, turn", from, this.newest, "AND turn IS NOT NULL"));
  }

  /** The entry at `seq` is to be kept although its slot will be taken. */
  pin(seq: number): void {
    this.#sql.exec("UPDATE workkit_chat_log SET slot = ? WHERE slot = ?", -seq, this.#slot(seq));
    this.pinned.add(seq);
  }

  unpin(seq: number): void {
    this.#sql.exec("DELETE FROM workkit_chat_log WHERE slot = ?", -seq);
    this.pinned.delete(seq);
  }

  /** How the turn of the entry at `seq` stands from now on. */
  mark(seq: number, turn: number | null): void {
    this.#sql.exec("UPDATE workkit_chat_log SET turn = ? WHERE slot = ? AND seq = ?", turn, this.#slot(seq), seq);
  }

  /** Each of the entries takes the row of the one that is `capacity` older. */
  put(entries: readonly Entry[], { settled, tail }: Standing): void {
    for (let start = 0; start < entries.length; start += ROWS_PER_STATEMENT) {
      const some = entries.slice(start, start + ROWS_PER_STATEMENT);
      const values: SqlStorageValue[] = [this.capacity, settled, tail];
      for (const { seq, message, author, ref, turn, body } of some) {
        values.push(seq, message.id, message.type, author, ref, turn, body);
      }
      this.#sql.exec(INSERTS[some.length - 1] ?? "", ...values);
    }
  }

  clear(): void {
    this.#sql.exec("DELETE FROM workkit_chat_log");
    this.pinned.clear();
  }

  #slot(seq: number): number {
    return this.pinned.has(seq) ? -seq : this.#ringSlot(seq);
  }

  #ringSlot(seq: number): number {
    return (seq - 1) % this.capacity;
  }

  /** Finds the newest entry, those that are pinned, and whether the ring was laid out for this capacity. */
  #look(): { newest: Place; pinned: Set<number>; fits: boolean } {
    const places = this.#all(
      `SELECT * FROM (SELECT slot, seq FROM workkit_chat_log WHERE slot > 0 ORDER BY slot DESC LIMIT 1)
       UNION ALL SELECT slot, seq FROM workkit_chat_log WHERE slot <= 0`,
    ).map(toPlace);
    const pinned = new Set(places.flatMap(({ slot, seq }) => (slot < 0 ? seq : [])).sort((a, b) => a - b));
    const [last = NOWHERE, first = last] = places.filter(({ slot }) => slot >= 0);
    const newest = last.seq - last.slot === first.seq - first.slot ? last : this.#findNewest(first, last);
    return { newest, pinned, fits: [newest, last].every(({ slot, seq }) => seq === 0 || this.#ringSlot(seq) === slot) };
  }

  /**
   * The last that continues from the first slot, where the ring has come round. Found by halves: there is no index, which
   * would double the price of an entry.
   */
  #findNewest(first: Place, last: Place): Place {
    let low = first;
    let end = last.slot;
    while (low.slot + 1 < end) {
      const middle = Math.floor((low.slot + end) / 2);
      const at = this.#all("SELECT slot, seq FROM workkit_chat_log WHERE slot = ?", middle).map(toPlace)[0];
      if (at?.seq === first.seq + middle) low = at;
      else end = middle;
    }
    return low;
  }

  /** Copies what still has a place in a ring of this capacity, and what is unfinished. */
  #layOut(newest: Place): void {
    const [settled] = this.#all("SELECT settled FROM workkit_chat_log WHERE slot = ?", newest.slot);
    const after = Number(settled?.["settled"]);
    const turns = this.#all("SELECT seq, ref, turn FROM workkit_chat_log WHERE seq > ? AND turn IS NOT NULL", after);
    const kept = JSON.stringify(begunAndNotEnded([], turns));
    const oldest = newest.seq - this.capacity;
    this.storage.transactionSync(() => {
      this.#sql.exec("ALTER TABLE workkit_chat_log RENAME TO workkit_chat_log_before");
      this.#sql.exec(LOG_TABLE);
      this.#sql.exec(
        `INSERT INTO workkit_chat_log SELECT iif(slot < 0 OR seq <= ?1, -seq, (seq - 1) % ?2), ${COLUMNS.replace("tail", "max(tail, ?1 + 1)")}
         FROM workkit_chat_log_before WHERE (slot >= 0 AND seq > ?1) OR seq IN (SELECT value FROM json_each(?3))`,
        oldest,
        this.capacity,
        kept,
      );
      this.#sql.exec("DROP TABLE workkit_chat_log_before");
    });
  }

  /** The slots from one seq to another, in order: one stretch, or two where the ring comes round between them. */
  #spans(from: number, to: number): Span[] {
    if (from > to) return [];
    const [first, last] = [this.#ringSlot(from), this.#ringSlot(to)];
    return first <= last
      ? [[first, last]]
      : [
          [first, this.capacity - 1],
          [0, last],
        ];
  }

  #read(query: string, spans: readonly Span[], parameters: readonly SqlStorageValue[]): Iterable<Row> {
    const [first, second] = spans.map((span) => () => this.#sql.exec(query, ...span, ...parameters));
    if (first === undefined) return [];
    // Most are one stretch, and need nothing between the rows and whoever reads them.
    return second === undefined ? first() : both(first, second);
  }

  #all(query: string, ...parameters: SqlStorageValue[]): Row[] {
    return this.#sql.exec(query, ...parameters).toArray();
  }
}

/** Slots that lie side by side. */
type Span = [first: number, last: number];

function* both(first: () => Iterable<Row>, second: () => Iterable<Row>): Generator<Row> {
  yield* first();
  yield* second();
}

/** A slot of the ring, and the entry in it. */
interface Place {
  slot: number;
  seq: number;
}

const NOWHERE: Place = { slot: 0, seq: 0 };

function toPlace({ slot, seq }: Row): Place {
  return { slot: Number(slot), seq: Number(seq) };
}

/** Of those and these, whose turn has begun or waits, and has not ended. */
function begunAndNotEnded(those: Iterable<number>, these: Iterable<Row>): number[] {
  const begun = [...those];
  const ended = new Set<unknown>();
  for (const { seq, ref, turn } of these) {
    if (turn === ENDS_TURN) ended.add(ref);
    else if (turn !== NO_TURN) begun.push(Number(seq));
  }
  return begun.filter((seq) => !ended.has(seq)).sort((a, b) => a - b);
}
