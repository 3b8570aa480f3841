import { TIMEOUT } from "./persistence.js";
import { find, has, missing } from "./signals.js";
import type { SavedMessage, SavedPage } from "./storage.js";
import type { ClearableStorage } from "./web-storage.js";

/** What is needed of the Indexed Database API: written out here, for not every runtime has its types. */
interface DatabaseFactory {
  open(name: string, version: number): DatabaseRequest<Database> & { onupgradeneeded: unknown };
}
interface Database {
  close(): void;
  createObjectStore(name: string): unknown;
  transaction(store: string, mode: "readwrite"): { objectStore(name: string): ObjectStore } & Completion;
}
interface ObjectStore {
  get(key: string): DatabaseRequest<unknown>;
  getAll(): DatabaseRequest<unknown>;
  put(value: unknown, key: string): DatabaseRequest<unknown>;
  delete(key: string): DatabaseRequest<unknown>;
  clear(): DatabaseRequest<unknown>;
}
interface Completion {
  readonly error: unknown;
}
interface DatabaseRequest<Result> extends Completion {
  readonly result: Result;
}

const MESSAGES = "messages";
const PAGE = "page";

/**
 * Keeps a client's messages in a database of its own in IndexedDB: for long outboxes, and for large messages. Each is an entry,
 * so that several tabs can share it.
 *
 * @param name what it is for: one user in one session. Another user's messages must have another name.
 */
export function indexedDbStorage(name: string): ClearableStorage {
  let opened: Promise<Database> | undefined;
  const once = async (store: string, action: (store: ObjectStore) => DatabaseRequest<unknown>): Promise<unknown> => {
    const forget = (): void => {
      if (opened === opening) opened = undefined;
    };
    const opening = opened ?? connect(`workkit.chat/${name}`, forget);
    opened = opening;
    // A browser may let a database hang or die without an event, as iOS does in the background: the next try opens it again.
    const timer = setTimeout(forget, TIMEOUT);
    try {
      const transaction = (await opening).transaction(store, "readwrite");
      const request = action(transaction.objectStore(store));
      await completed(transaction, "oncomplete");
      return request.result;
    } catch (error) {
      forget();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
  const run = (...given: Parameters<typeof once>): Promise<unknown> => once(...given).catch(() => once(...given));
  const write = async (...[store, action]: Parameters<typeof run>): Promise<void> => {
    await run(store, action);
  };
  return {
    name,
    async load() {
      const messages = (await run(MESSAGES, (store) => store.getAll())) as SavedMessage[];
      return { messages, page: (await run(PAGE, (store) => store.get(PAGE))) as SavedPage | undefined };
    },
    saveMessage: (saved) => write(MESSAGES, (store) => store.put(saved, saved.message.id)),
    removeMessage: (id) => write(MESSAGES, (store) => store.delete(id)),
    savePage: (page) => write(PAGE, (store) => store.put(page, PAGE)),
    async clear() {
      await write(MESSAGES, (store) => store.clear());
      await write(PAGE, (store) => store.clear());
    },
  };
}

/** @param lost is called when it has to be opened again: it was cleared by the user, or is to be deleted. */
async function connect(name: string, lost: () => void): Promise<Database> {
  const factory = find("indexedDB");
  if (!isFactory(factory)) throw missing("indexedDB", "");
  const request = factory.open(name, 1);
  request.onupgradeneeded = () => {
    for (const store of [MESSAGES, PAGE]) request.result.createObjectStore(store);
  };
  await completed(request, "onsuccess");
  const database = request.result;
  // Whoever deletes it must not wait for this page, nor the next page for both.
  const onversionchange = (): void => {
    database.close();
    lost();
  };
  return Object.assign(database, { onversionchange, onclose: lost });
}

function completed(target: Completion, event: "oncomplete" | "onsuccess"): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(target.error);
    Object.assign(target, { [event]: resolve, onerror: fail, onabort: fail });
  });
}

function isFactory(value: unknown): value is DatabaseFactory {
  return has(value, "open");
}
