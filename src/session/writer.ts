import { stringify } from "../protocol/codec.js";
import type { ChatMessage } from "../protocol/envelope.js";
import { ID_MEMORY } from "../protocol/limits.js";
import type { Peer } from "../server/peer.js";
import type { Connections } from "./connections.js";
import { ephemeralId, parseCursor } from "./cursor.js";
import { Entry, type NewEntry } from "./entry.js";
import { GroupCommit } from "./group-commit.js";
import { IdMemory, type Remembered } from "./id-memory.js";
import type { Log } from "./log.js";

/** Told of each commit, and of what makes the log unusable. */
export interface CommitEvents {
  committed(): void;
  broken(error: unknown): void;
}

/** The one way into the log and out to the connections: nothing is said of an envelope before it is durable (P1). */
export class Writer {
  readonly #commits: GroupCommit;
  #idMemory: IdMemory | undefined;
  /** What the next commit lets out, in order: entries, and what must not be said before them. */
  #outgoing: (Entry | (() => void))[] = [];
  /** The seq up to which every live connection has been sent the log. */
  #told: number;

  constructor(
    private readonly log: Log,
    private readonly connections: Connections,
    private readonly events: CommitEvents,
  ) {
    this.#told = log.head;
    this.#commits = new GroupCommit(
      () => this.#flush(),
      () => this.#hasPending,
    );
  }

  /** Gives an envelope its place; it goes out with the next commit. */
  append(entry: NewEntry, body: string): Entry {
    const appended = this.log.append(entry, body);
    this.#memory.remember(entry.message.id, appended.seq, entry.author);
    this.#outgoing.push(appended);
    return appended;
  }

  /** Sees to it that what is pending gets committed, once `ready` has settled. */
  commit(ready?: Promise<void>): void {
    if (ready !== undefined || this.#hasPending) this.#commits.request(ready);
  }

  /** Acts once all that was appended so far is durable. */
  afterCommit(action: () => void): void {
    if (this.#hasPending) this.#outgoing.push(action);
    else action();
  }

  /** Sends an ephemeral envelope to all connections but one, after what was appended so far. */
  relay(message: ChatMessage, author?: Peer): void {
    this.afterCommit(() => {
      message.id = this.ephemeralId();
      this.connections.relay(stringify(message), message, author);
    });
  }

  /** An id for an envelope that does not enter the log and is sent now. */
  ephemeralId(): string {
    return ephemeralId(this.log.epoch, this.#told);
  }

  /** The entry that has this id, if it is one of those remembered. */
  find(id: string): Remembered | undefined {
    return this.#memory.find(id);
  }

  /** Whether every id that entered the log after this cursor is remembered. */
  remembersSince(after: string): boolean {
    const cursor = parseCursor(after);
    return cursor?.epoch === this.log.epoch && this.#memory.reachesBackTo(cursor.seq);
  }

  /** Commits what is pending now. */
  flush(): void {
    if (this.#hasPending) this.#flush();
  }

  /** Forgets the log, under a new epoch. */
  clear(): void {
    this.flush();
    this.log.clear();
    this.#idMemory = undefined;
    this.#told = 0;
  }

  /** Read when it is first needed: whoever only connects need not wait for it (P8). */
  get #memory(): IdMemory {
    this.#idMemory ??= new IdMemory(this.log, Math.min(this.log.capacity, ID_MEMORY));
    return this.#idMemory;
  }

  get #hasPending(): boolean {
    return this.log.hasPending || this.#outgoing.length > 0;
  }

  #flush(): void {
    try {
      if (this.log.hasPending) this.log.commit();
    } catch (error) {
      this.events.broken(error);
      throw error;
    }
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
    this.events.committed();
  }

  #tell(entries: readonly Entry[]): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    this.connections.deliver(entries);
    this.#told = last.seq;
  }
}
