import { type Author, type ChatMessage, isDurable, MESSAGE_TYPES } from "../protocol/envelope.js";
import type { ServerFrame } from "../protocol/frames.js";
import {
  areInOrder,
  type Check,
  ENVELOPE,
  hasShape,
  isAuthor,
  isNumber,
  isObject,
  isPlace,
  isText,
  isWhole,
  type JsonObject,
  oneOf,
  optional,
  type Shape,
} from "./shape.js";
import type { ChatProblem } from "./snapshot.js";

/** A frame of a later version, or a broken one: it is ignored, but its seq may still move the cursor. */
export interface UnknownFrame {
  type: "unknown";
  seq?: number;
}

const isDelay: Check = (value) => isNumber(value) && Number(value) > 0;

/** Each frame's fields without which it is of no use. */
const SHAPES: Record<string, Shape> = {
  ...Object.fromEntries(
    MESSAGE_TYPES.map((type) => [type, { ...ENVELOPE, seq: isDurable(type) ? optional(isPlace) : oneOf(undefined) }]),
  ),
  hello: {
    sessionId: isText,
    connectionId: isText,
    epoch: isText,
    head: isWhole,
    tail: isWhole,
    replayFrom: isPlace,
    identity: isAuthor,
    expiresIn: optional(isNumber),
    limits: hasShape({ maxMessageSize: isDelay, heartbeatInterval: isDelay }),
  },
  ack: { id: isText, seq: isPlace, timestamp: isNumber },
  page: { seq: isWhole, more: oneOf(true, false) },
  history: { before: isPlace, messages: areInOrder },
  auth: { identity: isAuthor, expiresIn: optional(isNumber) },
  ping: {},
  pong: {},
};

/** Reads a frame of the server; what is not as PROTOCOL.md says is `unknown`, never an exception. */
export function readFrame(data: unknown): ServerFrame | UnknownFrame {
  let value: unknown;
  try {
    value = JSON.parse(String(data));
  } catch {
    return { type: "unknown" };
  }
  if (!isObject(value)) return { type: "unknown" };
  if (isFrame(value)) return value;
  const { seq } = value;
  return { type: "unknown", ...(isPlace(seq) && { seq: Number(seq) }) };
}

/** Who wrote an envelope, as the server vouches for it. */
export function readAuthor({ metadata }: ChatMessage): Author | undefined {
  const from: unknown = metadata?.["from"];
  return isAuthor(from) ? from : undefined;
}

/** What an `error` envelope tells. */
export function readProblem({ content: text, metadata = {} }: ChatMessage): ChatProblem {
  const { code, inReplyTo, retryAfterMs } = metadata;
  return {
    code: String(code),
    text,
    ...(typeof inReplyTo === "string" && { inReplyTo }),
    ...(typeof retryAfterMs === "number" && { retryAfterMs }),
  };
}

function isFrame(value: JsonObject): value is JsonObject & ServerFrame {
  const { type } = value;
  return typeof type === "string" && Object.hasOwn(SHAPES, type) && hasShape(SHAPES[type] ?? {})(value);
}
