import { fittingPrivate } from "../../server/stream/private-parts.js";
import type { Entry } from "./entry.js";
import { type LogMarkers, type Row, type SelectedRow, unfinishedSeqs } from "./markers.js";
import { findNewest, lapOf, type Place, slotOf } from "./ring.js";
import { createTable, openSchema } from "./schema.js";

/** As many as the platform's 100 parameters of a statement allow. What rows have in common is given once: each parameter costs. */
const ROWS_PER_STATEMENT = 12;
/** The values of each row of a statement. `?1` to `?3` are the capacity, `settled` and `tail`; a letter is a parameter of its own. */
const VALUES = Array.from({ length: ROWS_PER_STATEMENT }, (_, row) =>
  "((A - 1) % ?1, A, B, C, D, E, F, min(A, ?2), ?3, G, H, NULL)".replace(
    /[A-H]/g,
    (letter) => `?${row * 8 + letter.charCodeAt(0) - 61}`,
  ),
);
const INSERT = "INSERT OR REPLACE INTO workkit_chat_log VALUES";
/** The statement for each number of rows without private parts. */
const INSERTS = VALUES.map((_, row) => `${INSERT} ${VALUES.slice(0, row + 1).join()}`);
/** The statement for one row with private parts. */
const INSERT_PRIVATE = `${INSERT} ${VALUES[0]?.replace("NULL", "?12")}`;

/**
 * The rows of the log: a ring of `capacity` slots. A new entry takes the row of the one that goes, and neighbours in the log
 * are neighbours on disk. An entry that is kept although its slot was taken is pinned: its slot is its seq, negated.
 * The slot gives an entry's place; what else a row says is checked by its readers (P19). docs/decisions/0002-log.md
 */
export class RingTable {
  readonly epoch: string;
  /** The newest seq when the log was opened, 0 for an empty one. */
  readonly newest: number;
  /** The seqs of the pinned entries. */
  readonly pinned = new Set<number>();
  readonly #storage: DurableObjectStorage;
  readonly #capacity: number;

  /** @throws Error for a log of a newer release */
  constructor(storage: DurableObjectStorage, capacity: number) {
    this.#storage = storage;
    this.#capacity = capacity;
    const { epoch, slots } = openSchema(storage.sql, capacity);
    const ring = this.#inspect(slots);
    const [first] = ring;
    const last = ring.at(-1);
    const newest = first && last ? this.#findNewest(first, last, slots) : 0;
    this.newest = newest ?? Number(last?.slot) + 1;
    const isKnown = newest !== undefined && epoch !== undefined;
    this.epoch = isKnown && slots === capacity ? epoch : this.#rebuild(slots, isKnown ? epoch : undefined);
  }

