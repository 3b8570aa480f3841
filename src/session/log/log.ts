import type { ChatMessage } from "../../protocol/envelope.js";
import { CallTable } from "./call-table.js";
import type { Cursor } from "./cursor.js";
import { COMPLETES_TURN, type Entry, type NewEntry, NO_TURN, type TURN_FAILED } from "./entry.js";
import { LogReader, type StoredEntry } from "./log-reader.js";
import { isInteger, type LogMarkers, readMarkers, type SelectedRow } from "./markers.js";
import { RingTable } from "./ring-table.js";
import { dropLog } from "./schema.js";
import { CHECKED_COLUMNS, nameChecked, readEnvelope } from "./stored.js";
import { TurnTable } from "./turn-table.js";

/** Where an entry comes from. Nothing is known of the values (P19). */
export interface EntryOrigin extends Record<"author" | "ref" | "kind", unknown> {
  seq: number;
}

/** A turn that was unfinished when the object stopped. */
export interface UnfinishedTurn {
  seq: number;
  message: ChatMessage;
  author: string;
  /** The seq of the message that it answers again, if it does. Nothing is known of it (P19). */
  ref: unknown;
  /** How often it has started; `Infinity` where that, or the message, cannot be read: it must not run (P19). */
  attempts: number;
}

/**
 * The session's log: one row written per envelope, pruning included. Each row also holds the markers as of its commit, so that a
 * wake-up reads the newest row and what is unfinished since, however long the log is (P8).
 */
export class Log {
  /** The seqs whose turn is unfinished, in order: pruning leaves them alone (P11). */
  unfinished = new Set<number>();
  /** What unfinished turns keep beside the log. */
  turns: TurnTable;
  /** The calls that replies have left open. */
  readonly calls: CallTable;
  #rows: RingTable;
  #reader: LogReader;
  #head = 0;
  #tail = 1;
  #timestamp = 0;
  #pending: Entry[] = [];
  /** The states of turns that the next commit writes, where the row of their message is written already. */
  readonly #marks = new Map<number, number | null>();

  readonly #storage: DurableObjectStorage;

