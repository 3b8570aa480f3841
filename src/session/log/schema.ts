const META_TABLE = "CREATE TABLE IF NOT EXISTS workkit_chat_meta (name TEXT PRIMARY KEY, value ANY) WITHOUT ROWID";

/** The version of the schema. A release that changes it takes a log of any earlier version forward. */
const SCHEMA_VERSION = 1;

/**
 * The table of the log. Its text says which version of the schema it is and for how many slots the ring was laid out: no row that
 * could be damaged, and none that has to be written.
 */
export function logTable(capacity: number): string {
  return `CREATE TABLE workkit_chat_log (
  slot INTEGER PRIMARY KEY, -- version ${SCHEMA_VERSION}, ring of ${capacity}
  seq INTEGER,
  id TEXT,
  kind TEXT,
  author TEXT,
  ref INTEGER,
  turn INTEGER,
  settled INTEGER,
  tail INTEGER,
  timestamp INTEGER,
  body TEXT
)`;
}

/** What stands in the database before any row of the log is read. */
export interface Schema {
  epoch: string;
  /** The slots of the ring as it is on disk. */
  laidOut: number;
}

/**
 * Reads the epoch and the layout. Whatever is missing or cannot be read is made again, under a new epoch, for what the log
 * was can then no longer be told (P19). Rows that are there stay.
 *
 * @throws Error for a log of a newer release
 */
export function openSchema({ sql }: DurableObjectStorage, capacity: number): Schema {
  const texts = readPairs(sql, "SELECT name, sql FROM sqlite_master WHERE name LIKE 'workkit_chat%'");
  const table = texts["workkit_chat_log"];
  const [, version, slots] = /version (\d+), ring of (\d+)/.exec(String(table)) ?? [];
  if (Number(version) > SCHEMA_VERSION) throw new Error(newer(version));
  const laidOut = Number(slots ?? capacity);
  if (table !== undefined && "workkit_chat_meta" in texts) {
    const { epoch } = readPairs(sql, "SELECT name, value FROM workkit_chat_meta");
    if (/^[0-9a-f]{16}$/.test(String(epoch))) return { epoch: String(epoch), laidOut };
  }
  sql.exec(META_TABLE);
  if (table === undefined) sql.exec(logTable(capacity));
  return { epoch: renewEpoch(sql), laidOut };
}

/** Drops all that is ours and begins again under a new epoch, whatever stood there (P19). */
export function resetSchema(storage: DurableObjectStorage, capacity: number): Schema {
  storage.sql.exec("DROP TABLE IF EXISTS workkit_chat_log; DROP TABLE IF EXISTS workkit_chat_meta");
  return openSchema(storage, capacity);
}

/** Gives the log a new random name: cursors into the old one are void. */
export function renewEpoch(sql: SqlStorage): string {
  const epoch = crypto.randomUUID().replaceAll("-", "").slice(0, 16);
  sql.exec("INSERT OR REPLACE INTO workkit_chat_meta VALUES ('epoch', ?)", epoch);
  return epoch;
}

function newer(version: unknown): string {
  return `The log has schema version ${version}, this release reads ${SCHEMA_VERSION}: deploy the newer release again.`;
}

function readPairs(sql: SqlStorage, query: string): Record<string, SqlStorageValue> {
  return Object.fromEntries(sql.exec<Record<string, SqlStorageValue>>(query).raw());
}
