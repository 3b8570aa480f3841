import { MAX_RECENT } from "../protocol/limits.js";
import type { Entry } from "./log/entry.js";
import type { StoredEntry } from "./log/log-reader.js";

/**
 * The entries since the first one that some connection could not be sent at once, the newest `MAX_RECENT` characters of them. They
 * replace what the log has pruned for connections that continue by pages. They are not kept in hibernation: a connection whose next entry is
 * then pruned is closed with 4006.
 */
export class RecentEntries {
  #entries: StoredEntry[] = [];
  #characters = 0;

  /** Adds entries that follow those that are kept. */
  add(entries: readonly Entry[]): void {
    if (entries[0]?.seq !== (this.#entries.at(-1)?.seq ?? 0) + 1) this.clear();
    for (const { seq, body, message } of entries) {
      this.#entries.push({ seq, body, bytes: body.length, timestamp: message.timestamp });
      this.#characters += body.length;
    }
    let dropped = 0;
    while (this.#characters > MAX_RECENT) this.#characters -= this.#entries[dropped++]?.bytes ?? 0;
    if (dropped > 0) this.#entries.splice(0, dropped);
  }

  clear(): void {
    this.#entries = [];
    this.#characters = 0;
  }

  /** The entries after `seq`; `undefined` if the next one is not kept. */
  after(seq: number): readonly StoredEntry[] | undefined {
    const first = this.#entries[0]?.seq;
    return first === undefined || first > seq + 1 ? undefined : this.#entries.slice(seq + 1 - first);
  }
}
