import { type ChatMessage, type ChatMessageType, isDurable, MESSAGE_TYPES } from "../../protocol/envelope.js";
import { ChatError } from "../../protocol/errors.js";
import { createMessageId } from "../../protocol/ids.js";
import { MAX_ID_LENGTH } from "../../protocol/limits.js";
import { isObject, isString } from "../shape.js";

/** What `send` takes: an envelope without what the client and the server fill in. */
export interface ChatDraft {
  content: string;
  /** Default `message`. Durable types only; which of them clients may send is the server's choice. */
  type?: ChatMessageType;
  metadata?: Record<string, unknown>;
  /** Default `createMessageId()`. */
  id?: string;
}

const DURABLE_TYPES: readonly string[] = MESSAGE_TYPES.filter(isDurable);

/**
 * The envelope of a draft, as it will be after its way through JSON, and no part of it shared with the caller.
 *
 * @throws ChatError `INVALID_MESSAGE`
 */
export function createMessage(draft: string | ChatDraft): ChatMessage {
  const given = isString(draft) ? { content: draft } : draft;
  const { id = createMessageId(), type = "message", content, metadata } = given;
  requireField("content", isString(content));
  requireField("type", DURABLE_TYPES.includes(type));
  requireField("id", isId(id));
  const message: ChatMessage = { id, type, role: "user", content, timestamp: Date.now() };
  if (metadata !== undefined) message.metadata = copyOf(metadata);
  return message;
}

/** The frame of a message; `after` on a resend. */
export function toFrame({ id, type, content, metadata }: ChatMessage, after: string | undefined): object {
  return { id, type, content, metadata, after };
}

function copyOf(metadata: unknown): Record<string, unknown> {
  let copy: unknown;
  try {
    copy = JSON.parse(JSON.stringify(metadata));
  } catch {
    // A cycle, or a BigInt: no more an object of JSON than what is no object.
  }
  requireField("metadata", isObject(copy));
  const { from: _, cursor: __, ...own } = copy;
  return own;
}

function requireField(name: string, holds: boolean): asserts holds {
  if (!holds) throw new ChatError("INVALID_MESSAGE", `"${name}" is invalid: see ChatDraft.`);
}

function isId(id: unknown): boolean {
  return isString(id) && id.length <= MAX_ID_LENGTH && /^(?!~)\P{Surrogate}+$/su.test(id);
}
