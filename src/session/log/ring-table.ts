import { COMPLETES_TURN, type Entry, NO_TURN } from "./entry.js";
import { findNewest, lapOf, type Place, slotOf } from "./ring.js";
import { logTable } from "./schema.js";

export type Row = Record<string, SqlStorageValue>;

/** What rows say of the log beside their entry. */
export interface LogMarkers {
  /** The seq up to which all turns are over. */
  settled: number;
  /** The seq from which the log is whole. */
  tail: number;
}

const COLUMNS = "seq, id, kind, author, ref, turn, settled, tail, timestamp, body";

/** As many as the platform's 100 parameters of a statement allow. What rows have in common is given once: each parameter costs. */
const ROWS_PER_STATEMENT = 12;
/** The statement for each number of rows. */
const INSERTS = Array.from({ length: ROWS_PER_STATEMENT }, (_, more) => {
  const [seq, id, kind, author, ref, turn, timestamp, body] = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `column${n}`);
  return `INSERT OR REPLACE INTO workkit_chat_log (slot, ${COLUMNS})
    SELECT (${seq} - 1) % ?1, ${seq}, ${id}, ${kind}, ${author}, ${ref}, ${turn}, min(${seq}, ?2), ?3, ${timestamp}, ${body}
    FROM (VALUES (?4, ?, ?, ?, ?, ?, ?, ?)${", (?, ?, ?, ?, ?, ?, ?, ?)".repeat(more)})`;
});

/**
 * The table of the log: a ring of `capacity` slots. A new entry takes the row of the one that goes, and neighbours in the log
 * are neighbours on disk. An entry that is kept although its slot was taken is pinned: its slot is its seq, negated.
 * The slot tells an entry's place; what else a row says is checked by those who read it (P19). docs/decisions/0002-log.md
 */
export class RingTable {
  /** The newest seq when the log was opened, 0 for an empty one. */
  readonly newest: number;
  /** Whether so many rows are out of place that the seqs have no meaning any more. */
  readonly isLost: boolean;
  readonly pinned: Set<number>;
  readonly #sql: SqlStorage;

  /** @param laidOut the slots of the ring as it is on disk */
  readonly #storage: DurableObjectStorage;
  readonly #capacity: number;

  constructor(storage: DurableObjectStorage, capacity: number, laidOut: number) {
    this.#storage = storage;
    this.#capacity = capacity;
    this.#sql = storage.sql;
    const ends = this.#inspect(laidOut);
    this.pinned = new Set(ends.flatMap(({ slot }) => (slot < 0 ? -slot : [])).sort((a, b) => a - b));
    const [last, first = last] = ends.filter(({ slot }) => slot >= 0);
    const at = (slot: number) => this.#places("workkit_chat_log WHERE slot = ?", slot)[0];
    const found = last === undefined || first === undefined ? 0 : findNewest(first, last, laidOut, at);
    const newest = found ?? this.#findNewestReadable(laidOut, at);
    this.isLost = newest === undefined;
    this.newest = newest ?? this.#renumber(laidOut);
    if (laidOut !== capacity) this.#rebuild(laidOut);
  }

  /** Columns of the rows of the ring from one seq to another, in order, or from the newest back. */
  select(
    columns: string,
    from: number,
    to: number,
    step = 1,
    more = "",
    ...parameters: SqlStorageValue[]
  ): Iterable<Row> {
    const spans = this.#spans(from, to);
    const query = `SELECT ${columns} FROM workkit_chat_log WHERE slot BETWEEN ? AND ? ${more} ORDER BY slot`;
    if (step > 0) return this.#read(query, spans, parameters);
    return this.#read(`${query} DESC`, spans.reverse(), parameters);
  }

  /** The oldest entry among those that has this id. */
  find(id: string, from: number, to: number): Row | undefined {
    const query = `SELECT min(seq) AS seq, timestamp FROM workkit_chat_log
      WHERE id = ? AND slot >= 0 AND seq BETWEEN ? AND ? HAVING seq IS NOT NULL`;
    return this.#all(query, id, from, to)[0];
  }

