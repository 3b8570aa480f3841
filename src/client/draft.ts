import { byteLength, decodeMessage, encodeMessage } from "../protocol/codec.js";
import { type ChatMessage, type ChatMessageType, isDurable } from "../protocol/envelope.js";
import { ChatError, type ChatErrorCode } from "../protocol/errors.js";
import type { AnnouncedLimits } from "../protocol/frames.js";
import { createMessageId } from "../protocol/ids.js";
import { formatCursor } from "./cursor.js";
import type { ChatProblem } from "./snapshot.js";

/** What `send` takes: an envelope without what the client and the server fill in. */
export interface ChatDraft {
  content: string;
  /** Default `message`. Durable types only; which of them clients may send is the server's choice. */
  type?: ChatMessageType;
  metadata?: Record<string, unknown>;
  /** Default `createMessageId()`. */
  id?: string;
}

/**
 * The envelope of a draft, as it will be after its way through JSON, and no part of it shared with the caller.
 *
 * @throws ChatError `INVALID_MESSAGE`
 */
export function compose(draft: string | ChatDraft): ChatMessage {
  const given = typeof draft === "string" ? { content: draft } : draft;
  const { id = createMessageId(), type = "message", content, metadata } = given;
  const { from: _, ...own } = metadata ?? {};
  const filledIn = { id, role: "user", timestamp: Date.now() } as const;
  const message = { ...filledIn, type, content, ...(metadata && { metadata: own }) };
  const composed = { ...filledIn, ...decodeMessage(encodeMessage(message)) };
  if (!isDurable(type)) {
    throw new ChatError("INVALID_MESSAGE", `send() is for what enters the log, not for "${type}". Try sendTyping().`);
  }
  if (id.startsWith("~")) {
    throw new ChatError("INVALID_MESSAGE", 'Ids that start with "~" are the server\'s: leave "id" out.');
  }
  return composed;
}

/** The frame of a message; `after` on a resend. */
export function writeFrame({ id, type, content, metadata }: ChatMessage, after?: string): string {
  return JSON.stringify({ id, type, content, metadata, after });
}

/** How a message breaks the server's limits. A resend is longer by its cursor, and must fit as well. */
export function breach(message: ChatMessage, limits: AnnouncedLimits, epoch: string): ChatProblem | undefined {
  const { metadata = {} } = message;
  const longest = formatCursor({ epoch, seq: Number.MAX_SAFE_INTEGER });
  const problem = (code: ChatErrorCode, text: string) => ({ code, text, inReplyTo: message.id });
  if (byteLength(writeFrame(message, longest)) > limits.maxMessageSize) {
    return problem("MESSAGE_TOO_LARGE", `A message may be ${limits.maxMessageSize} bytes with its envelope.`);
  }
  if (byteLength(JSON.stringify(metadata)) > limits.maxMetadataSize) {
    return problem("METADATA_TOO_LARGE", `metadata may be ${limits.maxMetadataSize} bytes of JSON.`);
  }
  if (isDeeper(metadata, limits.maxMetadataDepth)) {
    return problem("METADATA_TOO_DEEP", `metadata may be nested ${limits.maxMetadataDepth} deep.`);
  }
  return undefined;
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}
