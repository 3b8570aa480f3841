import type { ChatMessage } from "../protocol/envelope.js";
import { ChatError } from "../protocol/errors.js";
import { createMessageId, ephemeralId, placedId } from "../protocol/ids.js";
import { ID_MEMORY } from "../protocol/limits.js";
import type { Commits } from "../server/receive/batcher.js";
import type { Broadcaster, OutboundItem } from "./broadcaster.js";
import { DedupeWindow } from "./dedupe-window.js";
import { parseCursor } from "./log/cursor.js";
import type { Entry, NewEntry } from "./log/entry.js";
import type { Log } from "./log/log.js";
import { sameBody } from "./log/same-body.js";

/** What becomes of commits. */
export interface CommitEvents {
  /** A commit is on disk and delivered. */
  committed(): void;
  /** The log cannot be written: the object must end. */
  broken(error: unknown): void;
}

/** What is appended and not yet on disk. Nothing is delivered of an envelope before it is (P1). */
export class CommitQueue implements Commits {
  #loadedWindow: DedupeWindow | undefined;
  /** What the next commit lets out, in order: entries, and what must not be sent before them. */
  #items: OutboundItem[] = [];
  #committed: PromiseWithResolvers<void> | undefined;
  /** What the ephemeral ids of this wake-up have in common, and how many there are: counting costs less than more randomness. */
  readonly #wakeUpId = createMessageId();
  #ephemeralIds = 0;

  readonly #log: Log;
  readonly #broadcaster: Broadcaster;
  readonly #events: CommitEvents;

  constructor(log: Log, broadcaster: Broadcaster, events: CommitEvents) {
    this.#log = log;
    this.#broadcaster = broadcaster;
    this.#events = events;
  }

  /** Whether something waits for a commit. */
  get hasPending(): boolean {
    return this.#log.hasPending || this.#items.length > 0;
  }

  /** Gives an envelope its place; it is delivered after the next commit. */
  append(entry: NewEntry, body: string): Entry {
    const appended = this.#log.append(entry, body);
    this.#window.remember(entry.message.id, appended.seq, entry.author);
    this.#items.push(appended);
    return appended;
  }

  /** Delivers an item once all that was appended so far is on disk, which may be now. */
  push(item: OutboundItem): void {
    if (this.hasPending) this.#items.push(item);
    else this.#broadcaster.deliver([item]);
  }

  /** Resolves once all that was appended so far is on disk and delivered. */
  async whenCommitted(): Promise<void> {
    if (!this.hasPending) return;
    this.#committed ??= Promise.withResolvers();
    await this.#committed.promise;
  }

  /** Commits what is pending now, and delivers it. */
  flush(): void {
    if (!this.hasPending) return;
    try {
      if (this.#log.hasPending) this.#log.commit();
    } catch (error) {
      this.#events.broken(error);
      throw error;
    }
    const items = this.#items;
    const committed = this.#committed;
    this.#items = [];
    this.#committed = undefined;
    this.#broadcaster.deliver(items);
    committed?.resolve();
    this.#events.committed();
  }

  /** Forgets the log, under a new epoch. */
  clear(): void {
    this.flush();
    this.#log.clear();
    this.#loadedWindow = undefined;
    this.#broadcaster.deliveredSeq = 0;
  }

  /**
   * An id for an envelope that does not enter the log.
   *
   * @param place the seq up to which its receivers have been sent the log when it is delivered; by default all that is appended
   */
  ephemeralId(place = this.#log.newest): string {
    return ephemeralId(this.#log.epoch, place, `${this.#wakeUpId}.${this.#ephemeralIds++}`);
  }

  /** An id for an envelope that becomes the next entry: it holds the place of its own. */
  placedId(timestamp: number, suffix?: string): string {
    return placedId(this.#log.epoch, this.#log.newest + 1, timestamp, suffix);
  }

  /** The seq of an id of this author, if it is one of those remembered. */
  find(id: string, author: string | null): number | undefined {
    return this.#window.find(id, author);
  }

  /** The envelope at the seq of an id that its author has used before. @throws ChatError `ID_CONFLICT` if `message` has another body (P2) */
  requireSameBody(seq: number, message: ChatMessage): ChatMessage {
    const stored = this.#log.get(seq);
    // One of another id stands in for what can no longer be read, and was accepted all the same.
    if (stored.id !== message.id || sameBody(stored, message)) return stored;
    throw new ChatError("ID_CONFLICT", undefined, { inReplyTo: message.id });
  }

  /** Whether every id is remembered that entered the log after this cursor. */
  covers(after: string): boolean {
    const seq = this.#log.place(parseCursor(after));
    return seq !== undefined && this.#window.covers(seq);
  }

  /** Read when it is first needed: connecting does not wait for it (P8). */
  get #window(): DedupeWindow {
    this.#loadedWindow ??= new DedupeWindow(this.#log, Math.min(this.#log.capacity, ID_MEMORY));
    return this.#loadedWindow;
  }
}
