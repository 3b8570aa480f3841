import { requireGlobal } from "../runtime.js";
import { STORAGE_TIMEOUT_MS } from "./persistence.js";
import type { CachedTail, SavedMessage } from "./storage.js";
import type { ClearableStorage } from "./web-storage.js";

/** What the storage needs of the Indexed Database API. Not every runtime has its types. */
interface DatabaseFactory {
  open(name: string, version: number): DatabaseRequest<Database> & { onupgradeneeded: unknown };
}
interface Database {
  close(): void;
  createObjectStore(name: string): unknown;
  transaction(store: string, mode: "readwrite"): Completion & { objectStore(name: string): ObjectStore };
}
interface ObjectStore {
  getAll(): DatabaseRequest<(SavedMessage | CachedTail)[]>;
  put(value: SavedMessage | CachedTail, key: string | number): DatabaseRequest<void>;
  delete(key: string): DatabaseRequest<void>;
  clear(): DatabaseRequest<void>;
}
interface Completion {
  readonly error: unknown;
}
interface DatabaseRequest<Result> extends Completion {
  readonly result: Result;
}

type Action<Result> = (store: ObjectStore) => DatabaseRequest<Result>;

/** The one store of a database. A message's key is its id; the tail's is a number, which no id can be. */
const STORE = "entries";
const TAIL_KEY = 0;

/**
 * A storage in IndexedDB, for long outboxes and large messages. Each name is a database, `workkit.chat/<name>`, and each message
 * an entry of it, so that several tabs can share it. Its limit is the browser's quota.
 *
 * @param name names one user in one session: another user, or another session, must have another name
 */
export function indexedDbStorage(name: string): ClearableStorage {
  let opened: Promise<Database> | undefined;
  const once = async <Result>(action: Action<Result>): Promise<Result> => {
    const forget = (): void => {
      if (opened === opening) opened = undefined;
    };
    const opening = opened ?? connect(`workkit.chat/${name}`, forget);
    opened = opening;
    // A database may hang or die without an event, as on iOS in the background: the next operation opens it again.
    const timer = setTimeout(forget, STORAGE_TIMEOUT_MS);
    try {
      const transaction = (await opening).transaction(STORE, "readwrite");
      const request = action(transaction.objectStore(STORE));
      await completed(transaction);
      return request.result;
    } catch (error) {
      forget();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
  const run = <Result>(action: Action<Result>): Promise<Result> => once(action).catch(() => once(action));
  return {
    name,
    async load() {
      const entries = await run((store) => store.getAll());
      return {
        messages: entries.filter((entry) => "message" in entry),
        cachedTail: entries.find((entry) => "messages" in entry),
      };
    },
    saveMessage: (saved) => run((store) => store.put(saved, saved.message.id)),
    removeMessage: (id) => run((store) => store.delete(id)),
    saveCachedTail: (tail) => run((store) => store.put(tail, TAIL_KEY)),
    clear: () => run((store) => store.clear()),
  };
}

/** @param onLost is called when the database has to be opened again: the user has cleared it, or it is to be deleted */
async function connect(name: string, onLost: () => void): Promise<Database> {
  const request = requireGlobal<DatabaseFactory>("indexedDB", "open").open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(STORE);
  };
  await completed(request);
  const database = request.result;
  // A deletion must not wait for this page, nor the next page for both.
  const onversionchange = (): void => {
    database.close();
    onLost();
  };
  return Object.assign(database, { onversionchange, onclose: onLost });
}

function completed(target: Completion): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(target.error);
    Object.assign(target, { onsuccess: resolve, oncomplete: resolve, onerror: fail, onabort: fail });
  });
}