  /**
   * Columns of the rows of the ring from one seq to another. Read to their end: a cursor that is left open locks the table, so that it
   * could not be dropped.
   */
  select(columns: string, from: number, to: number, where = "", ...parameters: SqlStorageValue[]): SelectedRow[] {
    const selected: SelectedRow[] = [];
    while (from <= to) {
      // Neighbouring slots: the ring may wrap between the two seqs.
      const slot = slotOf(from, this.#capacity);
      const count = Math.min(to - from + 1, this.#capacity - slot);
      const rows = this.#rows(
        `slot, ${columns}`,
        // Without a limit the row after the last one would be read, too.
        `slot BETWEEN ? AND ? ${where} ORDER BY slot LIMIT ?`,
        slot,
        slot + count - 1,
        ...parameters,
        count,
      );
      for (const row of rows.raw<SelectedRow>()) {
        row[0] += from - slot;
        selected.push(row);
      }
      from += count;
    }
    return selected;
  }

  /** Columns of one row, pinned or not, if it is there. */
  get(columns: string, seq: number): Row | undefined {
    return this.#rows(columns, "slot = ?", this.#slot(seq)).toArray()[0];
  }

  /** The time of the entry before `seq` that has one, or else of the one after. */
  timeAround(seq: number, latest: number): number {
    const time = "coalesce(max(iif(seq < ?1, timestamp, NULL)), min(timestamp)) AS time";
    return Number(this.#rows(time, "timestamp BETWEEN 0 AND ?2", seq, latest).one()["time"]);
  }

  /** The seqs after `settled` whose turn is unfinished. */
  readUnfinished(settled: number): number[] {
    const from = Math.max(settled, this.newest - this.#capacity) + 1;
    const rows = this.select("ref, turn", from, this.newest, "AND turn IS NOT NULL");
    return unfinishedSeqs(this.pinned, rows).filter((seq) => seq <= this.newest);
  }

  /** Keeps the entry at `seq` although its slot will be taken. */
  pin(seq: number): void {
    this.#exec("UPDATE OR REPLACE workkit_chat_log SET slot = ? WHERE slot = ?", -seq, this.#slot(seq));
    this.pinned.add(seq);
  }

  unpin(seq: number): void {
    this.#exec("DELETE FROM workkit_chat_log WHERE slot = ?", -seq);
    this.pinned.delete(seq);
  }

  /** Sets the state of the turn of the entry at `seq`. */
  mark(seq: number, turn: number | null): void {
    this.#exec("UPDATE workkit_chat_log SET turn = ? WHERE slot = ? AND seq = ?", turn, this.#slot(seq), seq);
  }

  /** Writes entries: each takes the row of the one that is `capacity` older. */
  put(entries: readonly Entry[], { settled, tail }: LogMarkers): void {
    const shared = [this.#capacity, settled, tail];
    const plain = entries.filter((entry) => {
      const hidden = fittingPrivate(entry.message, entry.body);
      if (hidden !== null) this.#exec(INSERT_PRIVATE, ...shared, ...valuesOf(entry), hidden);
      return hidden === null;
    });
    for (let start = 0; start < plain.length; start += ROWS_PER_STATEMENT) {
      const some = plain.slice(start, start + ROWS_PER_STATEMENT);
      this.#exec(INSERTS[some.length - 1] ?? "", ...shared, ...some.flatMap(valuesOf));
    }
  }

  #slot(seq: number): number {
    return this.pinned.has(seq) ? -seq : slotOf(seq, this.#capacity);
  }

  /** Reads which entries are pinned. Returns the first and the last place of the ring. */
  #inspect(slots: number): Place[] {
    const places = this.#places(
      `slot <= (SELECT coalesce(min(slot), -1) FROM workkit_chat_log WHERE slot >= 0) UNION SELECT slot, seq
        FROM workkit_chat_log WHERE slot = (SELECT max(slot) FROM workkit_chat_log WHERE slot < ?) ORDER BY slot`,
      slots,
    );
    for (const { slot } of places) if (slot < 0) this.pinned.add(-slot);
    return places.slice(this.pinned.size);
  }

  /**
   * The newest seq. Where rows are out of place, `tail` shows that a seq is of the right lap; those that follow and cannot be read
   * count as newer, for no seq may be given twice (P19). `undefined` if no row shows it.
   */
  #findNewest(first: Place, last: Place, slots: number): number | undefined {
    const at = (slot: number) => this.#places("slot = ?", slot)[0];
    const found = findNewest(first, last, slots, at);
    if (found !== undefined) return found;
    const [newest] = this.#places(
      "seq < 1e15 AND (seq - 1) % ?1 = slot AND seq BETWEEN tail AND tail + ?1 - 1 ORDER BY seq DESC LIMIT 1",
      slots,
    );
    if (newest === undefined || lapOf(newest, slots) === undefined) return undefined;
    for (let seq = Number(newest.seq); ; seq++) {
      const next = at(slotOf(seq + 1, slots));
      if (next === undefined || lapOf(next, slots) !== undefined) return seq;
    }
  }

  /**
   * Copies what has a place in a ring of this capacity, and what is unfinished, as it is. Without an epoch the log gets a new one, and
   * its seqs are those of the slots. Returns the epoch.
   *
   * @param slots the slots of the ring on disk
   */
  #rebuild(slots: number, known: string | undefined): string {
    const oldest = this.newest - this.#capacity;
    const toPlace = (slot: number) => (slot < 0 ? -slot : this.newest - ((this.newest - 1 - slot + slots) % slots));
    const turns = [...this.#rows("slot, ref, turn", "turn IS NOT NULL").raw<SelectedRow>()];
    for (const row of turns) row[0] = toPlace(row[0]);
    const unfinished = new Set(unfinishedSeqs([], turns));
    this.pinned.clear();
    return this.#storage.transactionSync(() => {
      this.#exec("ALTER TABLE workkit_chat_log RENAME TO workkit_chat_log_before");
      const { epoch } = createTable(this.#storage.sql, this.#capacity, known);
      for (const row of this.#exec("SELECT * FROM workkit_chat_log_before WHERE slot < ?", slots)) {
        const seq = toPlace(Number(row["slot"]));
        const isInRing = Number(row["slot"]) >= 0 && seq > oldest;
        if (!isInRing && !unfinished.has(seq)) continue;
        if (!isInRing) this.pinned.add(seq);
        row["slot"] = this.#slot(seq);
        if (known === undefined) row["seq"] = seq;
        row["tail"] = Math.max(Number(row["tail"]), oldest + 1);
        this.#exec(
          "INSERT OR REPLACE INTO workkit_chat_log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          ...Object.values(row),
        );
      }
      this.#exec("DROP TABLE workkit_chat_log_before");
      return epoch;
    });
  }

  #places(where: string, ...parameters: SqlStorageValue[]): Place[] {
    return [...this.#rows("slot, seq", where, ...parameters)].map(({ slot, seq }) => ({ slot: Number(slot), seq }));
  }

  #rows(
    columns: string,
    where: string,
    ...parameters: SqlStorageValue[]
  ): SqlStorageCursor<Record<string, SqlStorageValue>> {
    return this.#exec(`SELECT ${columns} FROM workkit_chat_log WHERE ${where}`, ...parameters);
  }

  #exec(query: string, ...parameters: SqlStorageValue[]): SqlStorageCursor<Record<string, SqlStorageValue>> {
    return this.#storage.sql.exec(query, ...parameters);
  }
}

function valuesOf({ seq, message, author, ref, turn, body }: Entry): SqlStorageValue[] {
  return [seq, message.id, message.type, author, ref, turn, message.timestamp, body];
}
