import { parseObject, toCancelRequest, toEnvelope, toHeartbeat } from "./codec.js";
import type { ClientFrame } from "./frames.js";
import { placedId, RESERVED_ID_PREFIX } from "./ids.js";
import { readRegenerates } from "./regenerates.js";

/** How a body begins whose id is the server's. */
const PLACED = `{"id":"${RESERVED_ID_PREFIX}`;

/**
 * A plain client's frame. PROTOCOL.md, "The plain dialect".
 *
 * @throws ChatError `INVALID_MESSAGE`, with `inReplyTo` where an id could be read.
 */
export function decodePlain(frame: unknown): ClientFrame {
  const value = parseObject(frame);
  return toHeartbeat(value) ?? toCancelRequest(value) ?? toEnvelope(value);
}

/**
 * The frame of an entry whose stored body is `body`: where the id does not hold its place, `metadata.cursor` does. `undefined` for a
 * request to answer something again, which says nothing to readers.
 */
export function encodePlainEntry(body: string, seq: number, epoch: string, timestamp: number): string | undefined {
  // Most bodies are not parsed: in a text the quotes are escaped.
  if (body.includes('"regenerates":{') && readRegenerates(JSON.parse(body))) return undefined;
  return body.startsWith(PLACED) ? body : withCursor(body, placedId(epoch, seq, timestamp));
}

/** An encoded envelope with `metadata.cursor`. Its `metadata` is last where it has any. */
export function withCursor(body: string, cursor: string): string {
  const field = `"cursor":"${cursor}"}}`;
  if (!body.endsWith("}}")) return `${body.slice(0, -1)},"metadata":{${field}`;
  return `${body.slice(0, -2)}${body.endsWith("{}}") ? "" : ","}${field}`;
}
