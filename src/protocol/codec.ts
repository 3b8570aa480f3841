import { type ChatMessage, type ChatMessageType, type DecodedMessage, MESSAGE_TYPES, ROLES } from "./envelope.js";
import { ChatError } from "./errors.js";
import type { CancelledFrame, CancelRequestFrame, PingFrame, PongFrame } from "./frames.js";
import { MAX_ID_LENGTH } from "./limits.js";

/** A JSON object of which nothing is known. */
export type JsonObject = Record<string, unknown>;

/**
 * The frame of an envelope.
 *
 * @throws ChatError `INVALID_MESSAGE` when `message` is no envelope or JSON cannot carry it (cycles, BigInt).
 */
export function encodeMessage(message: ChatMessage): string {
  try {
    return JSON.stringify(toEnvelope(message));
  } catch (cause) {
    throw cause instanceof ChatError ? cause : unwritable(cause);
  }
}

/**
 * The envelope in a frame. Only text frames carry envelopes: anything but a string is refused. Fields that are not an
 * envelope's are dropped; `id`, `role` and `timestamp` may be missing, for a client may leave them to the server.
 *
 * @throws ChatError `INVALID_MESSAGE`, whatever the input.
 */
export function decodeMessage(frame: unknown): DecodedMessage {
  return toEnvelope(parseObject(frame));
}

/** JSON text of a value; what JSON cannot carry is an `INVALID_MESSAGE`, not a `TypeError`. */
export function stringify(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw unwritable(cause);
  }
}

/** Whether `text` takes more than `limit` bytes as UTF-8, without encoding it where its length already tells. */
export function exceedsBytes(text: string, limit: number): boolean {
  if (text.length > limit) return true;
  return text.length * 3 > limit && byteLength(text) > limit;
}

const encoder = new TextEncoder();

/** Bytes of `text` as UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).byteLength;
}

/** The JSON object in a text frame. @throws ChatError `INVALID_MESSAGE` */
export function parseObject(frame: unknown): JsonObject {
  if (typeof frame !== "string") throw invalid("expected a text frame with a JSON object");
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    throw invalid("it is not JSON");
  }
  if (!isObject(value)) throw invalid("expected a JSON object");
  return value;
}

/** The heartbeat in a frame that is parsed; `undefined` for any other frame. */
export function toHeartbeat({ type, nonce }: JsonObject): PingFrame | PongFrame | undefined {
  if (type === "ping") return { type };
  if (type === "pong") return typeof nonce === "string" ? { type, nonce } : { type };
  return undefined;
}

/** The request in a frame that is parsed to cancel a turn; `undefined` for any other frame. @throws ChatError `INVALID_MESSAGE` */
export function toCancelRequest(frame: JsonObject): CancelRequestFrame | undefined {
  return frame["type"] === "cancel" ? { type: "cancel", id: readId(frame) } : undefined;
}

/** The id that a control frame names. @throws ChatError `INVALID_MESSAGE` */
export function readId({ id }: JsonObject): string {
  if (isId(id)) return id;
  throw invalid('"id" must be that of an envelope');
}

/** The ping of both dialects. With a `nonce` it asks a v1 client to prove what it has read. */
export function encodePing(nonce?: string): string {
  return JSON.stringify({ type: "ping", nonce });
}

/** The frame of both dialects that answers a cancel. */
export function encodeCancelled(id: string, result: CancelledFrame["result"]): string {
  return stringify({ type: "cancelled", id, result } satisfies CancelledFrame);
}

/** The envelope in a value that is already parsed. @param initial the type of one that has none @throws ChatError `INVALID_MESSAGE` */
export function toEnvelope(value: unknown, initial?: ChatMessageType): DecodedMessage {
  if (!isObject(value)) throw invalid("expected a JSON object");
  const { id, type = initial, role, content, metadata, timestamp } = value;
  if (!isOneOf(MESSAGE_TYPES, type)) throw invalid(`"type" must be one of ${MESSAGE_TYPES.join(", ")}`, value);
  if (typeof content !== "string") throw invalid('"content" must be a string', value);
  const message: DecodedMessage = { type, content };
  if (id !== undefined) {
    if (!isId(id)) throw invalid(`"id" must be a string of 1 to ${MAX_ID_LENGTH} characters, well-formed`, value);
    message.id = id;
  }
  if (role !== undefined) {
    if (!isOneOf(ROLES, role)) throw invalid(`"role" must be one of ${ROLES.join(", ")}`, value);
    message.role = role;
  }
  if (timestamp !== undefined) {
    if (!isTime(timestamp)) throw invalid('"timestamp" must be a number of milliseconds', value);
    message.timestamp = timestamp;
  }
  // Last, for what is added to it when it is sent.
  if (metadata !== undefined) {
    if (!isObject(metadata) || typeof metadata["toJSON"] === "function") {
      throw invalid('"metadata" must be a JSON object', value);
    }
    message.metadata = metadata;
  }
  return message;
}

/** Whether a value may be the id of an envelope. */
export function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_ID_LENGTH && value.isWellFormed();
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is one of the texts in a list. */
export function isOneOf<T extends string>(list: readonly T[], value: unknown): value is T {
  return (list as readonly unknown[]).includes(value);
}

function unwritable(cause: unknown): ChatError {
  return new ChatError("INVALID_MESSAGE", "The envelope cannot be written as JSON.", { cause });
}

/** @param value the frame, if its `id` is to be in `inReplyTo` */
export function invalid(what: string, value?: JsonObject): ChatError {
  const id = value?.["id"];
  const inReplyTo = isId(id) ? id : undefined;
  return new ChatError("INVALID_MESSAGE", `Not a valid envelope: ${what}.`, { inReplyTo });
}
