/** Counts what an object writes, from its constructor on. */
export class WriteCounter {
  #cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
  #rows = 0;
  #transactions = 0;

  constructor(storage: DurableObjectStorage) {
    const { sql } = storage;
    const { exec } = sql;
    const cursors = () => this.#cursors;
    sql.exec = function counted(this: SqlStorage, ...parameters: Parameters<typeof exec>) {
      const cursor = exec.apply(this, parameters);
      cursors().push(cursor);
      return cursor;
    } as typeof exec;
    const { transactionSync } = storage;
    storage.transactionSync = <Value>(closure: () => Value): Value => {
      this.#transactions++;
      return transactionSync.call(storage, closure) as Value;
    };
  }

  /** So far: rows written, and explicit transactions. */
  report(): { rows: number; transactions: number } {
    // A cursor knows its rows when it has been read, which is by now.
    for (const { rowsWritten } of this.#cursors) this.#rows += rowsWritten;
    this.#cursors = [];
    return { rows: this.#rows, transactions: this.#transactions };
  }
}
