import type { ChatMessage } from "../../protocol/envelope.js";
import { ChatError } from "../../protocol/errors.js";
import { createMessageId } from "../../protocol/ids.js";
import { toKey } from "../message-key.js";
import { isString } from "../shape.js";
import type { ChatErrorInfo, UnsentMessage } from "../snapshot.js";
import type { Persistence } from "../storage/persistence.js";
import type { MessageScope, SavedMessage } from "../storage/storage.js";
import {
  type ConfirmedMessage,
  isPending,
  isSameBody,
  isUnsent,
  type OutboxItem,
  withoutState,
} from "./outbox-item.js";

const MAX_IN_FLIGHT = 32;
/** How much an ack widens a window that a refusal has reduced. */
const GROWTH_PER_ACK = 1 / 8;

/** A message to be sent now. Its frame carries `after` if `isResend` is set. */
export type OutgoingMessage = Readonly<Pick<OutboxItem, "message" | "after" | "isResend">>;

/** The client's own messages that are not known to be in the log, in the order they were sent. It has no socket and no timer. */
export class Outbox {
  #items = new Map<string, OutboxItem>();
  /** How many messages may be in flight. A refusal reduces it to 1, and each ack widens it again, as a congestion window. */
  #window = MAX_IN_FLIGHT;
  /** Set by a refusal: all in flight must be answered before more is sent, or that would overtake the refused message (P3). */
  #isDraining = false;
  readonly #maxMessages: number;
  readonly #persistence: Persistence;
  #scope: MessageScope | undefined;
  #connectionId: string | undefined;

  constructor(maxMessages: number, persistence: Persistence) {
    this.#maxMessages = maxMessages;
    this.#persistence = persistence;
  }

  /** Adds the messages that an earlier client left in the storage, before those of this one. */
  restore(saved: readonly SavedMessage[]): void {
    const earlier = saved
      .toSorted((a, b) => a.message.timestamp - b.message.timestamp)
      .map((entry): [string, OutboxItem] => [entry.message.id, { isRestored: true, isStored: true, ...entry }]);
    this.#items = new Map([...earlier, ...this.#items]);
  }

  /** The messages that the storage has: another page with the same storage may have sent them meanwhile. */
  stored(): OutboxItem[] {
    return this.#all.filter(({ isStored }) => isStored);
  }

