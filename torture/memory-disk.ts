import { setTimeout as wait } from "node:timers/promises";
import type { CachedTail, ChatStorage, SavedChat, SavedMessage } from "@workkit/chat/client";

/** How long a slow disk takes for each thing, in milliseconds. */
const SLOWNESS = 3;

/** What outlives a client that is gone in an instant. Each life of the client has a storage of its own on it. */
export class MemoryDisk {
  readonly #isSlow: boolean;
  readonly #messages = new Map<string, SavedMessage>();
  #cachedTail: CachedTail | undefined;
  #life: ChatStorage | undefined;

  constructor(isSlow: boolean) {
    this.#isSlow = isSlow;
  }

  /** Whether a message is kept. */
  has(id: string): boolean {
    return this.#messages.has(id);
  }

  /** Up to where the log was read, if that is kept. */
  get seq(): number | undefined {
    return this.#cachedTail?.seq;
  }

  /** The log that was read, if that is kept. */
  get epoch(): string | undefined {
    return this.#cachedTail?.epoch;
  }

  /** Ends the life that writes here now: what it has not written yet is lost. */
  unplug(): void {
    this.#life = undefined;
  }

  /** The storage for a new life. */
  plug(): ChatStorage {
    const write = (action: () => void) => {
      const act = () => {
        if (this.#life === life) action();
      };
      return this.#isSlow ? wait(SLOWNESS).then(act) : act();
    };
    const read = (): SavedChat =>
      structuredClone({ messages: [...this.#messages.values()], cachedTail: this.#cachedTail });
    const life: ChatStorage = {
      load: () => (this.#isSlow ? wait(SLOWNESS).then(read) : read()),
      saveMessage: (saved) => {
        const copy = structuredClone(saved);
        return write(() => this.#messages.set(copy.message.id, copy));
      },
      removeMessage: (id) => write(() => this.#messages.delete(id)),
      saveCachedTail: (tail) => {
        const copy = structuredClone(tail);
        return write(() => {
          this.#cachedTail = copy;
        });
      },
    };
    this.#life = life;
    return life;
  }
}
