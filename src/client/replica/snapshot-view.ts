import { Listeners } from "../listeners.js";
import type { ChatSnapshot, ClientStatus, CloseCause } from "../snapshot.js";

type ConnectionState = Pick<ChatSnapshot, "status" | "reason" | "retryAt">;

/** The part of a snapshot that the replica holds. */
export type Contents = Omit<ChatSnapshot, keyof ConnectionState>;

/** What is shown, and who is notified of a new snapshot. A snapshot is made when it is read, and not for each change. */
export class SnapshotView {
  readonly #read: () => Contents;
  readonly #listeners = new Listeners<void>();
  #connection: ConnectionState = { status: "idle", reason: undefined, retryAt: undefined };
  /** The current snapshot, once it was read, and the one before it. */
  #snapshot: ChatSnapshot | undefined;
  #last: ChatSnapshot | undefined;

  constructor(read: () => Contents) {
    this.#read = read;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener);

  readonly getSnapshot = (): ChatSnapshot => {
    if (!this.#snapshot) {
      const contents = this.#read();
      const messages = reuse(this.#last?.messages, contents.messages);
      const typing = reuse(this.#last?.typing, contents.typing);
      this.#snapshot = this.#last = { ...contents, ...this.#connection, messages, typing };
    }
    return this.#snapshot;
  };

  /** @param retryAt when the client reconnects, in milliseconds since the Unix epoch */
  setStatus(status: ClientStatus, reason?: CloseCause, retryAt?: number): void {
    this.#connection = { status, reason, retryAt };
    this.publish();
  }

  publish(): void {
    this.#snapshot = undefined;
    this.#listeners.emit();
  }
}

/** The list as it was if nothing in it has changed: a page need not render it again. */
function reuse<Item>(before: readonly Item[] | undefined, now: readonly Item[]): readonly Item[] {
  return before?.length === now.length && before.every((item, at) => item === now[at]) ? before : now;
}
