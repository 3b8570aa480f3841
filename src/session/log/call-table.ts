const CREATE =
  "CREATE TABLE workkit_chat_call (author TEXT, reply INTEGER, calls TEXT, body TEXT, PRIMARY KEY (author, reply)) WITHOUT ROWID";

/** The open calls of a reply, as they are kept. Nothing is known of what is read (P19). */
export interface CallRow {
  /** The id of the identity whose message the reply answers. */
  author: string;
  /** The seq of the reply. */
  reply: number;
  /** What is read to find a call, as JSON. */
  calls: string;
}

/**
 * The calls that wait for an answer, one row for each reply that has some. Its key begins with the author, so that a message reads the rows
 * of its author alone. A session without open calls has no such table: it is made with the first, and nothing looks for it before.
 */
export class CallTable {
  readonly #sql: SqlStorage;
  #isMissing = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Writes the row of a reply, in place of the one that is there. */
  save({ author, reply, calls }: CallRow, body: string): void {
    const insert = () => {
      this.#sql.exec("INSERT OR REPLACE INTO workkit_chat_call VALUES (?, ?, ?, ?)", author, reply, calls, body);
    };
    this.#isMissing = false;
    try {
      insert();
    } catch (error) {
      const [table] = this.#sql.exec("SELECT sql FROM sqlite_master WHERE name = 'workkit_chat_call'").raw();
      if (String(table) === CREATE) throw error;
      this.#sql.exec("DROP TABLE IF EXISTS workkit_chat_call");
      this.#sql.exec(CREATE);
      insert();
    }
  }

  delete({ author, reply }: Pick<CallRow, "author" | "reply">): void {
    this.#read("DELETE FROM workkit_chat_call WHERE author = ? AND reply = ?", author, reply);
  }

  /** The rows of an author, or all. */
  rows(author?: string): CallRow[] {
    const where = author === undefined ? [] : [author];
    const rows = this.#read(
      `SELECT author, reply, calls FROM workkit_chat_call ${where.map(() => "WHERE author = ?")}`,
      ...where,
    );
    return rows.map(([by, reply, calls]) => ({ author: String(by), reply: Number(reply), calls: String(calls) }));
  }

  /** What else is kept of a reply, as JSON. */
  body({ author, reply }: Pick<CallRow, "author" | "reply">): string {
    const [row] = this.#read("SELECT body FROM workkit_chat_call WHERE author = ? AND reply = ?", author, reply);
    return String(row?.[0]);
  }

  /** A table that is missing, or is not what was created, has no rows. */
  #read(query: string, ...parameters: SqlStorageValue[]): SqlStorageValue[][] {
    if (this.#isMissing) return [];
    try {
      return [...this.#sql.exec(query, ...parameters).raw()];
    } catch {
      this.#isMissing = true;
      return [];
    }
  }
}
