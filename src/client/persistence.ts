import type { ChatStorage } from "./storage.js";

/** How long a storage may take, in milliseconds: some browsers' databases hang, and no message may hang with them. */
const PATIENCE = 5_000;

/** What goes to the storage, and when it is there. A storage that fails costs its help, never a message. */
export class Persistence {
  readonly #storage: ChatStorage | undefined;
  readonly #failed: (error: unknown) => void;
  #writing: Promise<void> | undefined;

  constructor(storage: ChatStorage | undefined, failed: (error: unknown) => void) {
    this.#storage = storage;
    this.#failed = failed;
  }

  /** @param then is given the result: at once, where the storage lets nobody wait; never, if it fails. */
  do<Result>(action: (storage: ChatStorage) => Result | Promise<Result>, then: (result: Result) => void): void {
    if (this.#storage === undefined) return;
    try {
      const result = action(this.#storage);
      if (isPromise(result)) this.#await(inTime(result).then(then));
      else then(result);
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

/** By what it can do: libraries and runtimes have promises of their own. */
function isPromise<Result>(value: Result | Promise<Result>): value is Promise<Result> {
  return typeof value === "object" && value !== null && "then" in value;
}

/** What comes later than `PATIENCE` is dropped: it might undo what has happened since. */
function inTime<Result>(promise: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer in ${PATIENCE} ms`)), PATIENCE);
    void promise.then(resolve, reject).then(() => clearTimeout(timer));
  });
}
