import type { ChatMessage } from "../../protocol/envelope.js";
import { ChatError } from "../../protocol/errors.js";
import { createMessageId } from "../../protocol/ids.js";
import { toKey } from "../message-key.js";
import { isString } from "../shape.js";
import type { ChatErrorInfo, UnsentMessage } from "../snapshot.js";
import type { Persistence } from "../storage/persistence.js";
import type { MessageScope, SavedMessage } from "../storage/storage.js";

/** Messages under way at one time. */
const WINDOW = 32;
/** How much an ack widens a window that a refusal has narrowed to one. */
const WIDENING = 1 / 8;

/** A message on its way. `after`, which a resend has to say, is unset for as long as it cannot be in the log. */
interface OutboxItem extends SavedMessage {
  /** Whether it has been sent with `after`: then a refusal does not tell that it is not in the log. */
  isResend: boolean;
  /** Whether an earlier page, or another one that is open, had it first. */
  isRestored: boolean;
  /** Whether the storage has it. */
  isStored: boolean;
  /** Whether the server holds back, on this connection, what comes after it until it comes again. */
  blocksQueue: boolean;
  /** When it was sent on this connection, in milliseconds; unset while it is not in flight. */
  sentAt: number | undefined;
}

/** A message that has left the outbox for the log, and the key under which it was shown. */
export type ConfirmedMessage = ChatMessage & Pick<UnsentMessage, "key">;

/** A message that is to be sent. Its frame says `after` if it is `isResend`. */
export type OutgoingMessage = Readonly<Pick<OutboxItem, "message" | "after" | "isResend">>;

/** One's own messages that are not known to be in the log, in the order they were sent. It knows no socket and no timer. */
export class Outbox {
  #items = new Map<string, OutboxItem>();
  readonly #limit: number;
  #window = WINDOW;
  /** Set by a refusal: what is under way has to be answered before more is sent, or that would overtake it (P3). */
  #draining = false;
  #scope: MessageScope | undefined;
  #connectionId: string | undefined;
  readonly #persistence: Persistence;

  constructor(limit: number, persistence: Persistence) {
    this.#limit = limit;
    this.#persistence = persistence;
  }

  /** Adopts what an earlier client left behind: it goes before what this one has. */
  restore(saved: readonly SavedMessage[]): void {
    const earlier = saved
      .toSorted((a, b) => a.message.timestamp - b.message.timestamp)
      .map((entry): [string, OutboxItem] => [entry.message.id, { ...NEW, isRestored: true, isStored: true, ...entry }]);
    this.#items = new Map([...earlier, ...this.#items]);
  }

  /** The messages that the storage has, and that another page with the same storage may have sent meanwhile. */
  stored(): OutboxItem[] {
    return this.#all.filter(({ isStored: kept }) => kept);
  }

