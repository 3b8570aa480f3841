import type { ChatMessage } from "../protocol/envelope.js";
import { ChatError } from "../protocol/errors.js";
import { createMessageId } from "../protocol/ids.js";
import { toKey } from "./key.js";
import type { ChatProblem, UnsentMessage } from "./snapshot.js";
import type { Owner, SavedMessage } from "./storage.js";

/** Messages under way at one time. */
const WINDOW = 32;
/** How much an ack widens a window that a refusal has narrowed to one. */
const WIDENING = 1 / 8;

/** A message on its way. `after`, which a resend has to say, is unset for as long as it cannot be in the log. */
interface Item extends SavedMessage {
  /** Whether it has been sent with `after`: then a refusal does not tell that it is not in the log. */
  resent: boolean;
  /** Whether an earlier page, or another one that is open, had it first. */
  restored: boolean;
  /** Whether the storage has it. */
  kept: boolean;
  /** Whether the server holds back, on this connection, what comes after it until it comes again. */
  holds: boolean;
  /** When it was sent on this connection, in milliseconds; unset while it is not under way. */
  sentAt: number | undefined;
}

/** A message that has left the outbox for the log, and the key under which it was shown. */
export type Settled = ChatMessage & Pick<UnsentMessage, "key">;

/** Told of each message as it is now, or that it is no more. `kept` is to be called when the storage has it. */
export type Keep = (id: string, saved?: SavedMessage, kept?: () => void) => void;

/** One's own messages that are not known to be in the log, in the order they were sent. It knows no socket and no timer. */
export class Outbox {
  readonly #items = new Map<string, Item>();
  readonly #limit: number;
  #window = WINDOW;
  #underWay = 0;
  /** Set by a refusal: what is under way has to be answered before more is sent, or that would overtake it (P3). */
  #draining = false;
  /** Of the newest message: no two have the same, so that it tells their order. */
  #timestamp = 0;
  #owner: Owner | undefined;
  readonly #keep: Keep;

  constructor(limit: number, keep: Keep = () => undefined) {
    this.#limit = limit;
    this.#keep = keep;
  }

