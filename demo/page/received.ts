import {
  type AckFrame,
  type Author,
  type ChatMessage,
  decodeMessage,
  type HelloFrame,
  type PageFrame,
  type SequencedMessage,
} from "../../src/protocol/index.js";

/** What this page needs of a `hello`. */
export type Welcome = Pick<HelloFrame, "epoch" | "head" | "tail" | "resume" | "replayFrom" | "identity"> & {
  heartbeatInterval: number;
  maxMessageSize: number;
};

/** An envelope off the wire: durable ones have their place in the log. */
export type ReceivedEnvelope = ChatMessage & Partial<Pick<SequencedMessage, "seq">>;

/** A server frame, read and checked. Whatever this page does not know is `unknown`, and may still move the cursor. */
export type Received =
  | { kind: "hello"; welcome: Welcome }
  | { kind: "ack"; ack: AckFrame }
  | { kind: "page"; page: PageFrame }
  | { kind: "ping" }
  | { kind: "envelope"; envelope: ReceivedEnvelope }
  | { kind: "unknown"; seq?: number };

type JsonObject = Record<string, unknown>;

/** Reads one frame of the server; anything that is not as PROTOCOL.md says is `unknown`, never an exception. */
export function readReceived(text: unknown): Received {
  const value = parse(text);
  if (value === undefined) return { kind: "unknown" };
  const seq = isNumber(value["seq"]) ? { seq: value["seq"] } : {};
  return readControl(value) ?? readEnvelope(text, seq) ?? { kind: "unknown", ...seq };
}

/** The author of an envelope as the server vouches for it, `metadata.from`. */
export function readAuthor(envelope: ChatMessage): Author | undefined {
  return toAuthor(envelope.metadata?.["from"]);
}

function readControl(value: JsonObject): Received | undefined {
  switch (value["type"]) {
    case "ping":
      return { kind: "ping" };
    case "hello":
      return readHello(value);
    case "ack": {
      const { id, seq, timestamp, retry } = value;
      if (typeof id !== "string" || !isNumber(seq) || !isNumber(timestamp)) return undefined;
      return { kind: "ack", ack: { type: "ack", id, seq, timestamp, ...(retry === true ? { retry } : {}) } };
    }
    case "page": {
      const { seq, more } = value;
      if (!isNumber(seq) || typeof more !== "boolean") return undefined;
      return { kind: "page", page: { type: "page", seq, more } };
    }
  }
  return undefined;
}

function readHello(value: JsonObject): Received | undefined {
  const { epoch, head, tail, resume, replayFrom, limits } = value;
  const identity = toAuthor(value["identity"]);
  if (typeof epoch !== "string" || !isNumber(head) || !isNumber(tail) || !isNumber(replayFrom)) return undefined;
  if (resume !== "new" && resume !== "complete" && resume !== "gap") return undefined;
  if (identity === undefined || !isObject(limits)) return undefined;
  const { heartbeatInterval, maxMessageSize } = limits;
  if (!isNumber(heartbeatInterval) || !isNumber(maxMessageSize)) return undefined;
  const welcome: Welcome = { epoch, head, tail, resume, replayFrom, identity, heartbeatInterval, maxMessageSize };
  return { kind: "hello", welcome };
}

function readEnvelope(text: unknown, seq: { seq?: number }): Received | undefined {
  try {
    const { id, role, timestamp, ...rest } = decodeMessage(text);
    if (id === undefined || role === undefined || timestamp === undefined) return undefined;
    return { kind: "envelope", envelope: { ...rest, id, role, timestamp, ...seq } };
  } catch {
    return undefined;
  }
}

function toAuthor(value: unknown): Author | undefined {
  if (!isObject(value) || typeof value["id"] !== "string") return undefined;
  return { id: value["id"], ...(typeof value["name"] === "string" ? { name: value["name"] } : {}) };
}

function parse(text: unknown): JsonObject | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
