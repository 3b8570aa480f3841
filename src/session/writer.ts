import { stringify } from "../protocol/codec.js";
import type { ChatMessage } from "../protocol/envelope.js";
import { ChatError } from "../protocol/errors.js";
import { createMessageId } from "../protocol/ids.js";
import { ID_MEMORY } from "../protocol/limits.js";
import { Gathering } from "../server/gathering.js";
import type { Peer } from "../server/peer.js";
import type { Connections } from "./connections.js";
import { ephemeralId, parseCursor, placedId } from "./cursor.js";
import { Entry, type NewEntry } from "./entry.js";
import { IdMemory } from "./id-memory.js";
import type { Log } from "./log.js";
import { sameBody } from "./same-body.js";

/** Told of each commit, and of what makes the log unusable. */
export interface CommitEvents {
  committed(): void;
  broken(error: unknown): void;
  /** Lets no event in until the action has ended. */
  block(action: () => Promise<void>): Promise<void>;
}

/** The one way into the log and out to the connections: nothing is said of an envelope before it is durable (P1). */
export class Writer {
  readonly #gathering: Gathering;
  #idMemory: IdMemory | undefined;
  /** What the next commit lets out, in order: entries, and what must not be said before them. */
  #outgoing: (Entry | (() => void))[] = [];
  /** The seq up to which every live connection has been sent the log. */
  #told: number;
  /** What ephemeral ids of this waking have in common, and how many there are: counting costs less than more randomness. */
  readonly #waking = createMessageId();
  #ephemeral = 0;

  readonly #log: Log;
  readonly #connections: Connections;
  readonly #events: CommitEvents;

  constructor(log: Log, connections: Connections, events: CommitEvents) {
    this.#log = log;
    this.#connections = connections;
    this.#events = events;
    this.#told = log.head;
    this.#gathering = new Gathering(
      () => this.flush(),
      () => this.#hasPending,
    );
  }

  /** Has a frame worked off that may write, now or with others that come with it. */
  take(frame: string | ArrayBuffer, work: () => void): void {
    this.#gathering.take(frame, work);
  }

  /** Has all frames worked off that were taken. */
  workOff(): Promise<void> {
    return this.#gathering.workOff();
  }

  /** Gives an envelope its place; it goes out with the next commit. */
  append(entry: NewEntry, body: string): Entry {
    const appended = this.#log.append(entry, body);
    this.#memory.remember(entry.message.id, appended.seq, entry.author);
    this.#outgoing.push(appended);
    return appended;
  }

  /** Sees to it that what is pending gets committed, once `ready` has settled. */
  commit(ready?: Promise<void>): void {
    if (ready !== undefined || this.#hasPending) this.#gathering.commit(ready);
  }

  /** Acts once all that was appended so far is durable. */
  afterCommit(action: () => void): void {
    if (this.#hasPending) this.#outgoing.push(action);
    else action();
  }

  /** Sends an ephemeral envelope to all connections but one, after what was appended so far. */
  relay(message: ChatMessage, author?: Peer): void {
    message.id = this.ephemeralId(this.#log.newest);
    const frame = stringify(message);
    this.afterCommit(() => this.#connections.relay(frame, author));
  }

  /** An id for an envelope that does not enter the log and is sent when this seq has been told. */
  ephemeralId(told = this.#told): string {
    return ephemeralId(this.#log.epoch, told, `${this.#waking}.${this.#ephemeral++}`);
  }

  /** An id for an envelope that becomes the next entry: it holds the place of its own. */
  placedId(timestamp: number, suffix?: string): string {
    return placedId(this.#log.epoch, this.#log.newest + 1, timestamp, suffix);
  }

  /** Where an id of this author stands, if it is one of those remembered. */
  find(id: string, author: string | null): number | undefined {
    return this.#memory.find(id, author);
  }

  /** What stands at the seq of an id that its author has used before, if it says the same; else a conflict (P2). */
  confirm(seq: number, message: ChatMessage): ChatMessage {
    const stored = this.#log.get(seq);
    // One of another id stands in for what can no longer be read, and was let in all the same.
    if (stored.id !== message.id || sameBody(stored, message)) return stored;
    throw new ChatError("ID_CONFLICT", undefined, { inReplyTo: message.id });
  }

  /** Whether every id that entered the log after this cursor is remembered. */
  remembersSince(after: string): boolean {
    const seq = this.#log.place(parseCursor(after));
    return seq !== undefined && this.#memory.reachesBackTo(seq);
  }

  /** Commits what is pending now. */
  flush(): void {
    if (this.#hasPending) this.#flush();
  }

  /** Forgets the log, under a new epoch. */
  clear(): void {
    this.flush();
    this.#log.clear();
    this.#idMemory = undefined;
    this.#told = 0;
  }

  /** Read when it is first needed: whoever only connects need not wait for it (P8). */
  get #memory(): IdMemory {
    this.#idMemory ??= new IdMemory(this.#log, Math.min(this.#log.capacity, ID_MEMORY));
    return this.#idMemory;
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
      this.#tell(run);
      run = [];
      item();
    }
    this.#tell(run);
    this.#events.committed();
  }

  #tell(entries: readonly Entry[]): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    this.#connections.deliver(entries);
    this.#told = last.seq;
  }
}
