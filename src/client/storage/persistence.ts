import { toText } from "../options.js";
import { hasProperty } from "../runtime.js";
import type { ChatStorage } from "./storage.js";

/** How long an answer of a storage is awaited, in milliseconds: some browsers' databases hang, and no message may hang with them. */
export const STORAGE_TIMEOUT_MS = 5_000;
/** How long a storage that has failed is left alone, in milliseconds. No timer ends that: the next operation does. */
const STORAGE_PAUSE_MS = 10_000;

/** Which write something is: of several with one key only the last counts. */
type Key = string | number;

/**
 * What goes to the storage, and when it is there. A storage that fails costs its help, never a message: nothing is asked of it
 * for a while, then what it lacks is written, and nobody waits for it until it has kept something.
 */
export class Persistence {
  readonly #storage: ChatStorage | undefined;
  readonly #report: (code: string, text: string) => void;
  /** What was begun last, and all before it. */
  #writing: Promise<void> | undefined;
  /** What the storage does not have yet, and how to do it again. */
  readonly #unsaved = new Map<Key, () => void>();
  /** How to give up what is awaited, by its timer. */
  readonly #unanswered = new Map<unknown, (reason: Error) => void>();
  #isFailing = false;
  /** In milliseconds of `performance.now()`. */
  #pausedUntil = 0;

  /** @param report is called when the storage fails and when it works again, not for each failure. */
  constructor(storage: ChatStorage | undefined, report: (code: string, text: string) => void) {
    this.#storage = storage;
    this.#report = report;
  }

  /**
   * @param then is given the result: at once, where the storage lets nobody wait; never, if it fails.
   * @param key of what is done again after a failure
   * @param isSave whether its success shows that the storage works: a full one still loads and removes
   */
  run<Result>(
    action: (storage: ChatStorage) => Result | Promise<Result>,
    then?: (result: Result) => void,
    key?: Key,
    isSave = false,
  ): void {
    if (!this.#storage) return;
    const again = (): void => this.run(action, then, key, isSave);
    if (key !== undefined) this.#unsaved.set(key, again);
    if (performance.now() < this.#pausedUntil) return;
    if (this.#pausedUntil > 0) {
      this.#pausedUntil = 0;
      for (const skipped of [...this.#unsaved.values()]) if (skipped !== again) skipped();
    }
    const landed = (result: Result): void => {
      if (key !== undefined && this.#unsaved.get(key) === again) this.#unsaved.delete(key);
      if (isSave && this.#isFailing) {
        this.#isFailing = false;
        this.#report("STORAGE_RECOVERED", "The storage works.");
      }
      then?.(result);
    };
    try {
      const result = action(this.#storage);
      // By what it can do: libraries and runtimes have promises of their own.
      if (hasProperty<Promise<Result>>(result, "then")) this.#await(this.#inTime(result).then(landed));
      else landed(result);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Acts when all that was begun is done, or has failed: now, if nothing is in flight. */
  whenIdle(action: () => void): void {
    if (!this.#writing) action();
    else this.#await(this.#writing.then(action));
  }

  #await(done: Promise<void>): void {
    const settled = done.catch((error) => this.#fail(error));
    if (this.#isFailing) return;
    const writing = Promise.all([this.#writing, settled]).then(() => {
      if (this.#writing === writing) this.#writing = undefined;
    });
    this.#writing = writing;
  }

  #fail(error: unknown): void {
    if (!this.#isFailing) this.#report("STORAGE_FAILED", `The storage failed: ${toText(error)}`);
    this.#isFailing = true;
    this.#pausedUntil = performance.now() + STORAGE_PAUSE_MS;
  }

  /** What comes later than `TIMEOUT` is dropped: it might undo what has happened since. One that is late gives up all others. */
  async #inTime<Result>(promise: Promise<Result>): Promise<Result> {
    const timer = setTimeout(() => {
      for (const giveUp of this.#unanswered.values()) giveUp(new Error(`no answer in ${STORAGE_TIMEOUT_MS} ms`));
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
