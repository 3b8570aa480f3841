import type { ChatMessage } from "../../protocol/envelope.js";
import type { Cursor } from "./cursor.js";
import { COMPLETES_TURN, Entry, type NewEntry, NO_TURN } from "./entry.js";
import { LogReader, type StoredEntry } from "./log-reader.js";
import { RingTable } from "./ring-table.js";
import { openSchema, renewEpoch, resetSchema } from "./schema.js";
import { CHECKED_COLUMNS, readEnvelope } from "./stored.js";

/** A turn that was owed when the object stopped. */
export interface UnfinishedTurn {
  seq: number;
  message: ChatMessage;
  author: string;
  /** How often it was begun; `Infinity` where that, or the message, cannot be read: it must not run (P19). */
  attempts: number;
}

/**
 * The session's log: one row written per envelope, pruning included. Each row also says up to where all turns were settled
 * and where the log began when it was committed, so that waking reads the last row and what is owed since, however long the
 * log is (P8).
 */
export class Log {
  /** The seqs whose turn is unfinished, in order: pruning leaves them alone (P11). */
  readonly unfinished: Set<number>;
  readonly #rows: RingTable;
  #reader: LogReader;
  #epoch: string;
  #head: number;
  #tail = 1;
  #timestamp = 0;
  #pending: Entry[] = [];
  /** How turns stand from the next commit on, where the row of their message is written already. */
  readonly #marks = new Map<number, number | null>();

  readonly #storage: DurableObjectStorage;

