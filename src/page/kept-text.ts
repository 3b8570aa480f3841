/** What the parts of a page need of a `Storage`. */
export interface PageStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A text that the browser keeps. */
export interface KeptText {
  /** The key of its entry in the storage. */
  readonly key: string;
  /** The text; empty if there is none, or the browser keeps nothing. */
  read(): string;
  /** Keeps a text in place of the last one. An empty text removes it. */
  write(text: string): void;
}

/** @param storage default `localStorage` */
export function keepText(key: string, storage?: PageStorage): KeptText {
  // A browser may forbid its storage, and the storage may be full: the page works without it.
  const attempt = <Result>(act: (items: PageStorage) => Result): Result | undefined => {
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
