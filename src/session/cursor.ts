import { createMessageId } from "../protocol/ids.js";
import { RESERVED_ID_PREFIX } from "../server/admission.js";

/** A place in a log of a given epoch. */
export interface Cursor {
  epoch: string;
  seq: number;
}

/** Reads `<epoch>:<seq>`. */
export function parseCursor(text: string): Cursor | undefined {
  const [, epoch, digits] = /^([0-9a-f]+):(\d{1,15})$/.exec(text) ?? [];
  return epoch === undefined ? undefined : { epoch, seq: Number(digits) };
}

/**
 * An id for what does not enter the log. It holds the place up to which its receiver has been sent the log, so that it
 * serves as `lastMessageId` like any other.
 *
 * @param unique by what it differs from the others of that place, without a colon
 */
export function ephemeralId(epoch: string, seq: number, unique = createMessageId()): string {
  return `${placePrefix(epoch, seq)}${unique}`;
}

/** The id of the `place`th envelope that the turn of the message at `seq` posts: the same on every attempt (P11). */
export function postId(epoch: string, seq: number, place: number): string {
  return `${placePrefix(epoch, seq)}${place}`;
}

/** The place in an id of the server's. */
export function parseEphemeralId(id: string): Cursor | undefined {
  if (!id.startsWith(RESERVED_ID_PREFIX)) return undefined;
  return parseCursor(id.slice(RESERVED_ID_PREFIX.length, id.lastIndexOf(":")));
}

function placePrefix(epoch: string, seq: number): string {
  return `${RESERVED_ID_PREFIX}${epoch}:${seq}:`;
}