  /** The time of the entry before `seq` that has one, or else of the one after. */
  timeAround(seq: number, latest: number): number {
    const query = `SELECT coalesce(max(iif(seq < ?1, timestamp, NULL)), min(timestamp)) AS time FROM workkit_chat_log
      WHERE timestamp BETWEEN 0 AND ?2`;
    return Number(this.#all(query, seq, latest)[0]?.["time"]);
  }

  /** Columns of one row, if it is there. */
  get(columns: string, seq: number): Row | undefined {
    return this.#all(`SELECT ${columns} FROM workkit_chat_log WHERE slot = ?`, this.#slot(seq))[0];
  }

  /** The seq whose place a slot is, the first from `from` on. */
  seqOf(slot: number, from: number): number {
    return from + ((slot - slotOf(from, this.#capacity) + this.#capacity) % this.#capacity);
  }

  /** The entries after `settled` whose turn is not over. */
  readUnfinished(settled: number): number[] {
    const from = Math.max(settled, this.newest - this.#capacity, 0) + 1;
    const rows = this.select("slot, ref, turn", from, this.newest, 1, "AND turn IS NOT NULL");
    const begun = unfinishedSeqs(this.pinned, rows, (slot) => this.seqOf(slot, from));
    return begun.filter((seq) => seq <= this.newest);
  }

  /** The entry at `seq` is to be kept although its slot will be taken. */
  pin(seq: number): void {
    this.#sql.exec("UPDATE OR REPLACE workkit_chat_log SET slot = ? WHERE slot = ?", -seq, this.#slot(seq));
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
  put(entries: readonly Entry[], { settled, tail }: LogMarkers): void {
    for (let start = 0; start < entries.length; start += ROWS_PER_STATEMENT) {
      const some = entries.slice(start, start + ROWS_PER_STATEMENT);
      const values: SqlStorageValue[] = [this.#capacity, settled, tail];
      for (const { seq, message, author, ref, turn, body } of some) {
        values.push(seq, message.id, message.type, author, ref, turn, message.timestamp, body);
      }
      this.#sql.exec(INSERTS[some.length - 1] ?? "", ...values);
    }
  }

  #slot(seq: number): number {
    return this.pinned.has(seq) ? -seq : slotOf(seq, this.#capacity);
  }

  /** The last row of the ring, those that are pinned, and the first one. */
  #inspect(laidOut: number): Place[] {
    const ends = this.#places(
      `(SELECT slot, seq FROM workkit_chat_log WHERE slot BETWEEN 1 AND ? ORDER BY slot DESC LIMIT 1)
       UNION ALL SELECT slot, seq FROM workkit_chat_log WHERE slot <= 0`,
      laidOut - 1,
    );
    const [last] = ends;
    // Without a slot 0 the ring has grown, or lost it.
    if (last === undefined || last.slot < 0 || ends.at(-1)?.slot === 0) return ends;
    return [...ends, ...this.#places("workkit_chat_log WHERE slot > 0 ORDER BY slot LIMIT 1")];
  }

  /**
   * The newest seq where rows are out of place (P19). `tail` shows that a seq is of the right lap. Those that follow and cannot
   * be read count as newer, for no seq may be given twice. `undefined` if nothing is left to tell.
   */
  #findNewestReadable(laidOut: number, at: (slot: number) => Place | undefined): number | undefined {
    const [newest] = this.#places(
      "workkit_chat_log WHERE seq < 1e15 AND (seq - 1) % ?1 = slot AND seq BETWEEN tail AND tail + ?1 - 1 ORDER BY seq DESC LIMIT 1",
      laidOut,
    );
    if (newest === undefined || lapOf(newest, laidOut) === undefined) return undefined;
    for (let seq = Number(newest.seq); ; seq++) {
      const next = at(slotOf(seq + 1, laidOut));
      if (next === undefined || lapOf(next, laidOut) !== undefined) return seq;
    }
  }

  /** Numbers what is left of a log that has lost its seqs. Returns the newest. */
  #renumber(laidOut: number): number {
    const query = "UPDATE workkit_chat_log SET seq = slot + 1 WHERE slot BETWEEN 0 AND ? RETURNING seq";
    return this.#all(query, laidOut - 1).length;
  }

  /** Copies what still has a place in a ring of this capacity, and what is unfinished. */
  #rebuild(laidOut: number): void {
    const oldest = this.newest - this.#capacity;
    const toSeq = (slot: number) => (slot < 0 ? -slot : this.newest - ((this.newest - 1 - slot + laidOut) % laidOut));
    const turns = this.#all("SELECT slot, ref, turn FROM workkit_chat_log WHERE turn IS NOT NULL");
    const kept = JSON.stringify(unfinishedSeqs([], turns, toSeq));
    this.#storage.transactionSync(() => {
      this.#sql.exec("ALTER TABLE workkit_chat_log RENAME TO workkit_chat_log_before");
      this.#sql.exec(logTable(this.#capacity));
      this.#sql.exec(
        `INSERT OR REPLACE INTO workkit_chat_log
         SELECT iif(slot < 0 OR place <= ?1, -place, (place - 1) % ?2), ${COLUMNS.replace("tail", "max(tail, ?1 + 1)")}
         FROM (SELECT *, iif(slot < 0, -slot, ?3 - (?3 - 1 - slot + ?4) % ?4) AS place FROM workkit_chat_log_before WHERE slot < ?4)
         WHERE (slot >= 0 AND place > ?1) OR place IN (SELECT value FROM json_each(?5))`,
        oldest,
        this.#capacity,
        this.newest,
        laidOut,
        kept,
      );
      this.#sql.exec("DROP TABLE workkit_chat_log_before");
    });
  }

  /** The slots from one seq to another, in order: one stretch, or two where the ring comes round between them. */
  #spans(from: number, to: number): Span[] {
    if (from > to) return [];
    const [first, last] = [slotOf(from, this.#capacity), slotOf(to, this.#capacity)];
    return first <= last
      ? [[first, last]]
      : [
          [first, this.#capacity - 1],
          [0, last],
        ];
  }

  #read(query: string, spans: readonly Span[], parameters: readonly SqlStorageValue[]): Iterable<Row> {
    const [first, second] = spans.map((span) => () => this.#sql.exec(query, ...span, ...parameters));
    if (first === undefined) return [];
    // Most are one stretch, and need nothing between the rows and whoever reads them.
    return second === undefined ? first() : concat(first, second);
  }

  #places(from: string, ...parameters: SqlStorageValue[]): Place[] {
    const rows = this.#all(`SELECT slot, seq FROM ${from}`, ...parameters);
    return rows.map(({ slot, seq }) => ({ slot: Number(slot), seq }));
  }

  #all(query: string, ...parameters: SqlStorageValue[]): Row[] {
    return this.#sql.exec(query, ...parameters).toArray();
  }
}

/** Slots that lie side by side. */
type Span = [first: number, last: number];

function* concat(first: () => Iterable<Row>, second: () => Iterable<Row>): Generator<Row> {
  yield* first();
  yield* second();
}

/** Of those and these, whose turn has begun or waits, and has not ended. */
function unfinishedSeqs(those: Iterable<number>, these: Iterable<Row>, toSeq: (slot: number) => number): number[] {
  const begun = [...those];
  const ended = new Set<unknown>();
  for (const { slot, ref, turn } of these) {
    if (turn === COMPLETES_TURN) ended.add(ref);
    else if (turn !== NO_TURN) begun.push(toSeq(Number(slot)));
  }
  return begun.filter((seq) => !ended.has(seq)).sort((a, b) => a - b);
}
