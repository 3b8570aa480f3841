import { stringify } from "../protocol/codec.js";
import type { ChatMessage } from "../protocol/envelope.js";
import { ChatError } from "../protocol/errors.js";
import { createMessageId } from "../protocol/ids.js";
import { ID_MEMORY } from "../protocol/limits.js";
import type { Connection } from "../server/connection/connection.js";
import { Batcher } from "../server/receive/batcher.js";
import type { Connections } from "./connections.js";
import { DedupeWindow } from "./dedupe-window.js";
import { ephemeralId, parseCursor, placedId } from "./log/cursor.js";
import { Entry, type NewEntry } from "./log/entry.js";
import type { Log } from "./log/log.js";
import { sameBody } from "./log/same-body.js";

/** Told of each commit, and of what makes the log unusable. */
export interface CommitEvents {
  committed(): void;
  broken(error: unknown): void;
  /** Lets no event in until the action has ended. */
  block(action: () => Promise<void>): Promise<void>;
}

/** The one way into the log and out to the connections: nothing is said of an envelope before it is durable (P1). */
export class CommitQueue {
  readonly #batcher: Batcher;
  #loadedWindow: DedupeWindow | undefined;
  /** What the next commit lets out, in order: entries, and what must not be said before them. */
  #outgoing: (Entry | (() => void))[] = [];
  /** The seq up to which every live connection has been sent the log. */
  #deliveredSeq: number;
  /** What ephemeral ids of this waking have in common, and how many there are: counting costs less than more randomness. */
  readonly #wakeUpId = createMessageId();
  #ephemeral = 0;

  readonly #log: Log;
  readonly #connections: Connections;
  readonly #events: CommitEvents;

  constructor(log: Log, connections: Connections, events: CommitEvents) {
    this.#log = log;
    this.#connections = connections;
    this.#events = events;
    this.#deliveredSeq = log.head;
    this.#batcher = new Batcher(
      () => this.flush(),
      () => this.#hasPending,
    );
  }

  /** Has a frame worked off that may write, now or with others that come with it. */
  enqueue(frame: string | ArrayBuffer, work: () => void): void {
    this.#batcher.enqueue(frame, work);
  }

  /** Has all frames worked off that were taken. */
  drain(): Promise<void> {
    return this.#batcher.drain();
  }

  /** Gives an envelope its place; it goes out with the next commit. */
  append(entry: NewEntry, body: string): Entry {
    const appended = this.#log.append(entry, body);
    this.#dedupeWindow.remember(entry.message.id, appended.seq, entry.author);
    this.#outgoing.push(appended);
    return appended;
  }

  /** Sees to it that what is pending gets committed, once `ready` has settled. */
  commit(ready?: Promise<void>): void {
    if (ready !== undefined || this.#hasPending) this.#batcher.commit(ready);
  }

  /** Acts once all that was appended so far is durable. */
  afterCommit(action: () => void): void {
    if (this.#hasPending) this.#outgoing.push(action);
    else action();
  }

  /** Sends an ephemeral envelope to all connections but one, after what was appended so far. */
  relay(message: ChatMessage, author?: Connection): void {
    message.id = this.ephemeralId(this.#log.newest);
    const frame = stringify(message);
    this.afterCommit(() => this.#connections.relay(frame, author));
  }

  /** An id for an envelope that does not enter the log and is sent when this seq has been told. */
  ephemeralId(told = this.#deliveredSeq): string {
    return ephemeralId(this.#log.epoch, told, `${this.#wakeUpId}.${this.#ephemeral++}`);
  }

  /** An id for an envelope that becomes the next entry: it holds the place of its own. */
  placedId(timestamp: number, suffix?: string): string {
    return placedId(this.#log.epoch, this.#log.newest + 1, timestamp, suffix);
  }

  /** Where an id of this author stands, if it is one of those remembered. */
  find(id: string, author: string | null): number | undefined {
    return this.#dedupeWindow.find(id, author);
  }

  /** What stands at the seq of an id that its author has used before, if it says the same; else a conflict (P2). */
  requireSameBody(seq: number, message: ChatMessage): ChatMessage {
    const stored = this.#log.get(seq);
    // One of another id stands in for what can no longer be read, and was let in all the same.
    if (stored.id !== message.id || sameBody(stored, message)) return stored;
    throw new ChatError("ID_CONFLICT", undefined, { inReplyTo: message.id });
  }

  /** Whether every id that entered the log after this cursor is remembered. */
  coversSince(after: string): boolean {
    const seq = this.#log.place(parseCursor(after));
    return seq !== undefined && this.#dedupeWindow.covers(seq);
  }

  /** Commits what is pending now. */
  flush(): void {
    if (this.#hasPending) this.#flush();
  }

  /** Forgets the log, under a new epoch. */
  clear(): void {
    this.flush();
    this.#log.clear();
    this.#loadedWindow = undefined;
    this.#deliveredSeq = 0;
  }

  /** Read when it is first needed: whoever only connects need not wait for it (P8). */
  get #dedupeWindow(): DedupeWindow {
    this.#loadedWindow ??= new DedupeWindow(this.#log, Math.min(this.#log.capacity, ID_MEMORY));
    return this.#loadedWindow;
  }

  get #hasPending(): boolean {
    return this.#log.hasPending || this.#outgoing.length > 0;
  }

  /** Writes what is pending, of which nothing is said yet. */
  write(): void {
    try {
      if (this.#log.hasPending) this.#log.commit();
    } catch (error) {
      this.#events.broken(error);
      throw error;
    }
  }

  #flush(): void {
    this.write();
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    let run: Entry[] = [];
    for (const item of outgoing) {
      if (item instanceof Entry) {
        run.push(item);
        continue;
      }
      this.#deliver(run);
      run = [];
      item();
    }
    this.#deliver(run);
    this.#events.committed();
  }

  #deliver(entries: readonly Entry[]): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    this.#connections.deliver(entries);
    this.#deliveredSeq = last.seq;
  }
}
