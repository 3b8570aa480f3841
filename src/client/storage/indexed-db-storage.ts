import { requireGlobal } from "../runtime.js";
import { STORAGE_TIMEOUT_MS } from "./persistence.js";
import type { CachedTail, SavedMessage } from "./storage.js";
import type { ClearableStorage } from "./web-storage.js";

/** What is needed of the Indexed Database API: written out here, for not every runtime has its types. */
interface DatabaseFactory {
  open(name: string, version: number): DatabaseRequest<Database> & { onupgradeneeded: unknown };
}
interface Database {
  close(): void;
  createObjectStore(name: string): unknown;
  transaction(store: string, mode: "readwrite"): Completion & { objectStore(name: string): ObjectStore };
}
interface ObjectStore {
  get(key: string): DatabaseRequest<CachedTail | undefined>;
  getAll(): DatabaseRequest<SavedMessage[]>;
  put(value: unknown, key: string): DatabaseRequest<void>;
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

const MESSAGES = "messages";
const TAIL = "cachedTail";

/**
 * Keeps a client's messages in a database of its own in IndexedDB: for long outboxes, and for large messages. Each is an entry,
 * so that several tabs can share it.
 *
 * @param name what it is for: one user in one session. Another user's messages must have another name.
 */
export function indexedDbStorage(name: string): ClearableStorage {
  let opened: Promise<Database> | undefined;
  const once = async <Result>(store: string, action: Action<Result>): Promise<Result> => {
    const forget = (): void => {
      if (opened === opening) opened = undefined;
    };
    const opening = opened ?? connect(`workkit.chat/${name}`, forget);
    opened = opening;
    // A browser may let a database hang or die without an event, as iOS does in the background: the next try opens it again.
    const timer = setTimeout(forget, STORAGE_TIMEOUT_MS);
    try {
      const transaction = (await opening).transaction(store, "readwrite");
      const request = action(transaction.objectStore(store));
      await completed(transaction);
      return request.result;
    } catch (error) {
      forget();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
  const run = <Result>(store: string, action: Action<Result>): Promise<Result> =>
    once(store, action).catch(() => once(store, action));
  return {
    name,
    async load() {
      const messages = await run(MESSAGES, (store) => store.getAll());
      return { messages, cachedTail: await run(TAIL, (store) => store.get(TAIL)) };
    },
    saveMessage: (saved) => run(MESSAGES, (store) => store.put(saved, saved.message.id)),
    removeMessage: (id) => run(MESSAGES, (store) => store.delete(id)),
    saveCachedTail: (tail) => run(TAIL, (store) => store.put(tail, TAIL)),
    async clear() {
      await run(MESSAGES, (store) => store.clear());
      await run(TAIL, (store) => store.clear());
    },
  };
}

/** @param lost is called when it has to be opened again: it was cleared by the user, or is to be deleted. */
async function connect(name: string, lost: () => void): Promise<Database> {
  const request = requireGlobal<DatabaseFactory>("indexedDB", "open").open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(MESSAGES);
    request.result.createObjectStore(TAIL);
  };
  await completed(request);
  const database = request.result;
  // Whoever deletes it must not wait for this page, nor the next page for both.
  const onversionchange = (): void => {
    database.close();
    lost();
  };
  return Object.assign(database, { onversionchange, onclose: lost });
}

function completed(target: Completion): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(target.error);
    Object.assign(target, { onsuccess: resolve, oncomplete: resolve, onerror: fail, onabort: fail });
  });
}
