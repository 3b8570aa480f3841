import { exceedsBytes, stringify, toEnvelope } from "../../protocol/codec.js";
import type { ChatMessage } from "../../protocol/envelope.js";
import { ChatError, textOf } from "../../protocol/errors.js";
import { createMessageId } from "../../protocol/ids.js";
import { MAX_ENVELOPE_SIZE } from "../../protocol/limits.js";
import { checkDepth } from "../receive/depth.js";
import { privateOf, setPrivate } from "../stream/private-parts.js";

/**
 * The envelope that a draft, or a text, of the application stands for. It is held to the wire: no client could read anything else.
 *
 * @param newId the id of one that has none. Default: a new one
 * @throws ChatError `INVALID_OPTION`
 */
export function compose(draft: unknown, newId?: string): ChatMessage {
  return written(() => {
    const given = typeof draft === "string" ? { content: draft } : draft;
    const {
      id = newId ?? createMessageId(),
      type,
      role = "assistant",
      content,
      metadata,
      timestamp = Date.now(),
    } = toEnvelope(given, "message");
    const message: ChatMessage = { id, type, role, content, timestamp };
    if (metadata !== undefined) message.metadata = copyOf(metadata);
    return setPrivate(message, privateOf(Object(given)));
  });
}

/** Characters of the text of an error that enter the log: whatever they are, they fit an envelope. */
const MAX_REPORT_LENGTH = 300_000;

/** The envelope that stands in the log for an error of the turn of the message at `inReplyToSeq`, which nobody is there to receive. */
export function toReport(error: ChatError, id: string, inReplyToSeq: number, timestamp: number): ChatMessage {
  const { code, inReplyTo } = error;
  const metadata = { code, ...(inReplyTo !== undefined && { inReplyTo }), inReplyToSeq };
  return {
    id,
    type: "system",
    role: "system",
    content: textOf(error).slice(0, MAX_REPORT_LENGTH),
    metadata,
    timestamp,
  };
}

/** The frame of an envelope that the application wrote. @throws ChatError `INVALID_OPTION` */
export function encodeReply(message: ChatMessage): string {
  const frame = written(() => stringify(message));
  if (exceedsBytes(frame, MAX_ENVELOPE_SIZE)) {
    throw new ChatError("INVALID_OPTION", `An envelope may be ${MAX_ENVELOPE_SIZE} bytes as JSON, this one has more.`);
  }
  return frame;
}

/** As JSON keeps it, without a place of the application's choice. */
function copyOf(metadata: Record<string, unknown>): Record<string, unknown> {
  const { cursor: _, ...copy } = JSON.parse(stringify(metadata));
  checkDepth("metadata", copy);
  return copy;
}

/** What is made of an object of the application's. To read that may throw anything: getters, `toJSON`, proxies. */
function written<Value>(make: () => Value): Value {
  try {
    return make();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ChatError("INVALID_OPTION", `The application wrote an envelope that cannot be sent. ${why}`, { cause });
  }
}
