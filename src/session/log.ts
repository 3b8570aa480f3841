import type { ChatMessage } from "../protocol/envelope.js";
import { ENDS_TURN, Entry, type NewEntry, NO_TURN } from "./entry.js";
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
 * The session's log in SQLite: one row written per envelope, pruning included, for at capacity the oldest row that may go
 * is overwritten. Each row also says up to where all turns were settled and where the log began when it was committed, so
 * that waking reads the last row and what is owed since, however long the log is (P8).
 */
export class Log {
  /** The seqs whose turn is unfinished, in order: pruning leaves them alone (P11). */
  readonly owed = new Set<number>();
  #epoch: string;
  #head = 0;
  #tail = 1;
  #timestamp = 0;
  #renewed = false;
  #pending: Entry[] = [];
  /** Turns that ended without a row of their own, after their message's row was written. */
  #endedSilently: number[] = [];
  /** Rows before the tail, kept because their turn was owed. */
  #outliers: number[] = [];
  readonly #sql: SqlStorage;

  constructor(
    private readonly storage: DurableObjectStorage,
    readonly capacity: number,
  ) {
    this.#sql = storage.sql;
    this.#epoch = migrate(storage);
    const [last] = this.#sql
      .exec("SELECT seq, tail, body ->> 'timestamp' AS timestamp FROM workkit_chat_log ORDER BY seq DESC LIMIT 1")
      .toArray();
    if (last === undefined) return;
    this.#head = Number(last["seq"]);
    this.#tail = Number(last["tail"]);
    this.#timestamp = Number(last["timestamp"]);
    const early = this.#sql.exec("SELECT seq FROM workkit_chat_log WHERE seq < ? ORDER BY seq", this.#tail).toArray();
    this.#outliers = early.map(({ seq }) => Number(seq));
  }

  get epoch(): string {
    return this.#epoch;
  }