  /** Takes over what the storage says now of `stored`. A message that was never sent from here and is gone from there is not sent as new. */
  refresh(stored: readonly OutboxItem[], saved: readonly SavedMessage[]): void {
    for (const item of stored) {
      const { id } = item.message;
      if (this.#items.get(id) !== item || !isUnsent(item)) continue;
      const entry = saved.find(({ message }) => message.id === id);
      if (entry) Object.assign(item, entry);
      else if (item.isRestored) this.#items.delete(id);
      else this.fail(id, { code: "UNKNOWN_OUTCOME", text: "Another page sent or cleared it." });
    }
  }

  /** The ids of the last connection and of those on which pending messages were first sent: frames still on their way there must not arrive. */
  get connections(): Set<string> {
    const sentOn = this.#all.filter(isPending).map(({ connectionId }) => connectionId);
    return new Set([...sentOn, this.#connectionId].filter(isString));
  }

  /** Sets who the client is and in which session, as the server's hello says. */
  setScope(scope: MessageScope, connectionId: string): void {
    this.#scope = scope;
    this.#connectionId = connectionId;
  }

  /** Fails the messages of another identity or session, and marks those that have no scope yet as of this one. */
  rejectForeign(): void {
    const scope = this.#scope;
    if (!scope) return;
    for (const item of this.#all) {
      if (!item.scope) {
        item.scope = scope;
        this.#save(item);
      } else if (isPending(item) && (item.scope.author !== scope.author || item.scope.sessionId !== scope.sessionId)) {
        this.fail(item.message.id, { code: "FORBIDDEN", text: "Another identity or session wrote it." });
      }
    }
  }

  /** @throws ChatError `BUSY` when it is full, `ID_CONFLICT` when it holds the id */
  add(message: ChatMessage): void {
    if (this.#items.size >= this.#maxMessages) {
      throw new ChatError("BUSY", `The outbox is full (maxOutbox: ${this.#maxMessages}).`);
    }
    if (this.#items.has(message.id)) throw new ChatError("ID_CONFLICT", `The id "${message.id}" is in the outbox.`);
    this.#put({ ...message, state: "pending" });
  }

  /**
   * The next message to send, which is in flight from then on.
   *
   * @param cursor up to where the log was read
   * @param now milliseconds
   */
  next(cursor: string, now: number): OutgoingMessage | undefined {
    const inFlight = this.#inFlight.length;
    if (inFlight === 0) this.#isDraining = false;
    if (this.#isDraining || inFlight >= Math.floor(this.#window)) return undefined;
    const item = this.#all.find((each) => isPending(each) && each.sentAt === undefined);
    if (!item) return undefined;
    item.isResend = item.after !== undefined;
    item.blocksQueue = false;
    item.sentAt = now;
    if (!item.isResend) {
      item.after = cursor;
      item.connectionId = this.#connectionId;
      this.#save(item);
    }
    return item;
  }

  /**
   * Removes a message that is in the log.
   *
   * @param found the envelope of the log that shows so, which must have the same body; none if an ack does
   */
  confirm(id: string, author = this.#scope?.author, found?: ChatMessage): ConfirmedMessage | undefined {
    const item = this.#items.get(id);
    if (!item || (item.scope ?? this.#scope)?.author !== author) return undefined;
    if (found && !isSameBody(found, item.message)) return undefined;
    this.#window = Math.min(MAX_IN_FLIGHT, this.#window + GROWTH_PER_ACK);
    this.#remove(id);
    return withoutState(item.message);
  }

  /** Marks a message `failed`, or `uncertain` if its outcome is unknown. Returns whether it was there. */
  fail(id: string, error: ChatErrorInfo): boolean {
    const item = this.#items.get(id);
    if (!item) return false;
    item.sentAt = undefined;
    item.message = { ...item.message, state: error.code === "UNKNOWN_OUTCOME" ? "uncertain" : "failed", error };
    this.#save(item);
    return true;
  }

  /** Marks a message that did not leave after all as never sent, unless it was sent on an earlier connection. */
  markUnsent(id: string): void {
    const item = this.#items.get(id);
    if (!item || item.isResend) return;
    item.after = item.connectionId = undefined;
    this.#save(item);
  }

  /** Postpones a message that was refused as too early: it is sent again, first of all, when the others in flight are answered. Returns whether it was there. */
  postpone(id = ""): boolean {
    const item = this.#items.get(id);
    if (!item) return false;
    // Refused twice, as when the network has duplicated its frame: it is postponed already.
    if (item.sentAt === undefined) return isPending(item);
    item.sentAt = undefined;
    item.blocksQueue = true;
    this.markUnsent(id);
    this.#isDraining = true;
    this.#window = 1;
    return true;
  }

  /** Ends a connection: the outcome of what was in flight is unknown, and it is sent again on the next one. */
  clearInFlight(): void {
    for (const item of this.#all) {
      item.sentAt = undefined;
      item.blocksQueue = false;
    }
    this.#window = MAX_IN_FLIGHT;
  }

  /** Sends a `failed` or `uncertain` message again, as a new one at the end. Returns its id: a new one if the log may have the old one. */
  retry(id: string): string | undefined {
    const item = this.#items.get(id);
    if (!item || isPending(item)) return undefined;
    const message = withoutState(item.message);
    const isUsed = item.message.state === "uncertain" || item.message.error?.code === "ID_CONFLICT";
    const next = isUsed ? createMessageId() : id;
    // Where the id stays its entry is overwritten: a storage need not keep the order of a removal and a save.
    if (next === id) this.#items.delete(id);
    else this.#remove(id);
    this.#put({ ...message, id: next, timestamp: Date.now(), state: "pending" });
    return next;
  }

  /** Removes a message that failed, is uncertain or was never sent, and returns it. What may be in the log stays. */
  discard(id: string): OutboxItem | undefined {
    const item = this.#items.get(id);
    if (!item || (isPending(item) && item.after)) return undefined;
    this.#remove(id);
    return item;
  }

  /** When the oldest message in flight was sent, in milliseconds. */
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

  /** No two messages have the same timestamp, so that a storage's messages can be put in order by it. */
  #put(draft: Omit<UnsentMessage, "key">): void {
    const timestamp = Math.max(draft.timestamp, ...this.messages().map((one) => one.timestamp + 1));
    const message = { ...draft, timestamp, key: toKey({ ...draft, timestamp }) };
    const item: OutboxItem = { message, scope: this.#scope };
    this.#items.set(draft.id, item);
    this.#save(item);
  }

  #save(item: OutboxItem): void {
    const { message, after, connectionId, scope } = item;
    const onSaved = () => {
      item.isStored = true;
    };
    this.#persistence.run((to) => to.saveMessage({ message, after, connectionId, scope }), onSaved, message.id, true);
  }

  #remove(id: string): void {
    this.#persistence.run((to) => to.removeMessage(id), undefined, id);
    this.#items.delete(id);
  }
}
