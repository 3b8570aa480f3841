/** What a draft needs of a `Storage`. */
export interface DraftStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A text that is being written, as the browser keeps it. */
export interface Draft {
  /** The key of its entry in the storage. */
  readonly key: string;
  /** The text; empty if there is none, or the browser keeps nothing. */
  read(): string;
  /** Keeps a text in place of the last one. An empty text removes it. */
  write(text: string): void;
}

/**
 * The draft of one user in one conversation. It outlives a reload.
 *
 * @param name names the user and the conversation: another user, or another conversation, must have another name
 * @param storage default `localStorage`, which all tabs share. `sessionStorage` is for this tab alone
 *
 * @example
 * openDraft(`${userId}/${roomId}`).write(""); // at the sign-out
 */
export function openDraft(name: string, storage?: DraftStorage): Draft {
  const key = `workkit.chat.draft/${name}`;
  // A browser may forbid its storage, and the storage may be full: the box works without it.
  const attempt = <Result>(act: (items: DraftStorage) => Result): Result | undefined => {
    try {
      return act(storage ?? localStorage);
    } catch {
      return undefined;
    }
  };
  return {
    key,
    read: () => attempt((items) => items.getItem(key)) ?? "",
    write: (text) => attempt((items) => (text === "" ? items.removeItem(key) : items.setItem(key, text))),
  };
}