  /** The newest seq that is written. */
  get head(): number {
    return this.#head;
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
  now(): number {
    return Math.max(Date.now(), this.#timestamp);
  }

  /** Gives an envelope its place. It is in the log once `commit` has run. */
  append(entry: NewEntry, body: string): Entry {
    const appended = new Entry(this.#head + this.#pending.length + 1, body, entry);
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

  /** Writes all that was appended and settled, in one transaction. */
  commit(): void {
    const written = this.#pending;
    this.storage.transactionSync(() => {
      // The rows that go travel with one that says where the log now begins, or a crash would leave a hole (P4).
      const free = written.length > 0 ? this.#evict() : [];
      const reusable = free.filter((seq) => seq <= this.#head);
      const dropped = new Set(free.filter((seq) => seq > this.#head));
      for (const entry of written) if (!dropped.has(entry.seq)) this.#write(entry, reusable.pop());
      if (reusable.length > 0) {
        const rest = JSON.stringify(reusable);
        this.#sql.exec("DELETE FROM workkit_chat_log WHERE seq IN (SELECT value FROM json_each(?))", rest);
      }
      for (const seq of this.#endedSilently) {
        this.#sql.exec("UPDATE workkit_chat_log SET turn = NULL WHERE seq = ?", seq);
      }
    });
    this.#head += written.length;
    this.#pending = [];
    this.#endedSilently = [];
  }

  /** The envelopes after `seq`, oldest first. */
  read(after: number, limit: number): Generator<StoredEntry> {
    const from = Math.max(after + 1, this.tail);
    return this.#read("seq >= ? ORDER BY seq LIMIT ?", from, limit);
  }

  /** The envelopes before `seq`, newest first. */
  readBack(before: number, limit: number): Generator<StoredEntry> {
    return this.#read("seq >= ? AND seq < ? ORDER BY seq DESC LIMIT ?", this.tail, before, limit);
  }

  /** Bytes of the envelopes after `seq`. */
  bytesAfter(after: number): number {
    const from = Math.max(after + 1, this.tail);
    const [row] = this.#sql.exec("SELECT SUM(octet_length(body)) AS bytes FROM workkit_chat_log WHERE seq >= ?", from);
    return Number(row?.["bytes"] ?? 0);
  }

  /** The place of an id. Without an index, which would double the price of a message: it looks from the newest back. */
  find(id: string): number | undefined {
    const [row] = this.#sql.exec(
      "SELECT seq FROM workkit_chat_log WHERE id = ? AND seq >= ? ORDER BY seq DESC LIMIT 1",
      id,
      this.tail,
    );
    return row === undefined ? undefined : Number(row["seq"]);
  }

  /** What the turn of the message at `ref` has posted under this id. */
  findPost(id: string, ref: number | undefined): ChatMessage | undefined {
    const [row] = this.#sql.exec("SELECT body FROM workkit_chat_log WHERE id = ? AND ref = ?", id, ref ?? null);
    return row === undefined ? undefined : parseBody(row["body"]);
  }

  /** The envelope at `seq`, written or about to be. */
  get(seq: number): ChatMessage | undefined {
    const pending = this.#pending[seq - this.#head - 1];
    if (pending !== undefined) return pending.message;
    const [row] = this.#sql.exec("SELECT body FROM workkit_chat_log WHERE seq = ?", seq);
    return row === undefined ? undefined : parseBody(row["body"]);
  }

  /** Who wrote which id, from `seq` on. */
  *authors(from: number): Generator<{ seq: number; id: string; author: string | null }> {
    const rows = this.#sql.exec("SELECT seq, id, author FROM workkit_chat_log WHERE seq >= ? ORDER BY seq", from);
    for (const { seq, id, author } of rows) {
      yield { seq: Number(seq), id: String(id), author: author === null ? null : String(author) };
    }
  }

  /** The turns that were under way or waiting when the object last stopped, in order. Marks them as owed. */
  interrupted(): OwedTurn[] {
    const rows = this.#sql
      .exec(
        `WITH recent AS (
           SELECT seq, author, ref, turn, body FROM workkit_chat_log
           WHERE seq > (SELECT settled FROM workkit_chat_log ORDER BY seq DESC LIMIT 1)
         )
         SELECT seq, author, turn, body FROM recent
         WHERE turn >= 0 AND seq NOT IN (SELECT ref FROM recent WHERE turn = ?)
         ORDER BY seq`,
        ENDS_TURN,
      )
      .toArray();
    return rows.map(({ seq, author, turn, body }) => {
      this.owed.add(Number(seq));
      return { seq: Number(seq), message: parseBody(body), author: String(author), attempts: Number(turn) };
    });
  }

  /** Counts one more attempt before it begins, so that a message that breaks the object is not tried for ever. */
  countAttempt(seq: number, attempt: number): void {
    this.#sql.exec("UPDATE workkit_chat_log SET turn = ? WHERE seq = ?", attempt, seq);
  }

  /** Resolves when all that was written is on disk. */
  synced(): Promise<void> {
    return this.storage.sync();
  }

  /** Gives the log a new epoch and keeps what it holds, once while the object is awake. */
  renewOnce(): void {
    if (this.#renewed) return;
    this.#renewed = true;
    this.#epoch = writeEpoch(this.#sql);
  }

  /** Forgets everything, under a new epoch. */
  clear(): void {
    this.storage.transactionSync(() => {
      this.#sql.exec("DELETE FROM workkit_chat_log");
      this.#epoch = writeEpoch(this.#sql);
    });
    this.#head = 0;
    this.#tail = 1;
    this.#pending = [];
    this.#endedSilently = [];
    this.#outliers = [];
    this.owed.clear();
  }

  /**
   * Moves the tail so that the newest `capacity` entries are left once the pending ones are written, and returns the seqs
   * that may go. Entries whose turn is owed stay, beside the others: at most twice `capacity` of them, for then the log is full.
   */
  #evict(): number[] {
    const free = this.#outliers.filter((seq) => !this.owed.has(seq));
    this.#outliers = this.#outliers.filter((seq) => this.owed.has(seq));
    const tail = this.#head + this.#pending.length - this.capacity + 1;
    while (this.#tail < tail) {
      const seq = this.#tail++;
      if (this.owed.has(seq)) this.#outliers.push(seq);
      else free.push(seq);
    }
    return free;
  }

  /** Into the row of an entry that goes, or a new one: either way one row written. */
  #write(entry: Entry, replaced: number | undefined): void {
    const { seq, message, author, ref, turn, body } = entry;
    const [oldest = Number.POSITIVE_INFINITY] = this.owed;
    const settled = Math.min(seq, oldest - 1);
    const values = [seq, message.id, message.type, author, ref, turn, settled, this.#tail, body];
    if (replaced === undefined) {
      this.#sql.exec("INSERT INTO workkit_chat_log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", ...values);
      return;
    }
    this.#sql.exec(
      `UPDATE workkit_chat_log SET seq = ?, id = ?, kind = ?, author = ?, ref = ?, turn = ?, settled = ?, tail = ?, body = ?
       WHERE seq = ?`,
      ...values,
      replaced,
    );
  }

  *#read(where: string, ...parameters: number[]): Generator<StoredEntry> {
    const columns = "SELECT seq, body, octet_length(body) AS bytes FROM workkit_chat_log";
    for (const { seq, body, bytes } of this.#sql.exec(`${columns} WHERE ${where}`, ...parameters)) {
      yield { seq: Number(seq), body: String(body), bytes: Number(bytes) };
    }
  }

  /** Whether the entry was not written yet, so that its row will say that its turn is over. */
  #release(seq: number): boolean {
    this.owed.delete(seq);
    const pending = this.#pending[seq - this.#head - 1];
    if (pending !== undefined) pending.turn = NO_TURN;
    return pending !== undefined;
  }
}

/** The envelope in a stored body. The log wrote it, so it is one. */
export function parseBody(body: unknown): ChatMessage {
  return JSON.parse(String(body));
}