  constructor(
    storage: DurableObjectStorage,
    readonly capacity: number,
  ) {
    this.#storage = storage;
    const { epoch, laidOut } = openSchema(storage, capacity);
    this.#rows = new RingTable(storage, capacity, laidOut);
    this.#epoch = this.#rows.isLost ? renewEpoch(storage.sql) : epoch;
    this.#head = this.#rows.newest;
    this.#reader = new LogReader(this.#rows, this);
    this.unfinished = new Set(this.#rows.readUnfinished(this.#restore()));
  }

  get epoch(): string {
    return this.#epoch;
  }

  /** The newest seq that is written. */
  get head(): number {
    return this.#head;
  }

  /** The newest seq that is given, written or not. */
  get newest(): number {
    return this.#head + this.#pending.length;
  }

  /** The oldest seq from which the log is whole, within what `capacity` allows. */
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
  append(entry: NewEntry, body: string): Entry {
    const appended = new Entry(this.newest + 1, body, entry);
    this.#timestamp = entry.message.timestamp;
    this.#pending.push(appended);
    if (entry.turn === COMPLETES_TURN && entry.ref !== null) {
      this.unfinished.delete(entry.ref);
      // A row that is written already needs no change: this one ends its turn.
      if (entry.ref > this.#head) this.#mark(entry.ref, NO_TURN);
    } else if (entry.turn !== NO_TURN) this.unfinished.add(appended.seq);
    return appended;
  }

  /** The turn of the entry at `seq` is over and leaves no reply. */
  settle(seq: number): void {
    this.unfinished.delete(seq);
    this.#mark(seq, NO_TURN);
  }

  get hasPending(): boolean {
    return this.#pending.length > 0 || this.#marks.size > 0;
  }

  /**
   * Writes all that was appended and settled. It is on disk as a whole or not at all, for the platform commits what is written
   * without an await in between as one transaction, and drops it when the object is aborted, as whoever catches what this throws must.
   */
  commit(): void {
    const rows = this.#rows;
    for (const seq of rows.pinned) if (!this.unfinished.has(seq)) rows.unpin(seq);
    for (const [seq, turn] of this.#marks) rows.mark(seq, turn);
    const [oldest = Number.MAX_SAFE_INTEGER] = this.unfinished;
    const tail = Math.max(this.#tail, this.newest - this.capacity + 1);
    const standing = { settled: oldest - 1, tail };
    for (let seq = this.#tail; seq < tail; seq++) {
      if (!this.unfinished.has(seq)) continue;
      const unwritten = this.#pendingAt(seq);
      if (unwritten !== undefined) rows.put([unwritten], standing);
      rows.pin(seq);
    }
    // Of more than the log holds, the newest.
    rows.put(this.#pending.slice(Math.max(0, tail - this.#head - 1)), standing);
    for (const { seq } of this.#pending) this.#reader.approve(seq);
    this.#tail = tail;
    this.#head = this.newest;
    this.#pending = [];
    this.#marks.clear();
  }

  /** The envelopes after `seq`, oldest first. */
  read(after: number, limit: number): Generator<StoredEntry> {
    const from = Math.max(after + 1, this.tail);
    return this.#reader.entries(from, Math.min(from + limit - 1, this.#head), 1);
  }

  /** The envelopes before `seq`, newest first. */
  readBack(before: number, limit: number): Generator<StoredEntry> {
    const to = Math.min(before - 1, this.#head);
    return this.#reader.entries(Math.max(this.tail, to - limit + 1), to, -1);
  }

  /** Bytes of the envelopes after `seq`. */
  bytesAfter(after: number): number {
    let bytes = 0;
    const from = Math.max(after + 1, this.tail);
    for (const row of this.#rows.select("sum(octet_length(body)) AS bytes", from, this.#head))
      bytes += Number(row["bytes"]);
    return bytes;
  }

  /**
   * The oldest entry with this id. Without an index, which would double the price of a message, all ids are looked through.
   */
  find(id: string): { seq: number; timestamp: number } | undefined {
    const row = this.#rows.find(id, this.tail, this.#head);
    return row && { seq: Number(row["seq"]), timestamp: Number(row["timestamp"]) };
  }

  /** The seq of a cursor; `undefined` for one of another log, beyond the head, or of another entry (P4). */
  place(cursor: Cursor | undefined): number | undefined {
    if (cursor?.epoch !== this.#epoch || cursor.seq > this.#head) return undefined;
    const { seq, timestamp } = cursor;
    const isAnother = timestamp !== undefined && seq >= this.tail && this.#reader.timestamp(seq) !== timestamp;
    return isAnother ? undefined : seq;
  }

  /** What the turn of the message at `ref` has posted at this place, or under the id that it gave. */
  findPost(ref: number, suffix: string, id?: string): ChatMessage | undefined {
    const [column, pattern] = id === undefined ? ["id LIKE", `~%${suffix}`] : ["id =", id];
    const from = Math.max(ref + 1, this.tail);
    const where = `AND ref = ? AND ${column} ?`;
    for (const row of this.#rows.select(CHECKED_COLUMNS, from, this.#head, 1, where, ref, pattern)) {
      const post = readEnvelope(row, this.#rows.seqOf(Number(row["slot"]), from));
      if (post !== undefined) return post;
    }
    return undefined;
  }

  /** The envelope at `seq`, written or about to be, or what stands in for it. */
  get(seq: number): ChatMessage {
    const pending = this.#pendingAt(seq);
    return pending === undefined ? this.#reader.message(seq) : parseBody(pending.body);
  }

  /** Who wrote which id, from `seq` on. */
  *authors(from: number): Generator<{ seq: number; id: string; author: string | null }> {
    for (const { slot, id, author } of this.#rows.select("slot, id, author", from, this.#head)) {
      const isReadable = typeof id === "string" && (author === null || typeof author === "string");
      if (isReadable) yield { seq: this.#rows.seqOf(Number(slot), from), id, author };
    }
  }

  /** The turns that were under way or waiting when the object last stopped, in order. */
  *interrupted(): Generator<UnfinishedTurn> {
    for (const seq of this.unfinished) {
      const row = this.#rows.get(`turn, ${CHECKED_COLUMNS}`, seq);
      const message = readEnvelope(row, seq);
      const { turn, author } = row ?? {};
      if (message === undefined || typeof author !== "string" || !isWithin(turn, 0, Number.MAX_SAFE_INTEGER)) {
        yield { seq, message: this.#reader.message(seq), author: "", attempts: Number.POSITIVE_INFINITY };
      } else yield { seq, message, author, attempts: turn };
    }
  }

  /** The turn of the entry at `seq` begins: `attempt` counts how often it has. */
  countAttempt(seq: number, attempt: number): void {
    this.#mark(seq, attempt);
  }

  /** Resolves when all that was written is on disk. */
  synced(): Promise<void> {
    return this.#storage.sync();
  }

  /** Forgets everything, under a new epoch. */
  clear(): void {
    this.#epoch = resetSchema(this.#storage, this.capacity).epoch;
    this.#rows.pinned.clear();
    this.#reader = new LogReader(this.#rows, this);
    this.#head = 0;
    this.#tail = 1;
    this.#pending = [];
    this.#marks.clear();
    this.unfinished.clear();
  }

  /** Takes what the newest row that can be read says of the log. Returns the seq up to which all turns are over. */
  #restore(): number {
    for (let seq = this.#head; seq > Math.max(0, this.#head - this.capacity); seq--) {
      const row = this.#rows.get(`settled, tail, ${CHECKED_COLUMNS}`, seq);
      const message = readEnvelope(row, seq);
      const { tail, settled } = row ?? {};
      if (message === undefined || !isWithin(tail, 1, this.#head) || !isWithin(settled, 0, this.#head)) continue;
      this.#timestamp = message.timestamp;
      this.#tail = tail;
      return settled;
    }
    return 0;
  }

  #pendingAt(seq: number): Entry | undefined {
    return this.#pending[seq - this.#head - 1];
  }

  #mark(seq: number, turn: number | null): void {
    const pending = this.#pendingAt(seq);
    if (pending === undefined) this.#marks.set(seq, turn);
    else pending.turn = turn;
  }
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}

/** The envelope in a stored body that was checked. */
export function parseBody(body: string): ChatMessage {
  return JSON.parse(body);
}
