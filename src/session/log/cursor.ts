import { createMessageId } from "../../protocol/ids.js";
import { RESERVED_ID_PREFIX } from "../../server/receive/validate-message.js";

/** A place in a log of a given epoch. PROTOCOL.md, "Vocabulary". */
export interface Cursor {
  epoch: string;
  seq: number;
  /** That of the entry at `seq`, where it is known: it tells the entry from another that has taken its place since. */
  timestamp?: number;
}

/** Reads `<epoch>:<seq>:<timestamp>`; the time may be missing. */
export function parseCursor(text: string): Cursor | undefined {
  return toCursor(/^([0-9a-f]+):(\d{1,15})(?::(\d{1,15}))?$/.exec(text));
}

/** Reads the place in an id of the server's. */
export function parsePlacedId(id: string): Cursor | undefined {
  return toCursor(/^~([0-9a-f]+):(\d{1,15}):(?:t(\d{1,15}))?/.exec(id));
}

/** The cursor of an entry as plain has it, and the id of one that has no other: `~<epoch>:<seq>:t<timestamp>`. */
export function placedId(epoch: string, seq: number, timestamp: number, suffix = ""): string {
  return ephemeralId(epoch, seq, `t${timestamp}${suffix}`);
}

/**
 * An id for what does not enter the log. It holds the place up to which its receiver has been sent the log, so that it
 * serves as `lastMessageId` like any other.
 *
 * @param unique by what it differs from the others of that place
 */
export function ephemeralId(epoch: string, seq: number, unique = createMessageId()): string {
  return `${RESERVED_ID_PREFIX}${epoch}:${seq}:${unique}`;
}

function toCursor(match: RegExpExecArray | null): Cursor | undefined {
  const [, epoch, seq, timestamp] = match ?? [];
  if (epoch === undefined) return undefined;
  return { epoch, seq: Number(seq), ...(timestamp !== undefined && { timestamp: Number(timestamp) }) };
}
