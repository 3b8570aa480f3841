/** Counts what an object writes, from its constructor on. */
export class WriteCounter {
  #cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
  #rows = 0;
  #commits = 0;
  #goesOn = false;

  constructor({ sql }: DurableObjectStorage) {
    const { exec } = sql;
    const wrote = (cursor: SqlStorageCursor<Record<string, SqlStorageValue>>) => this.#add(cursor);
    sql.exec = function counted(this: SqlStorage, ...parameters: Parameters<typeof exec>) {
      const cursor = exec.apply(this, parameters);
      if (!parameters[0].startsWith("SELECT")) wrote(cursor);
      return cursor;
    } as typeof exec;
  }

  /** So far: rows written, and commits. The platform commits together what is written without an await in between. */
  report(): { rows: number; commits: number } {
    // A cursor knows its rows when it has been read, which is by now.
    for (const { rowsWritten } of this.#cursors) this.#rows += rowsWritten;
    this.#cursors = [];
    return { rows: this.#rows, commits: this.#commits };
  }

  #add(cursor: SqlStorageCursor<Record<string, SqlStorageValue>>): void {
    this.#cursors.push(cursor);
    if (this.#goesOn) return;
    this.#commits++;
    this.#goesOn = true;
    queueMicrotask(() => {
      this.#goesOn = false;
    });
  }
}
