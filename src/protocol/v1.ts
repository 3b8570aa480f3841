import {
  invalid,
  isOneOf,
  type JsonObject,
  parseObject,
  readId,
  stringify,
  toCancelRequest,
  toEnvelope,
  toHeartbeat,
} from "./codec.js";
import { type ChatMessage, MESSAGE_TYPES } from "./envelope.js";
import type { ClientFrame } from "./frames.js";

/**
 * A v1 client's frame; `undefined` for a control frame that the server does not know and ignores. PROTOCOL.md, "workkit.chat.v1".
 *
 * @throws ChatError `INVALID_MESSAGE`, with `inReplyTo` where an id could be read.
 */
export function decodeV1(frame: unknown): ClientFrame | undefined {
  const value = parseObject(frame);
  const { type, token, after } = value;
  switch (type) {
    case "next":
      return { type, seq: readInteger(value, "seq") };
    case "history":
      return { type, before: readInteger(value, "before"), limit: readInteger(value, "limit") };
    case "await":
      return { type, id: readId(value) };
    case "auth":
      if (typeof token === "string" && token !== "") return { type, token };
      throw invalid('"token" must be a string');
  }
  if (typeof type === "string" && !isOneOf(MESSAGE_TYPES, type)) return toHeartbeat(value) ?? toCancelRequest(value);
  const envelope = toEnvelope(value);
  if (after === undefined) return envelope;
  if (typeof after !== "string") throw invalid('"after" must be a cursor, "<epoch>:<seq>"', value);
  return { ...envelope, after };
}

/** The frame of an entry whose stored body is `body`. */
export function encodeV1Entry(body: string, seq: number): string {
  return `{"seq":${seq},${body.slice(1)}`;
}

/** The frame which says that an envelope is in the log. */
export function encodeAck({ id, timestamp }: ChatMessage, seq: number, retry = false): string {
  return `{"type":"ack","id":${stringify(id)},"seq":${seq},"timestamp":${timestamp}${retry ? ',"retry":true' : ""}}`;
}

function readInteger(frame: JsonObject, name: string): number {
  const value = frame[name];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(`"${name}" must be a whole number`);
}
