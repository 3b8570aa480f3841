import { isServerId } from "../protocol/ids.js";
import { parsePlacedId } from "./log/cursor.js";
import type { Log } from "./log/log.js";

/** A UUID of version 4 or 7. The first 48 bits of the latter are a time (RFC 9562). */
const UUID = /^([0-9a-f]{8})-([0-9a-f]{4})-([47])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
/** Milliseconds between the time in a UUID and that of its entry, beyond which the id was used again. */
const UUID_TOLERANCE = 60_000;

/** The seq of the envelope that a plain client received last; `undefined` if it cannot be determined. PROTOCOL.md, "The plain dialect". */
export function placeLastMessageId(id: string, log: Log): number | undefined {
  if (isServerId(id)) return log.place(parsePlacedId(id));
  const [isUuid, high, low, version] = UUID.exec(id) ?? [];
  // An id that anyone may reuse means the oldest entry, which must not be pruned.
  if (isUuid === undefined && log.tail > 1) return undefined;
  // The oldest: a later entry of the same id must not hide those between.
  const found = log.find(id);
  const age = found && version === "7" ? found.timestamp - Number(`0x${high}${low}`) : 0;
  return Math.abs(age) <= UUID_TOLERANCE ? found?.seq : undefined;
}
