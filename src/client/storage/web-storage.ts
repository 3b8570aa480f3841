import { requireGlobal } from "../runtime.js";
import type { CachedTail, ChatStorage, SavedMessage } from "./storage.js";

/** What `webStorage` needs of a `Storage` (HTML, section "Web storage"). */
export interface StorageArea {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A storage that can be cleared, as for a logout. */
export interface ClearableStorage extends ChatStorage {
  /** Removes everything under this name. Close the client first. */
  clear(): void | Promise<void>;
}

/**
 * A storage in `localStorage`. Each message is an entry, so that several tabs can share it. Browsers limit all entries of an
 * origin to about 5 MB; beyond that the client reports `STORAGE_FAILED` once and goes on in memory.
 *
 * @param name names one user in one session: another user, or another session, must have another name
 * @param area default `localStorage`. `sessionStorage` is for this tab alone
 *
 * @example
 * new ChatClient({ url, storage: webStorage(`${userId}/${roomId}`), cacheMessages: 50 });
 */
export function webStorage(name: string, area?: StorageArea): ClearableStorage {
  const prefix = `workkit.chat/${encodeURIComponent(name)}/`;
  const tail = `${prefix}cachedTail`;
  const messages = `${prefix}message/`;
  // Looked up when it is used: a server has none, and a browser may forbid it.
  const items = () => area ?? requireGlobal<StorageArea>("localStorage", "getItem", 'Set "area".');
  const keysUnder = (start: string) =>
    Array.from({ length: items().length }, (_, at) => items().key(at) ?? "").filter((key) => key.startsWith(start));
  return {
    name,
    load() {
      const saved = keysUnder(messages).flatMap((key) => read<SavedMessage>(items().getItem(key)) ?? []);
      return { messages: saved, cachedTail: read<CachedTail>(items().getItem(tail)) };
    },
    saveMessage: (saved) => items().setItem(messages + saved.message.id, JSON.stringify(saved)),
    removeMessage: (id) => items().removeItem(messages + id),
    saveCachedTail: (saved) => items().setItem(tail, JSON.stringify(saved)),
    clear() {
      for (const key of keysUnder(prefix)) items().removeItem(key);
    },
  };
}

/** An entry as it was written. One that is no JSON is ignored. */
function read<Saved>(text: string | null): Saved | undefined {
  try {
    return JSON.parse(text ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}