  /** What the storage says now of those: one that was never sent from here and is no longer there must not go as if it were new. */
  refresh(shared: readonly OutboxItem[], saved: readonly SavedMessage[]): void {
    for (const item of shared) {
      const { id } = item.message;
      if (this.#items.get(id) !== item || !isUnsent(item)) continue;
      const entry = saved.find(({ message }) => message.id === id);
      if (entry) Object.assign(item, entry);
      else if (item.isRestored) this.#items.delete(id);
      else this.fail(id, { code: "UNKNOWN_OUTCOME", text: "Another page sent or cleared it." });
    }
  }

  /** The last connection, and those on which pending messages were first sent: what is still on its way there must not arrive. */
  get connections(): Set<string> {
    const sentOn = this.#all.filter(isPending).map(({ connectionId }) => connectionId);
    return new Set([...sentOn, this.#connectionId].filter(isString));
  }

  /** The server has said who this is, and where. */
  setScope(scope: MessageScope, connectionId: string): void {
    this.#scope = scope;
    this.#connectionId = connectionId;
  }

  /** What was written as another, or elsewhere, must not be said here. */
  rejectForeign(): void {
    const scope = this.#scope;
    if (!scope) return;
    for (const item of this.#all) {
      if (!item.scope) this.#save(Object.assign(item, { scope }));
      else if (isPending(item) && (item.scope.author !== scope.author || item.scope.sessionId !== scope.sessionId)) {
        const text = "Another identity or session wrote it.";
        this.fail(item.message.id, { code: "FORBIDDEN", text });
      }
    }
  }

  /** @throws ChatError `BUSY` when it is full, `ID_CONFLICT` when it holds the id. */
  add(message: ChatMessage): void {
    if (this.#items.size >= this.#limit) {
      throw new ChatError("BUSY", `Full: "maxOutbox" is ${this.#limit}.`);
    }
    if (this.#items.has(message.id)) throw new ChatError("ID_CONFLICT", "The id is pending.");
    this.#put({ ...message, state: "pending" });
  }

  /** Takes the next message to send `now`, in milliseconds, as one who has read up to `cursor`. */
  next(cursor: string, now: number): OutgoingMessage | undefined {
    const inFlight = this.#inFlight.length;
    if (inFlight === 0) this.#draining = false;
    if (this.#draining || inFlight >= Math.floor(this.#window)) return undefined;
    const item = this.#all.find((each) => isPending(each) && each.sentAt === undefined);
    if (!item) return undefined;
    Object.assign(item, { isResend: item.after !== undefined, blocksQueue: false, sentAt: now });
    if (!item.isResend) this.#save(Object.assign(item, { after: cursor, connectionId: this.#connectionId }));
    return { ...item };
  }

  /** It is in the log: takes it out. Where no ack says so, the envelope that was found there has to be the same. */
  confirm(id: string, author = this.#scope?.author, found?: ChatMessage): ConfirmedMessage | undefined {
    const item = this.#items.get(id);
    if (!item || (item.scope ?? this.#scope)?.author !== author) return undefined;
    if (found && bodyOf(found) !== bodyOf(item.message)) return undefined;
    this.#window = Math.min(WINDOW, this.#window + WIDENING);
    this.#remove(id);
    return withoutState(item.message);
  }

  /** It was refused for good, or nobody can tell. Whether it was there. */
  fail(id: string, error: ChatErrorInfo): boolean {
    const item = this.#items.get(id);
    if (!item) return false;
    const state = error.code === "UNKNOWN_OUTCOME" ? "uncertain" : "failed";
    this.#save(Object.assign(item, { sentAt: undefined, message: { ...item.message, state, error } }));
    return true;
  }

  /** It did not leave after all: unless an earlier connection took it, it is as if it had never been sent. */
  markUnsent(id: string): void {
    const item = this.#items.get(id);
    if (item?.isResend === false) this.#save(Object.assign(item, UNSENT));
  }

  /** It came too early: it goes again, before those after it, when all that is under way has been answered. */
  postpone(id = ""): boolean {
    const item = this.#items.get(id);
    if (!item) return false;
    // Refused twice, as when the network doubled its frame: it waits already.
    if (item.sentAt === undefined) return isPending(item);
    Object.assign(item, { sentAt: undefined, blocksQueue: true });
    this.markUnsent(id);
    this.#draining = true;
    this.#window = 1;
    return true;
  }

  /** The connection is gone: what was under way may be in the log or not, and is sent again on the next. */
  clearInFlight(): void {
    for (const item of this.#all) Object.assign(item, { sentAt: undefined, blocksQueue: false });
    this.#window = WINDOW;
  }

  /** Sends again what failed or is uncertain, as a new message at the end. Returns its id, a new one if the old one may be in the log. */
  retry(id: string): string | undefined {
    const item = this.#items.get(id);
    if (!item || isPending(item)) return undefined;
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
    return this.#items.get(id)?.blocksQueue === true;
  }

  /** Takes out what failed, is uncertain or was never sent; what may be on its way to the log stays. */
  discard(id: string): boolean {
    const item = this.#items.get(id);
    if (!item || (isPending(item) && !isUnsent(item))) return false;
    return this.#remove(id);
  }

  /** When the oldest of those under way was sent. */
  get oldestSentAt(): number | undefined {
    return this.#inFlight[0]?.sentAt;
  }

  messages(): UnsentMessage[] {
    return this.#all.map(({ message }) => message);
  }

  get #all(): OutboxItem[] {
    return [...this.#items.values()];
  }

  get #inFlight(): OutboxItem[] {
    return this.#all.filter(({ sentAt }) => sentAt !== undefined);
  }

  /** No two messages have the same time, so that it tells their order. */
  #put(draft: Omit<UnsentMessage, "key">): void {
    const timestamp = this.messages().reduce((least, one) => Math.max(least, one.timestamp + 1), draft.timestamp);
    const message = { ...draft, timestamp, key: toKey({ ...draft, timestamp }) };
    const item: OutboxItem = { ...NEW, message, scope: this.#scope };
    this.#items.set(draft.id, item);
    this.#save(item);
  }

  #save(item: OutboxItem): void {
    const { message, after, connectionId, scope } = item;
    const kept = () => {
      item.isStored = true;
    };
    this.#persistence.run((to) => to.saveMessage({ message, after, connectionId, scope }), kept, message.id, true);
  }

  #remove(id: string): boolean {
    this.#persistence.run((to) => to.removeMessage(id), undefined, id);
    return this.#items.delete(id);
  }
}

const UNSENT = { after: undefined, connectionId: undefined };
const NEW = { ...UNSENT, sentAt: undefined, isResend: false, blocksQueue: false, isRestored: false, isStored: false };

function isPending({ message }: OutboxItem): boolean {
  return message.state === "pending";
}

function isUnsent(item: OutboxItem): boolean {
  return isPending(item) && item.after === undefined;
}

/** What its author wrote. JSON keeps the order of the keys on the way to the log and back. */
function bodyOf({ type, content, metadata }: ChatMessage): string {
  return JSON.stringify([type, content, { ...metadata, from: undefined }]);
}

function withoutState({ state: _, error: __, seq: ___, ...message }: UnsentMessage): ConfirmedMessage {
  return message;
}
