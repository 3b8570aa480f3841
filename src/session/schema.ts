/** The rows of the log, as `Rows` keeps them. */
export const LOG_TABLE = `CREATE TABLE workkit_chat_log (
  slot INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  author TEXT,
  ref INTEGER,
  turn INTEGER,
  settled INTEGER NOT NULL,
  tail INTEGER NOT NULL,
  body TEXT NOT NULL
)`;

/** One step per release that changed the schema; a log of any earlier version is taken forward step by step. */
const MIGRATIONS: readonly string[] = [LOG_TABLE];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** Brings the schema to this version, and names a log that has no name yet. Returns its epoch. */
export function migrate(storage: DurableObjectStorage): string {
  const { sql } = storage;
  const version = readVersion(sql);
  if (version > SCHEMA_VERSION) {
    throw new Error(
      `The log has schema version ${version}, this release of @workkit/chat knows ${SCHEMA_VERSION}: deploy the newer release again.`,
    );
  }
  if (version < SCHEMA_VERSION) {
    storage.transactionSync(() => {
      if (version === 0) {
        sql.exec("CREATE TABLE workkit_chat_meta (name TEXT PRIMARY KEY, value ANY) WITHOUT ROWID");
        writeEpoch(sql);
      }
      for (const step of MIGRATIONS.slice(version)) sql.exec(step);
      sql.exec("INSERT OR REPLACE INTO workkit_chat_meta VALUES ('version', ?)", SCHEMA_VERSION);
    });
  }
  return String(readMeta(sql, "epoch"));
}

/** Gives the log a new random name: cursors into the old one are void. */
export function writeEpoch(sql: SqlStorage): string {
  const epoch = crypto.randomUUID().replaceAll("-", "").slice(0, 16);
  sql.exec("INSERT OR REPLACE INTO workkit_chat_meta VALUES ('epoch', ?)", epoch);
  return epoch;
}

function readVersion(sql: SqlStorage): number {
  const tables = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'workkit_chat_meta'").toArray();
  return tables.length === 0 ? 0 : Number(readMeta(sql, "version"));
}

function readMeta(sql: SqlStorage, name: string): SqlStorageValue | undefined {
  return sql.exec("SELECT value FROM workkit_chat_meta WHERE name = ?", name).toArray()[0]?.["value"];
}
