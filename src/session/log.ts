import type { ChatMessage } from "../protocol/envelope.js";
import { ENDS_TURN, Entry, type NewEntry, NO_TURN } from "./entry.js";
import { Rows } from "./rows.js";
import { migrate, writeEpoch } from "./schema.js";

/** An entry as it is read back: its place and its plain frame. */
export interface StoredEntry {
  seq: number;
  body: string;
  /** Bytes of the body as UTF-8. */
  bytes: number;
}

/** A turn that was owed when the object stopped. */
export interface OwedTurn {
  seq: number;
  message: ChatMessage;
  author: string;
  attempts: number;
}

/**
 * The session's log: one row written per envelope, pruning included. Each row also says up to where all turns were settled
 * and where the log began when it was committed, so that waking reads the last row and what is owed since, however long the
 * log is (P8).
 */
export class Log {
  /** The seqs whose turn is unfinished, in order: pruning leaves them alone (P11). */
  readonly owed: Set<number>;
  readonly #rows: Rows;
  #epoch: string;
  #head: number;
  #tail = 1;
  #timestamp = 0;
  #renewed = false;
  #pending: Entry[] = [];
  /** Turns that ended without a row of their own, after their message's row was written. */
  #endedSilently: number[] = [];

  constructor(
    private readonly storage: DurableObjectStorage,
    readonly capacity: number,
  ) {
    this.#epoch = migrate(storage);
    this.#rows = new Rows(storage, capacity);
    this.#head = this.#rows.newest;
    const last =
      this.#head === 0 ? undefined : this.#rows.get("settled, tail, body ->> 'timestamp' AS timestamp", this.#head);
    if (last !== undefined) {
      this.#tail = Number(last["tail"]);
      this.#timestamp = Number(last["timestamp"]);
    }
    this.owed = new Set(this.#rows.unfinished(Number(last?.["settled"] ?? 0)));
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

  /** Whether as many turns are owed as the log may hold. One that a running turn awaits is given twice the room. */
  isFull(awaited: boolean): boolean {
    return this.owed.size >= this.capacity * (awaited ? 2 : 1);
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
    if (entry.turn === ENDS_TURN && entry.ref !== null) this.#release(entry.ref);
    else if (entry.turn !== NO_TURN) this.owed.add(appended.seq);
    return appended;
  }

  /** The turn of the entry at `seq` is over and leaves no reply. */
  settle(seq: number): void {
    if (!this.#release(seq)) this.#endedSilently.push(seq);
  }

  get hasPending(): boolean {
    return this.#pending.length > 0 || this.#endedSilently.length > 0;
  }

  /**
   * Writes all that was appended and settled. It is on disk as a whole or not at all, for the platform commits what is written
   * without an await in between as one transaction, and drops it when the object is aborted, as whoever catches what this throws must.
   */
  commit(): void {
    const rows = this.#rows;
    for (const seq of rows.pinned) if (!this.owed.has(seq)) rows.unpin(seq);
    for (const seq of this.#endedSilently) rows.mark(seq, NO_TURN);
    const [oldest = Number.MAX_SAFE_INTEGER] = this.owed;
    const tail = Math.max(this.#tail, this.newest - this.capacity + 1);
    const standing = { settled: oldest - 1, tail };
    for (let seq = this.#tail; seq < tail; seq++) {
      if (!this.owed.has(seq)) continue;
      const unwritten = this.#pendingAt(seq);
      if (unwritten !== undefined) rows.put([unwritten], standing);
      rows.pin(seq);
    }
    // Of more than the log holds, the newest.
    rows.put(this.#pending.slice(Math.max(0, tail - this.#head - 1)), standing);
    this.#tail = tail;
    this.#head = this.newest;
    this.#pending = [];
    this.#endedSilently = [];
  }

  /** The envelopes after `seq`, oldest first. */
  read(after: number, limit: number): Generator<StoredEntry> {
    const from = Math.max(after + 1, this.tail);
    return toEntries(this.#rows.select(ENTRY, from, Math.min(from + limit - 1, this.#head)));
  }

  /** The envelopes before `seq`, newest first. */
  readBack(before: number, limit: number): Generator<StoredEntry> {
    const to = Math.min(before - 1, this.#head);
    return toEntries(this.#rows.selectBack(ENTRY, Math.max(this.tail, to - limit + 1), to));
  }

  /** Bytes of the envelopes after `seq`. */
  bytesAfter(after: number): number {
    let bytes = 0;
    const from = Math.max(after + 1, this.tail);
    for (const row of this.#rows.select("sum(octet_length(body)) AS bytes", from, this.#head))
      bytes += Number(row["bytes"]);
    return bytes;
  }

  /** The place of an id. Without an index, which would double the price of a message: it looks from the newest back. */
  find(id: string): number | undefined {
    return this.#rows.find(id, this.tail, this.#head);
  }

  /** What the turn of the message at `ref` has posted under this id. */
  findPost(id: string, ref = 0): ChatMessage | undefined {
    const [row] = [
      ...this.#rows.select("body", Math.max(ref + 1, this.tail), this.#head, "AND id = ? AND ref = ?", id, ref),
    ];
    return row === undefined ? undefined : parseBody(row["body"]);
  }

  /** The envelope at `seq`, written or about to be. */
  get(seq: number): ChatMessage | undefined {
    const found = this.#pendingAt(seq)?.body ?? this.#rows.get("body", seq)?.["body"];
    return found === undefined ? undefined : parseBody(found);
  }

  /** Who wrote which id, from `seq` on. */
  *authors(from: number): Generator<{ seq: number; id: string; author: string | null }> {
    for (const { seq, id, author } of this.#rows.select("seq, id, author", from, this.#head)) {
      yield { seq: Number(seq), id: String(id), author: author === null ? null : String(author) };
    }
  }

  /** The turns that were under way or waiting when the object last stopped, in order. */
  *interrupted(): Generator<OwedTurn> {
    for (const seq of this.owed) {
      const row = this.#rows.get("author, turn, body", seq);
      if (row === undefined) continue;
      yield { seq, message: parseBody(row["body"]), author: String(row["author"]), attempts: Number(row["turn"]) };
    }
  }

  /** Counts one more attempt before it begins, so that a message that breaks the object is not tried for ever. */
  countAttempt(seq: number, attempt: number): void {
    this.#rows.mark(seq, attempt);
  }

  /** Resolves when all that was written is on disk. */
  synced(): Promise<void> {
    return this.storage.sync();
  }

  /** Gives the log a new epoch and keeps what it holds, once while the object is awake. */
  renewOnce(): void {
    if (this.#renewed) return;
    this.#renewed = true;
    this.#epoch = writeEpoch(this.storage.sql);
  }

  /** Forgets everything, under a new epoch. */
  clear(): void {
    this.storage.transactionSync(() => {
      this.#rows.clear();
      this.#epoch = writeEpoch(this.storage.sql);
    });
    this.#head = 0;
    this.#tail = 1;
    this.#pending = [];
    this.#endedSilently = [];
    this.owed.clear();
  }

  #pendingAt(seq: number): Entry | undefined {
    return this.#pending[seq - this.#head - 1];
  }

  /** Whether the entry was not written yet, so that its row will say that its turn is over. */
  #release(seq: number): boolean {
    this.owed.delete(seq);
    const pending = this.#pendingAt(seq);
    if (pending !== undefined) pending.turn = NO_TURN;
    return pending !== undefined;
  }
}

const ENTRY = "seq, body, octet_length(body) AS bytes";

function* toEntries(rows: Iterable<Record<string, SqlStorageValue>>): Generator<StoredEntry> {
  for (const { seq, body, bytes } of rows) yield { seq: Number(seq), body: String(body), bytes: Number(bytes) };
}

/** The envelope in a stored body. The log wrote it, so it is one. */
export function parseBody(body: unknown): ChatMessage {
  return JSON.parse(String(body));
}
