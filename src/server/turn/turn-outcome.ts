import type { FinishReason } from "../../protocol/chunk.js";
import { type ChatMessage, isDurable } from "../../protocol/envelope.js";
import { ChatError, isForClients, textOf } from "../../protocol/errors.js";
import { logError } from "../log-error.js";
import { compose } from "./reply.js";
import type { Turn } from "./turn.js";

/** Why a turn that took too long has ended. */
export function timeout({ message }: Turn): ChatError {
  return new ChatError("TURN_TIMEOUT", undefined, { inReplyTo: message.id });
}

/** The replies in what a handler returned. */
export function toList(returned: unknown): unknown[] {
  if (returned === undefined || returned === null) return [];
  // Holes of an array are read, too.
  return Array.isArray(returned) ? Array.from(returned) : [returned];
}

/**
 * The envelope of a reply. One that is durable says what it answers, unless the handler has said so.
 *
 * @param newId the id of one that has none. Default: a new one
 * @throws ChatError `INVALID_OPTION`
 */
export function toReply(given: unknown, { replyMetadata }: Turn, newId?: string): ChatMessage {
  const reply = compose(given, newId);
  if (isDurable(reply.type)) reply.metadata = { ...replyMetadata, ...reply.metadata };
  return reply;
}

/** The envelopes of what was saved of replies that an earlier attempt streamed, and this one has not begun again. */
export function toKeptReplies(turn: Turn, finish: FinishReason, error?: ChatError): ChatMessage[] {
  const kept: ChatMessage[] = [];
  for (const { draft } of turn.saved.values()) {
    const metadata = { ...draft.metadata, finish, ...(error && { error: { code: error.code, text: textOf(error) } }) };
    kept.push(toReply({ ...draft, metadata }, turn));
  }
  return kept;
}

/** The error that a client is sent for what a handler threw (P7). A handler may throw anything, and reading it may throw again. */
export function toClientError(error: unknown, turn: Turn): ChatError {
  const inReplyTo = turn.message.id;
  try {
    if (error instanceof ChatError) {
      const { code, message, retryAfterMs } = error;
      if (isForClients(code)) {
        return new ChatError(code, message, { inReplyTo, retryAfterMs });
      }
    }
  } catch (cause) {
    // It is not meant for the client.
    logError("onMessage", cause);
  }
  logError("onMessage", error);
  return new ChatError("HANDLER_FAILED", "The message could not be handled.", { inReplyTo });
}
