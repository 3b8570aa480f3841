import { toText } from "../options.js";
import { hasProperty } from "../runtime.js";
import type { ChatStorage } from "./storage.js";

/** How long the client waits for a storage, in milliseconds. The databases of some browsers hang, and messages must not. */
export const STORAGE_TIMEOUT_MS = 5_000;
/** How long a storage that has failed is not used, in milliseconds. No timer ends the pause: the next operation after it does. */
const STORAGE_PAUSE_MS = 10_000;

/** Identifies a write: of several with one key only the last counts. A message's is its id, so that the others are numbers. */
type Key = string | number;

export const LOAD_KEY = 0;
export const TAIL_KEY = 1;

/**
 * Runs the operations of a storage, and says when they are done. A storage that fails never costs a message: it is not used for
 * 10 seconds, then the missing writes are repeated, and nothing waits for it until one has succeeded.
 */
export class Persistence {
  readonly #storage: ChatStorage | undefined;
  readonly #report: (code: string, text: string) => void;
  /** Is resolved when all operations that have started are done. */
  #running: Promise<void> | undefined;
  /** The operations that have not succeeded yet. */
  readonly #unfinished = new Map<Key, () => void>();
  /** How to reject the answers that are awaited, by timer. */
  readonly #unanswered = new Map<unknown, (reason: Error) => void>();
  #isFailing = false;
  /** In milliseconds of `performance.now()`. 0 while there is no pause. */
  #pausedUntil = 0;

  /** @param report is called when the storage begins to fail and when it works again, not for each failure */
  constructor(storage: ChatStorage | undefined, report: (code: string, text: string) => void) {
    this.#storage = storage;
    this.#report = report;
  }

  /**
   * Runs an operation.
   *
   * @param then is given the result: synchronously if the storage is synchronous, and never if it fails
   * @param key set if the operation is to be repeated after a failure
   * @param isSave whether success shows that the storage works: a full one still loads and removes
   */
  run<Result>(
    action: (storage: ChatStorage) => Result | Promise<Result>,
    then?: (result: Result) => void,
    key?: Key,
    isSave = false,
  ): void {
    if (!this.#storage) return;
    const repeat = (): void => this.run(action, then, key, isSave);
    if (key !== undefined) this.#unfinished.set(key, repeat);
    if (performance.now() < this.#pausedUntil) return;
    if (this.#pausedUntil > 0) {
      this.#pausedUntil = 0;
      for (const skipped of [...this.#unfinished.values()]) if (skipped !== repeat) skipped();
    }
    const onSuccess = (result: Result): void => {
      if (key !== undefined && this.#unfinished.get(key) === repeat) this.#unfinished.delete(key);
      if (isSave && this.#isFailing) {
        this.#isFailing = false;
        this.#report("STORAGE_RECOVERED", "The storage works.");
      }
      then?.(result);
    };
    try {
      const result = action(this.#storage);
      // Libraries and other realms have promises of their own, so that `instanceof` would miss them.
      if (hasProperty<Promise<Result>>(result, "then")) this.#await(this.#inTime(result).then(onSuccess));
      else onSuccess(result);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Calls `action` when all operations are done or have failed: synchronously, if none is running. */
  whenIdle(action: () => void): void {
    if (!this.#running) action();
    else this.#await(this.#running.then(action));
  }

  #await(done: Promise<void>): void {
    const settled = done.catch((error) => this.#fail(error));
    if (this.#isFailing) return;
    const writing = Promise.all([this.#running, settled]).then(() => {
      if (this.#running === writing) this.#running = undefined;
    });
    this.#running = writing;
  }

  #fail(error: unknown): void {
    if (!this.#isFailing) this.#report("STORAGE_FAILED", `The storage failed: ${toText(error)}`);
    this.#isFailing = true;
    this.#pausedUntil = performance.now() + STORAGE_PAUSE_MS;
  }

  /** Rejects an answer that is late, and all others with it: applied later, it could undo what has happened since. */
  async #inTime<Result>(promise: Promise<Result>): Promise<Result> {
    const timer = setTimeout(() => {
      for (const reject of this.#unanswered.values()) reject(new Error(`No answer in ${STORAGE_TIMEOUT_MS} ms.`));
    }, STORAGE_TIMEOUT_MS);
    try {
      return await new Promise((resolve, reject) => {
        this.#unanswered.set(timer, reject);
        promise.then(resolve, reject);
      });
    } finally {
      clearTimeout(timer);
      this.#unanswered.delete(timer);
    }
  }
}
