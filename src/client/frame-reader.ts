import { type Author, type ChatMessage, isDurable, MESSAGE_TYPES } from "../protocol/envelope.js";
import type { ServerFrame } from "../protocol/frames.js";
import {
  ENVELOPE,
  hasShape,
  isAuthor,
  isCount,
  isMessageList,
  isNumber,
  isPart,
  isPartList,
  isPositive,
  isString,
  type JsonObject,
  oneOf,
  optional,
  type Shape,
} from "./shape.js";
import type { ChatErrorInfo } from "./snapshot.js";

/** A frame of a later version, or a malformed one. It is ignored, but its seq may move the cursor. */
export interface UnknownFrame {
  type: "unknown";
  seq: number | undefined;
}

/** The required fields of each type of frame. */
const SHAPES = new Map<unknown, Shape>([
  ...MESSAGE_TYPES.map(
    (type) => [type, { ...ENVELOPE, seq: isDurable(type) ? optional(isPositive) : oneOf(undefined) }] as const,
  ),
  [
    "hello",
    {
      sessionId: isString,
      connectionId: isString,
      epoch: isString,
      head: isCount,
      tail: isCount,
      replayFrom: isPositive,
      identity: isAuthor,
      expiresIn: optional(isNumber),
      limits: hasShape({ maxMessageSize: isPositive, heartbeatInterval: isPositive }),
    },
  ],
  ["ack", { id: isString, seq: isPositive, timestamp: isNumber }],
  ["page", { seq: isCount, more: oneOf(true, false) }],
  ["history", { before: isPositive, messages: isMessageList }],
  [
    "stream",
    {
      id: isString,
      n: isPositive,
      ref: hasShape({ id: isString, supersedes: optional(isString), continues: optional(isString) }),
      parts: isPartList,
    },
  ],
  ["delta", { id: isString, n: isPositive, at: isCount, text: optional(isString), part: optional(isPart) }],
  ["cancelled", { id: isString, result: isString }],
  ["over", { id: isString }],
  ["auth", { identity: isAuthor, expiresIn: optional(isNumber) }],
  ["ping", { nonce: optional(isString) }],
  ["pong", {}],
]);

/** Reads a frame of the server. One that is not as PROTOCOL.md says is `unknown`; nothing throws. */
export function readFrame(data: unknown): ServerFrame | UnknownFrame {
  let value: unknown;
  try {
    value = JSON.parse(String(data));
  } catch {
    // No JSON: unknown.
  }
  const { type, seq }: JsonObject = Object(value);
  const shape = SHAPES.get(type);
  if (shape && hasShape<ServerFrame>(shape)(value)) return value;
  return { type: "unknown", seq: isPositive(seq) ? seq : undefined };
}

/** Who wrote an envelope, as the server says (P6): its `metadata.from`. `undefined` for what the server itself wrote. */
export function readAuthor({ metadata }: ChatMessage): Author | undefined {
  const from: unknown = metadata?.["from"];
  return isAuthor(from) ? from : undefined;
}

/** The error of an `error` envelope. */
export function readErrorInfo({ content: text, metadata = {} }: ChatMessage): ChatErrorInfo {
  const { code, inReplyTo, inReplyToSeq, retryAfterMs } = metadata;
  return {
    code: String(code),
    text,
    ...(isString(inReplyTo) && { inReplyTo }),
    ...(isNumber(inReplyToSeq) && { inReplyToSeq }),
    ...(isNumber(retryAfterMs) && { retryAfterMs }),
  };
}