  /**
   * Opens the log, or creates it.
   *
   * @param capacity entries that it keeps; what the log on disk has more is pruned
   * @throws Error for a log of a newer release
   */
  constructor(
    storage: DurableObjectStorage,
    readonly capacity: number,
  ) {
    this.#storage = storage;
    this.turns = new TurnTable(storage.sql);
    this.calls = new CallTable(storage.sql);
    this.#rows = new RingTable(storage, capacity);
    this.#reader = new LogReader(this.#rows, this);
    this.#head = this.#rows.newest;
    this.unfinished = new Set(this.#rows.readUnfinished(this.#restore()));
  }

  /** Its random name, new when it is cleared or created again. */
  get epoch(): string {
    return this.#rows.epoch;
  }

  /** The newest seq that is written. */
  get head(): number {
    return this.#head;
  }

  /** The newest seq that is given, written or not. */
  get newest(): number {
    return this.#head + this.#pending.length;
  }

  /** The oldest seq from which the log is whole, within `capacity`. */
  get tail(): number {
    return Math.max(this.#tail, this.#head - this.capacity + 1);
  }

  /** The time of the newest entry. */
  get timestamp(): number {
    return this.#timestamp;
  }

  /** A timestamp for the next entry: the clock's, but never before the last one's. */
  now(clock = Date.now()): number {
    return Math.max(clock, this.#timestamp);
  }

  /** Gives an envelope its place. It is in the log once `commit` has run. */
  append({ message, author, ref, turn, source }: NewEntry, body: string): Entry {
    const seq = this.newest + 1;
    const appended: Entry = { kind: "entry", seq, message, author, ref, turn, source, body, frames: {} };
    this.#timestamp = message.timestamp;
    this.#pending.push(appended);
    if (turn === COMPLETES_TURN && ref !== null) {
      this.unfinished.delete(ref);
      // A row that is written already needs no change: this one completes its turn.
      if (ref > this.#head) this.setTurn(ref, NO_TURN);
    } else if (turn !== NO_TURN) this.unfinished.add(seq);
    return appended;
  }

  /** Ends the turn of the entry at `seq` without a reply. */
  settle(seq: number, turn: typeof NO_TURN | typeof TURN_FAILED = NO_TURN): void {
    this.unfinished.delete(seq);
    this.setTurn(seq, turn);
  }

  /** Sets the state of the turn of the entry at `seq`: which attempt starts, or how it ended. */
  setTurn(seq: number, turn: number | null): void {
    const pending = this.#pendingAt(seq);
    if (pending === undefined) this.#marks.set(seq, turn);
    else pending.turn = turn;
  }

  get hasPending(): boolean {
    return this.#pending.length > 0 || this.#marks.size > 0;
  }

  /**
   * Writes all that was appended and settled. It is on disk as a whole or not at all: the platform commits what is written without an
   * `await` in between as one transaction, and drops it when the object is aborted. So the caller must abort the object if this throws.
   */
  commit(): void {
    const rows = this.#rows;
    for (const seq of rows.pinned) if (!this.unfinished.has(seq)) rows.unpin(seq);
    for (const [seq, turn] of this.#marks) rows.mark(seq, turn);
    const [oldest = Number.MAX_SAFE_INTEGER] = this.unfinished;
    const tail = Math.max(this.#tail, this.newest - this.capacity + 1);
    const markers: LogMarkers = { settled: oldest - 1, tail };
    for (let seq = this.#tail; seq < tail; seq++) {
      if (!this.unfinished.has(seq)) continue;
      const unwritten = this.#pendingAt(seq);
      if (unwritten !== undefined) rows.put([unwritten], markers);
      rows.pin(seq);
    }
    // Of more than the log holds, the newest.
    rows.put(this.#pending.slice(Math.max(0, tail - this.#head - 1)), markers);
    for (const { seq } of this.#pending) this.#reader.approve(seq);
    this.#tail = tail;
    this.#head = this.newest;
    this.#pending = [];
    this.#marks.clear();
  }

  /** The entries after `seq`, oldest first. */
  read(after: number, limit: number): Iterable<StoredEntry> {
    const from = Math.max(after + 1, this.tail);
    return this.#reader.entries(from, Math.min(from + limit - 1, this.#head));
  }

  /** The entries before `seq`, newest first. @param isPrivate whether to read the private parts, too */
  readBack(before: number, limit: number, isPrivate = false): Iterable<StoredEntry> {
    const to = Math.min(before - 1, this.#head);
    return this.#reader.entries(Math.max(this.tail, to - limit + 1), to, -1, isPrivate);
  }

  /** The oldest entry with this id. Without an index, which would double the price of a message, all ids before it are read. */
  find(id: string): { seq: number; timestamp: number } | undefined {
    const row = this.#first("timestamp", this.tail, "AND id = ?", id);
    return row && { seq: row[0], timestamp: Number(row[1]) };
  }

  /** The seq of a cursor; `undefined` for one of another log, beyond the head, or of another entry (P4). */
  place(cursor: Cursor | undefined): number | undefined {
    if (cursor?.epoch !== this.epoch || cursor.seq > this.#head) return undefined;
    const { seq, timestamp } = cursor;
    const isAnother = timestamp !== undefined && seq >= this.tail && this.#reader.at(seq).timestamp !== timestamp;
    return isAnother ? undefined : seq;
  }

  /** What the turn of the message at `ref` has posted at this place, or under the id that it gave. */
  findPost(ref: number, suffix: string, id?: string): ChatMessage | undefined {
    const where = `AND ref = ? AND id ${id === undefined ? "LIKE" : "="} ?`;
    const row = this.#first(CHECKED_COLUMNS, Math.max(ref + 1, this.tail), where, ref, id ?? `~%${suffix}`);
    return row && readEnvelope(nameChecked(row), row[0]);
  }

  /** How many entries unfinished turns have written, by the seq of their message. */
  countReplies(): Map<number, number> {
    const [oldest = this.#head] = this.unfinished;
    const rows = this.#rows.select("ref", Math.max(oldest + 1, this.tail), this.#head, "AND ref IS NOT NULL");
    const counts = new Map<number, number>();
    for (const [, ref] of rows) counts.set(Number(ref), (counts.get(Number(ref)) ?? 0) + 1);
    return counts;
  }

  /** The envelope at `seq`, written or about to be, or its stand-in. */
  get(seq: number): ChatMessage {
    return parseBody((this.#pendingAt(seq) ?? this.#reader.at(seq)).body);
  }

  /** What the rows from one seq to another say of who wrote them, and for whom. */
  *origins(from: number, to = this.#head): Generator<EntryOrigin> {
    for (const [seq, author, ref, kind] of this.#rows.select("author, ref, kind", Math.max(from, this.tail), to)) {
      yield { seq, author, ref, kind };
    }
  }

  /** The ids of entries from `seq` on, each with its author. */
  *authors(from: number): Generator<{ seq: number; id: string; author: string | null }> {
    for (const [seq, id, author] of this.#rows.select("id, author", from, this.#head)) {
      const isReadable = typeof id === "string" && (author === null || typeof author === "string");
      if (isReadable) yield { seq, id, author };
    }
  }

  /** The turns that had started or were queued when the object last stopped, in order. */
  *interrupted(): Generator<UnfinishedTurn> {
    for (const seq of this.unfinished) {
      const row = this.#rows.get(`ref, ${CHECKED_COLUMNS}`, seq);
      const message = readEnvelope(row, seq);
      const { turn, author, ref } = row ?? {};
      if (message === undefined || typeof author !== "string" || !isInteger(turn, 0)) {
        yield {
          seq,
          message: parseBody(this.#reader.standIn(seq).body),
          author: "",
          ref,
          attempts: Number.POSITIVE_INFINITY,
        };
      } else yield { seq, message, author, ref, attempts: turn };
    }
  }

  /** Resolves when all that was written is on disk. */
  synced(): Promise<void> {
    return this.#storage.sync();
  }

  /** Deletes everything, under a new epoch. */
  clear(): void {
    dropLog(this.#storage);
    this.turns = new TurnTable(this.#storage.sql);
    this.#rows = new RingTable(this.#storage, this.capacity);
    this.#reader = new LogReader(this.#rows, this);
    this.#head = 0;
    this.#tail = 1;
    this.#pending = [];
    this.#marks.clear();
    this.unfinished.clear();
  }

  /** Reads the markers of the newest row that is readable. Returns the seq up to which all turns are complete. */
  #restore(): number {
    for (let seq = this.#head; seq > Math.max(0, this.#head - this.capacity); seq--) {
      const row = this.#rows.get(`settled, tail, ${CHECKED_COLUMNS}`, seq);
      const message = readEnvelope(row, seq);
      const markers = row && readMarkers(row, this.#head);
      if (message === undefined || markers === undefined) continue;
      this.#timestamp = message.timestamp;
      this.#tail = markers.tail;
      return markers.settled;
    }
    return 0;
  }

  #first(columns: string, from: number, where: string, ...parameters: SqlStorageValue[]): SelectedRow | undefined {
    return this.#rows.select(columns, from, this.#head, where, ...parameters)[0];
  }

  #pendingAt(seq: number): Entry | undefined {
    return this.#pending[seq - this.#head - 1];
  }
}

/** The envelope in a stored body that was checked. */
export function parseBody(body: string): ChatMessage {
  return JSON.parse(body);
}
