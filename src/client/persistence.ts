import type { ChatStorage, SavedChat } from "./storage.js";

/** What goes to the storage, and when it is there. A storage that fails costs its help, never a message. */
export class Persistence {
  readonly #storage: ChatStorage | undefined;
  readonly #failed: (error: unknown) => void;
  #writing: Promise<void> | undefined;

  constructor(storage: ChatStorage | undefined, failed: (error: unknown) => void) {
    this.#storage = storage;
    this.#failed = failed;
  }

  /** Hands on what is kept: at once, where the storage lets nobody wait. */
  load(restore: (saved: SavedChat) => void): void {
    this.do((storage) => {
      const saved = storage.load();
      return "then" in saved ? saved.then(restore) : restore(saved);
    });
  }

  do(action: (storage: ChatStorage) => void | Promise<void>): void {
    try {
      const done = this.#storage && action(this.#storage);
      if (done) this.#await(done);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Acts when all that was begun is done: now, if nothing is under way. */
  whenDone(action: () => void): void {
    if (this.#writing === undefined) action();
    else this.#await(this.#writing.then(action));
  }

  #await(done: Promise<void>): void {
    const before = this.#writing;
    const writing = Promise.resolve(before)
      .then(() => done)
      .catch(this.#failed)
      .then(() => {
        if (this.#writing === writing) this.#writing = undefined;
      });
    this.#writing = writing;
  }
}