  /** Adopts what an earlier client left behind: it goes before what this one has. */
  restore(saved: readonly SavedMessage[]): void {
    const later = [...this.#items];
    this.#items.clear();
    for (const item of saved.toSorted((a, b) => a.message.timestamp - b.message.timestamp)) {
      this.#items.set(item.message.id, { ...NEW, restored: true, kept: true, sentAt: undefined, ...item });
      this.#timestamp = Math.max(this.#timestamp, item.message.timestamp);
    }
    for (const [id, item] of later) this.#items.set(id, item);
  }

  /** The messages that were never sent from here, and that another page with the same storage may have sent meanwhile. */
  shared(): string[] {
    return [...this.#items].filter(([, item]) => item.kept && isUnsent(item)).map(([id]) => id);
  }

  /** What the storage says now of those: one that is no longer there must not go as if it were new. */
  refresh(shared: readonly string[], saved: readonly SavedMessage[]): void {
    const kept = new Map(saved.map((entry) => [entry.message.id, entry]));
    for (const id of shared) {
      const item = this.#items.get(id);
      if (item === undefined || !isUnsent(item)) continue;
      if (kept.has(id)) Object.assign(item, kept.get(id));
      else if (item.restored) this.#items.delete(id);
      else this.fail(id, { code: "UNKNOWN_OUTCOME", text: "Another page has sent or cleared it." });
    }
  }

  /** The connections on which pending messages were first sent: what is still on its way there must not arrive. */
  connections(): string[] {
    const pending = [...this.#items.values()].filter(({ message }) => message.state === "pending");
    return pending.flatMap(({ connectionId = [] }) => connectionId);
  }

  /** The server has said who this is, and where. */
  become(owner: Owner): void {
    this.#owner = owner;
  }

  /** What was written as another, or elsewhere, must not be said here. */
  claim(): void {
    const owner = this.#owner;
    if (owner === undefined) return;
    for (const item of this.#items.values()) {
      if (item.owner === undefined) this.#save(Object.assign(item, { owner }));
      else if (isUnlike(item.owner, owner) && item.message.state === "pending") {
        const text = "Written as another identity or in another session.";
        this.fail(item.message.id, { code: "FORBIDDEN", text });
      }
    }
  }

  /** @throws ChatError `BUSY` when it is full, `ID_CONFLICT` when it holds the id. */
  add(message: ChatMessage): void {
    if (this.#items.size >= this.#limit) {
      throw new ChatError("BUSY", `The outbox is full: ${this.#limit} messages.`);
    }
    if (this.#items.has(message.id)) throw new ChatError("ID_CONFLICT", "This id is pending.");
    this.#put({ ...message, state: "pending" });
  }

  /** Takes the next message to send now, and the cursor that its frame carries if it is a resend. */
  next(
    cursor: string,
    now: number,
    connectionId?: string,
  ): { message: ChatMessage; after: string | undefined } | undefined {
    if (this.#underWay === 0) this.#draining = false;
    if (this.#draining || this.#underWay >= Math.floor(this.#window)) return undefined;
    for (const item of this.#items.values()) {
      if (item.message.state !== "pending" || item.sentAt !== undefined) continue;
      const { message, after } = item;
      if (after === undefined) {
        item.after = cursor;
        item.connectionId = connectionId;
        this.#save(item);
      }
      item.resent = after !== undefined;
      item.holds = false;
      item.sentAt = now;
      this.#underWay += 1;
      return { message, after };
    }
    return undefined;
  }

  /** It is in the log: takes it out. Where no ack says so, the envelope that was found there has to be the same. */
  settle(id: string, author = this.#owner?.author, found?: ChatMessage): Settled | undefined {
    const item = this.#items.get(id);
    if (item === undefined || (item.owner ?? this.#owner)?.author !== author) return undefined;
    if (found !== undefined && bodyOf(found) !== bodyOf(item.message)) return undefined;
    if (this.#landed(item)) this.#window = Math.min(WINDOW, this.#window + WIDENING);
    this.#remove(id);
    return withoutState(item.message);
  }

  /** It was refused for good, or nobody can tell. Whether it was there. */
  fail(id: string, error: ChatProblem): boolean {
    const item = this.#items.get(id);
    if (item === undefined) return false;
    this.#landed(item);
    const state = error.code === "UNKNOWN_OUTCOME" ? "uncertain" : "failed";
    item.message = { ...item.message, state, error };
    this.#save(item);
    return true;
  }

  /** It did not leave after all: unless an earlier connection took it, it is as if it had never been sent. */
  withdraw(id: string): void {
    const item = this.#items.get(id);
    if (item === undefined || item.resent) return;
    item.after = undefined;
    item.connectionId = undefined;
    this.#save(item);
  }

  /** It came too early: it goes again, before those after it, when all that is under way has been answered. */
  refuse(id: string): boolean {
    const item = this.#items.get(id);
    if (item === undefined) return false;
    // Refused twice, as when the network doubled its frame: it waits already.
    if (!this.#landed(item)) return item.message.state === "pending";
    if (!item.resent) {
      item.after = undefined;
      this.#save(item);
    }
    item.holds = true;
    this.#draining = true;
    this.#window = 1;
    return true;
  }

  /** The connection is gone: what was under way may be in the log or not, and is sent again on the next. */
  disconnected(): void {
    for (const item of this.#items.values()) {
      this.#landed(item);
      item.holds = false;
    }
    this.#window = WINDOW;
  }

  /** Sends again what failed or is uncertain, as a new message at the end. Returns its id, a new one if the old one may be in the log. */
  retry(id: string): string | undefined {
    const item = this.#items.get(id);
    if (item === undefined || item.message.state === "pending") return undefined;
    const message = withoutState(item.message);
    const isUsed = item.message.state === "uncertain" || item.message.error?.code === "ID_CONFLICT";
    const next = isUsed ? createMessageId() : id;
    // Its entry is overwritten where the id stays: a storage need not keep the order of a removal and a save.
    if (next === id) this.#items.delete(id);
    else this.#remove(id);
    this.#put({ ...message, id: next, timestamp: Date.now(), state: "pending" });
    return next;
  }

  /** Whether the connection has to end for others to get through when this one is taken back. */
  holds(id: string): boolean {
    return this.#items.get(id)?.holds === true;
  }

  /** Takes out what failed, is uncertain or was never sent; what may be on its way to the log stays. */
  discard(id: string): boolean {
    const item = this.#items.get(id);
    if (item === undefined || (item.message.state === "pending" && item.after !== undefined)) return false;
    return this.#remove(id);
  }

  /** When the oldest of those under way was sent. */
  get oldestSentAt(): number | undefined {
    for (const { sentAt } of this.#items.values()) if (sentAt !== undefined) return sentAt;
    return undefined;
  }

  messages(): UnsentMessage[] {
    return Array.from(this.#items.values(), ({ message }) => message);
  }

  #put(draft: Omit<UnsentMessage, "key">): void {
    this.#timestamp = Math.max(draft.timestamp, this.#timestamp + 1);
    const keyed = { ...draft, timestamp: this.#timestamp };
    const message = { ...keyed, key: toKey(keyed) };
    const item = { message, owner: this.#owner, after: undefined, sentAt: undefined, ...NEW };
    this.#items.set(message.id, item);
    this.#save(item);
  }

  #save(item: Item): void {
    const { message, after, connectionId, owner } = item;
    this.#keep(message.id, { message, after, connectionId, owner }, () => {
      item.kept = true;
    });
  }

  #remove(id: string): boolean {
    this.#keep(id);
    return this.#items.delete(id);
  }

  #landed(item: Item): boolean {
    if (item.sentAt === undefined) return false;
    item.sentAt = undefined;
    this.#underWay -= 1;
    return true;
  }
}

const NEW = { resent: false, holds: false, restored: false, kept: false };

function isUnsent({ message, after }: Item): boolean {
  return message.state === "pending" && after === undefined;
}

/** What its author wrote. JSON keeps the order of the keys on the way to the log and back. */
function bodyOf({ type, content, metadata }: ChatMessage): string {
  return JSON.stringify([type, content, { ...metadata, from: undefined }]);
}

function isUnlike(one: Owner, other: Owner): boolean {
  return one.author !== other.author || one.sessionId !== other.sessionId;
}

function withoutState({ state: _, error: __, seq: ___, ...message }: UnsentMessage): Settled {
  return message;
}
