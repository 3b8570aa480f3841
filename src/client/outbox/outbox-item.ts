import type { ChatMessage } from "../../protocol/envelope.js";
import type { UnsentMessage } from "../snapshot.js";
import type { SavedMessage } from "../storage/storage.js";

/** A message of the outbox. `after`, which a resend must carry, is unset while the message cannot be in the log. Unset flags are `false`. */
export interface OutboxItem extends SavedMessage {
  /** Whether it was sent with `after`: a refusal then does not show that it is not in the log. */
  isResend?: boolean;
  /** Whether it was loaded from the storage, where an earlier or another page wrote it. */
  isRestored?: boolean;
  /** Whether the storage has it. */
  isStored?: boolean;
  /** Whether the server rejects, on this connection, what follows it until it is sent again (P3). */
  blocksQueue?: boolean;
  /** When it was sent on this connection, in milliseconds; unset while it is not in flight. */
  sentAt?: number | undefined;
}

/** A message that has left the outbox for the log, and the key under which it was shown. */
export type ConfirmedMessage = ChatMessage & Pick<UnsentMessage, "key">;

export function isPending({ message }: OutboxItem): boolean {
  return message.state === "pending";
}

/** Whether the log cannot have it. */
export function isUnsent(item: OutboxItem): boolean {
  return isPending(item) && item.after === undefined;
}

/** Whether an envelope of the log is this message. JSON keeps the order of the keys on the way to the log and back. */
export function isSameBody(one: ChatMessage, other: ChatMessage): boolean {
  return bodyOf(one) === bodyOf(other);
}

export function withoutState({ state: _, error: __, seq: ___, ...message }: UnsentMessage): ConfirmedMessage {
  return message;
}

function bodyOf({ type, content, metadata }: ChatMessage): string {
  return JSON.stringify([type, content, { ...metadata, from: undefined, failed: undefined }]);
}
