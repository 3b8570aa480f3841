import type { Row } from "./markers.js";

const CREATE = "CREATE TABLE workkit_chat_stream (slot INTEGER PRIMARY KEY, ref INTEGER, body TEXT, private TEXT)";

/** What was last saved of a reply that was being streamed. */
export interface SavedReply {
  slot: number;
  /** The seq of the message whose turn streamed it. */
  ref: number;
  /** The draft of its envelope as JSON. Nothing is known of it (P19). */
  body: string;
  /** Its private parts as JSON. Nothing is known of them either. */
  private: unknown;
}

/**
 * The replies that are being streamed, as they were when they were last saved: one row each, which is overwritten and never deleted. A
 * session without streams has no such table.
 */
export class ReplyTable {
  readonly #sql: SqlStorage;
  /** The slots that hold something to keep. */
  readonly #used = new Set<number>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Saves a reply, in its slot if it has one. Returns the slot. */
  save(ref: number, body: string, hidden: string | null, slot = this.#free()): number {
    if (!this.#repair()) this.#sql.exec(CREATE);
    this.#sql.exec("INSERT OR REPLACE INTO workkit_chat_stream VALUES (?, ?, ?, ?)", slot, ref, body, hidden);
    this.#used.add(slot);
    return slot;
  }

  /** The slot may be used for another reply. */
  release(slot: number): void {
    this.#used.delete(slot);
  }

  /** What was saved for the messages at these seqs. */
  read(refs: ReadonlySet<number>): SavedReply[] {
    const rows: Row[] = this.#repair() ? [...this.#sql.exec("SELECT * FROM workkit_chat_stream")] : [];
    const saved = rows.map(({ slot, ref, body, private: hidden }) => ({
      slot: Number(slot),
      ref: Number(ref),
      body: String(body),
      private: hidden,
    }));
    const kept = saved.filter(({ ref }) => refs.has(ref));
    for (const { slot } of kept) this.#used.add(slot);
    return kept;
  }

  /** Drops a table that is not what was created (P19). Returns whether there is one. */
  #repair(): boolean {
    const [table] = this.#sql.exec("SELECT sql FROM sqlite_master WHERE name = 'workkit_chat_stream'").raw();
    if (table === undefined || String(table) === CREATE) return table !== undefined;
    this.#sql.exec("DROP TABLE workkit_chat_stream");
    return false;
  }

  #free(): number {
    let slot = 0;
    while (this.#used.has(slot)) slot++;
    return slot;
  }
}
