import { type ChatMessage, isDurable } from "../../protocol/envelope.js";
import { ChatError, isForClients } from "../../protocol/errors.js";
import { createMessageId } from "../../protocol/ids.js";
import { logError } from "../log-error.js";
import type { Inbound } from "../receive/inbound.js";
import { compose } from "./reply.js";
import type { Turn } from "./turn.js";

/** How long a client should wait when too many turns are unfinished, in milliseconds. */
const BUSY_RETRY = 1_000;

/** The answer to a message that cannot be taken on now. On v1 those after it wait for it, as for one refused for its rate (P3). */
export function rejectBusy({ connection, message: { id, type } }: Inbound): ChatError {
  if (connection.state.dialect === "v1" && isDurable(type)) connection.state.blockedBy ??= { id, busy: true };
  return new ChatError("BUSY", undefined, { inReplyTo: id, retryAfterMs: BUSY_RETRY });
}

/** Why a turn that took too long has ended. */
export function timeout({ message }: Turn): ChatError {
  return new ChatError("TURN_TIMEOUT", undefined, { inReplyTo: message.id });
}

/** The replies in what a handler returned. @throws ChatError `INVALID_OPTION` */
export function toReplies(returned: unknown): ChatMessage[] {
  if (returned === undefined || returned === null) return [];
  // Holes of an array are read, too.
  return Array.from(Array.isArray(returned) ? returned : [returned], (reply) => compose(reply, createMessageId()));
}

/** What the client is told of what a handler threw (P7). That may be anything, so that to look at it may throw, too. */
export function toClientError(error: unknown, turn: Turn): ChatError {
  const inReplyTo = turn.message.id;
  try {
    if (error instanceof ChatError) {
      const { code, message, retryAfterMs } = error;
      if (isForClients(code)) {
        return new ChatError(code, message, { inReplyTo, retryAfterMs: retryAfterMs && Number(retryAfterMs) });
      }
    }
  } catch {
    // It is not meant for the client.
  }
  logError("onMessage", error);
  return new ChatError("HANDLER_FAILED", "The message could not be handled.", { inReplyTo });
}
