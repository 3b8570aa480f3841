import { requireGlobal } from "../runtime.js";
import type { CachedTail, ChatStorage, SavedMessage } from "./storage.js";

/** What is needed of the Web Storage API (HTML, section "Web storage"). */
export interface StorageArea {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A storage that can also be emptied, as for a logout. */
export interface ClearableStorage extends ChatStorage {
  /** Forgets all that is kept under this name. Close the client first. */
  clear(): void | Promise<void>;
}

/**
 * Keeps a client's messages in `localStorage`, an entry each, so that several tabs can share it. It is full at about 5 MB.
 *
 * @param name what it is for: one user in one session. Another user's messages must have another name.
 * @param area default `localStorage`; `sessionStorage` keeps a tab's own
 *
 * @example
 * new ChatClient({ url, storage: webStorage(`${userId}/${roomId}`), cacheMessages: 50 });
 */
export function webStorage(name: string, area?: StorageArea): ClearableStorage {
  const prefix = `workkit.chat/${encodeURIComponent(name)}/`;
  const tail = `${prefix}cachedTail`;
  const messages = `${prefix}message/`;
  // Found when it is needed: a server has none, and a browser may forbid it.
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

/** What was written here is read as it was; anything else is as good as not there. */
function read<Saved>(text: string | null): Saved | undefined {
  try {
    return JSON.parse(text ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}
