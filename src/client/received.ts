import { toEnvelope } from "../protocol/codec.js";
import type { Author, ChatMessage } from "../protocol/envelope.js";
import {
  type AckFrame,
  type HelloFrame,
  type PageFrame,
  type ServerFrame,
  SUBPROTOCOL_V1,
} from "../protocol/frames.js";
import type { ChatProblem } from "./snapshot.js";

type JsonObject = Record<string, unknown>;

/** A frame of a later version, or a broken one: it is ignored, but its seq may still move the cursor. */
export interface UnknownFrame {
  type: "unknown";
  seq?: number;
}

/** Reads a frame of the server; what is not as PROTOCOL.md says is `unknown`, never an exception. */
export function readFrame(data: unknown): ServerFrame | UnknownFrame {
  let value: unknown;
  try {
    value = JSON.parse(String(data));
  } catch {
    return { type: "unknown" };
  }
  if (!isObject(value)) return { type: "unknown" };
  const { type, seq } = value;
  if (type === "ping" || type === "pong") return { type };
  if (isHello(value) || isAck(value) || isPage(value)) return value;
  return readEnvelope(value) ?? { type: "unknown", ...(isNumber(seq) && { seq }) };
}

/** Who wrote an envelope, as the server vouches for it. */
export function readAuthor({ metadata }: ChatMessage): Author | undefined {
  const from = metadata?.["from"];
  return isAuthor(from) ? from : undefined;
}

/** What an `error` envelope tells. */
export function readProblem({ content: text, metadata = {} }: ChatMessage): ChatProblem {
  const { code, inReplyTo, retryAfterMs } = metadata;
  return {
    code: String(code),
    text,
    ...(typeof inReplyTo === "string" && { inReplyTo }),
    ...(isNumber(retryAfterMs) && { retryAfterMs }),
  };
}

function readEnvelope(value: JsonObject): ServerFrame | undefined {
  try {
    const { id, role, timestamp, ...rest } = toEnvelope(value);
    if (id === undefined || role === undefined || timestamp === undefined) return undefined;
    const { seq } = value;
    return { ...rest, id, role, timestamp, ...(isNumber(seq) && { seq }) };
  } catch {
    return undefined;
  }
}

function isHello(value: JsonObject): value is JsonObject & HelloFrame {
  const { type, protocol, epoch, resume, limits } = value;
  return (
    type === "hello" &&
    protocol === SUBPROTOCOL_V1 &&
    typeof epoch === "string" &&
    (resume === "new" || resume === "complete" || resume === "gap") &&
    isNumber(value["head"]) &&
    isNumber(value["replayFrom"]) &&
    isAuthor(value["identity"]) &&
    isObject(limits) &&
    ["maxMessageSize", "maxMetadataSize", "maxMetadataDepth", "heartbeatInterval"].every((name) =>
      isNumber(limits[name]),
    )
  );
}

function isAck(value: JsonObject): value is JsonObject & AckFrame {
  return (
    value["type"] === "ack" && typeof value["id"] === "string" && isNumber(value["seq"]) && isNumber(value["timestamp"])
  );
}

function isPage(value: JsonObject): value is JsonObject & PageFrame {
  return value["type"] === "page" && isNumber(value["seq"]) && typeof value["more"] === "boolean";
}

function isAuthor(value: unknown): value is Author {
  return isObject(value) && typeof value["id"] === "string";
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}
