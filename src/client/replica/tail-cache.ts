import { type Persistence, TAIL_KEY } from "../storage/persistence.js";
import type { CachedTail } from "../storage/storage.js";
import { Timer } from "../timer.js";

/** How long a change may wait to be written, in milliseconds: a busy session must not write all the time. */
const WRITE_DELAY_MS = 500;

/** Writes the newest messages of the log to the storage, at most twice a second. */
export class TailCache {
  readonly #persistence: Persistence;
  readonly #read: () => CachedTail | undefined;
  readonly #timer = new Timer();

  constructor(persistence: Persistence, read: () => CachedTail | undefined) {
    this.#persistence = persistence;
    this.#read = read;
  }

  scheduleWrite(): void {
    if (!this.#timer.isSet) this.#timer.set(WRITE_DELAY_MS, () => this.#write());
  }

  /** Writes now what is scheduled. */
  flush(): void {
    if (this.#timer.isSet) this.#write();
  }

  #write(): void {
    this.#timer.clear();
    const tail = this.#read();
    if (tail) this.#persistence.run((to) => to.saveCachedTail(tail), undefined, TAIL_KEY, true);
  }
}
