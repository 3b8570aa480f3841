const CREATE =
  "CREATE TABLE workkit_chat_turn (slot INTEGER PRIMARY KEY, ref INTEGER, key TEXT, body TEXT, private TEXT)";

/** What an unfinished turn has on disk beside the log. */
export interface TurnRow {
  /** The seq of the message whose turn it is. */
  ref: number;
  /** `null` for a reply that is being streamed, the key for a call of `context.once`, empty for what its attempts have finished. */
  key: string | null;
  /** JSON; `null` for a call that has not finished. */
  body: string | null;
  /** Of a reply, its private parts as JSON. */
  private?: string | null;
}

/** A row that is read back. Nothing is known of its values (P19). */
export interface StoredTurnRow extends Record<string, SqlStorageValue> {
  slot: number;
}

/**
 * What turns keep until they end, in rows that are overwritten and never deleted. A session whose turns keep nothing has no such table.
 */
export class TurnTable {
  readonly #sql: SqlStorage;
  /** The slots that hold something to keep. */
  readonly #used = new Set<number>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Writes a row, in its slot if it has one. Returns the slot. */
  save({ ref, key, body, private: hidden = null }: TurnRow, slot = this.#free()): number {
    if (!this.#repair()) this.#sql.exec(CREATE);
    this.#sql.exec("INSERT OR REPLACE INTO workkit_chat_turn VALUES (?, ?, ?, ?, ?)", slot, ref, key, body, hidden);
    this.#used.add(slot);
    return slot;
  }

  /** The slot may be used for something else. */
  release(slot: number): void {
    this.#used.delete(slot);
  }

  /**
   * The rows of the messages at these seqs: of others, which turns that have ended left behind, nothing more than that is read. Of a call that
   * has finished `body` is 1: its result is read when it is asked for.
   */
  read(refs: ReadonlySet<number>): StoredTurnRow[] {
    if (!this.#repair()) return [];
    const columns = "slot, ref, key, iif(key > '', body IS NOT NULL, body) AS body, private";
    const places = [...this.#sql.exec<StoredTurnRow>("SELECT slot, ref FROM workkit_chat_turn")];
    const kept = places.filter(({ ref }) => refs.has(Number(ref)));
    for (const { slot } of kept) this.#used.add(slot);
    const read = `SELECT ${columns} FROM workkit_chat_turn WHERE slot = ?`;
    return kept.flatMap(({ slot }) => [...this.#sql.exec<StoredTurnRow>(read, slot)]);
  }

  /** The result of a call that has finished. */
  result(slot: number, key: string): unknown {
    return this.#sql.exec("SELECT body FROM workkit_chat_turn WHERE slot = ? AND key = ?", slot, key).toArray()[0]?.[
      "body"
    ];
  }

  /** Drops a table that is not what was created (P19). Returns whether there is one. */
  #repair(): boolean {
    const [table] = this.#sql.exec("SELECT sql FROM sqlite_master WHERE name = 'workkit_chat_turn'").raw();
    if (table === undefined || String(table) === CREATE) return table !== undefined;
    this.#sql.exec("DROP TABLE workkit_chat_turn");
    return false;
  }

  #free(): number {
    let slot = 0;
    while (this.#used.has(slot)) slot++;
    return slot;
  }
}
