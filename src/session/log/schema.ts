/** The version of the schema. A release that changes it takes a log of any earlier version forward. */
const SCHEMA_VERSION = 1;

/** What the text of the table says of the log. It is no row: nothing has to be written for it, and no damaged cell changes it. */
export interface Schema {
  /** The random name of the log; `undefined` if it cannot be read (P19). */
  epoch: string | undefined;
  /** The slots of the ring on disk. */
  slots: number;
}

/** Reads the schema. A missing table is created. @throws Error for a log of a newer release */
export function openSchema(sql: SqlStorage, capacity: number): Schema {
  const [table] = sql.exec("SELECT sql FROM sqlite_master WHERE name = 'workkit_chat_log' LIMIT 1").raw();
  if (table === undefined) return createTable(sql, capacity);
  const [, version, slots, epoch] = /version (\d+)(?:, ring of (\d+), epoch ([0-9a-f]{16}))?/.exec(String(table)) ?? [];
  if (Number(version) > SCHEMA_VERSION) {
    throw new Error(
      `The log has schema version ${version}, this release reads ${SCHEMA_VERSION}: deploy the newer release again.`,
    );
  }
  return { epoch, slots: Number(slots ?? capacity) };
}

/** Drops the log, whatever is in it: the next one to be opened is empty and has another epoch (P19). */
export function dropLog({ sql }: DurableObjectStorage): void {
  for (const name of ["log", "turn", "call"]) sql.exec(`DROP TABLE IF EXISTS workkit_chat_${name}`);
}

/** Creates the table of the log. */
export function createTable(
  sql: SqlStorage,
  slots: number,
  epoch = crypto.randomUUID().replaceAll("-", "").slice(0, 16),
): Schema & { epoch: string } {
  sql.exec(`CREATE TABLE workkit_chat_log (
  slot INTEGER PRIMARY KEY, -- version ${SCHEMA_VERSION}, ring of ${slots}, epoch ${epoch}
  seq INTEGER,
  id TEXT,
  kind TEXT,
  author TEXT,
  ref INTEGER,
  turn INTEGER,
  settled INTEGER,
  tail INTEGER,
  timestamp INTEGER,
  body TEXT,
  private TEXT
)`);
  return { epoch, slots };
}
