import { type Author, type ChatMessage, MESSAGE_TYPES } from "../protocol/envelope.js";
import type { SequencedMessage, ServerFrame } from "../protocol/frames.js";
import type { ChatProblem } from "./snapshot.js";

type JsonObject = Record<string, unknown>;

/** A frame of a later version, or a broken one: it is ignored, but its seq may still move the cursor. */
export interface UnknownFrame {
  type: "unknown";
  seq?: number;
}

/** The fields without which a frame is of no use, and their types. */
type Shape = Record<string, "string" | "number" | "boolean" | "object">;

const ENVELOPE: Shape = { id: "string", role: "string", content: "string", timestamp: "number" };
const SHAPES: Record<string, Shape> = {
  ...Object.fromEntries(MESSAGE_TYPES.map((type) => [type, ENVELOPE])),
  hello: {
    sessionId: "string",
    connectionId: "string",
    epoch: "string",
    head: "number",
    tail: "number",
    replayFrom: "number",
    identity: "object",
    limits: "object",
  },
  ack: { id: "string", seq: "number", timestamp: "number" },
  page: { seq: "number" },
  history: { before: "number", messages: "object" },
  auth: { identity: "object" },
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
  return { type: "unknown", ...(typeof seq === "number" && { seq }) };
}

/** Who wrote an envelope, as the server vouches for it. */
export function readAuthor({ metadata }: ChatMessage): Author | undefined {
  const from = metadata?.["from"];
  return isObject(from) && isAuthor(from) ? from : undefined;
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
  const { type, messages, metadata = {}, seq = 0 } = value;
  const shape = SHAPES[String(type)];
  if (shape === undefined || !hasShape(value, shape) || !isObject(metadata) || typeof seq !== "number") return false;
  return type !== "history" || (Array.isArray(messages) && messages.every(isSequenced));
}

function isSequenced(value: unknown): value is SequencedMessage {
  return isObject(value) && hasShape(value, { ...ENVELOPE, seq: "number" });
}

function isAuthor(value: JsonObject): value is JsonObject & Author {
  return typeof value["id"] === "string";
}

function hasShape(value: JsonObject, shape: Shape): boolean {
  return Object.entries(shape).every(([field, type]) => value[field] !== null && typeof value[field] === type);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
