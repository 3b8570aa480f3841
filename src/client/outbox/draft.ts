import { type ChatMessage, type ChatMessageType, isDurable, MESSAGE_TYPES } from "../../protocol/envelope.js";
import { ChatError } from "../../protocol/errors.js";
import { createMessageId } from "../../protocol/ids.js";
import { MAX_ID_LENGTH } from "../../protocol/limits.js";
import { isObject, isString } from "../shape.js";

/** A message to send: an envelope without the fields that the client and the server set. */
export interface ChatDraft {
  /** The text. */
  content: string;
  /** A durable type: `message`, `tool_call`, `tool_result` or `system`. Default `message`. The server's `allowedTypes` may refuse it. */
  type?: ChatMessageType;
  /** A JSON object. The server sets `from`, `cursor` and `failed`. Default: none. */
  metadata?: Record<string, unknown>;
  /** At most 128 characters, not beginning with `~`, unique for its author. Default `createMessageId()`. */
  id?: string;
}

/**
 * The answer to an open call: what the tool has returned, or whether the user allows it, and why. `isError` says that the tool has failed,
 * `mediaType` `application/json` that the content is JSON.
 */
export type ToolAnswer =
  | string
  | { content?: string; approved?: boolean; reason?: string; isError?: boolean; mediaType?: string };

const DURABLE_TYPES: readonly string[] = MESSAGE_TYPES.filter(isDurable);

/**
 * The envelope of a draft: a copy, as JSON will carry it.
 *
 * @throws ChatError `INVALID_MESSAGE` for a field that is not as `ChatDraft` says
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

/** The frame of a message. @param after the cursor, on a resend */
export function toFrame({ id, type, content, metadata }: ChatMessage, after: string | undefined): object {
  return { id, type, content, metadata, after };
}

function copyOf(metadata: unknown): Record<string, unknown> {
  let copy: unknown;
  try {
    copy = JSON.parse(JSON.stringify(metadata));
  } catch {
    // A cycle or a BigInt: refused below, as a value that is no object.
  }
  requireField("metadata", isObject(copy));
  const { from: _, cursor: __, failed: ___, ...own } = copy;
  return own;
}

function requireField(name: string, holds: boolean): asserts holds {
  if (!holds) throw new ChatError("INVALID_MESSAGE", `"${name}" is invalid: see ChatDraft.`);
}

function isId(id: unknown): boolean {
  return isString(id) && id.length <= MAX_ID_LENGTH && /^(?!~)\P{Surrogate}+$/su.test(id);
}
