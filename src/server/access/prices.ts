/**
 * What a client's doings cost in units of work, some 10 microseconds of a core each. docs/reference/limits.md prints them; they were
 * measured by `siege/prices.ts`. No clock runs during an event, so nothing can be charged by time.
 */
export const PRICES = {
  /** A control frame, the resend of an envelope that is in the log, or a frame that is rejected, beside its bytes. */
  frame: 5,
  /** A token that the application is asked to check, beside its frame. */
  auth: 1_000,
  /** An upgrade. */
  upgrade: 100,
  /** An envelope of a replay, or the answer to a `history`, beside its characters. */
  served: 1,
} as const;

/** Bytes of a frame that cost one unit more. */
export const BYTES_READ_PER_UNIT = 512;
/** Bytes of a resend beside its content, most of them metadata, that are compared with what is stored, for one unit. */
export const BYTES_COMPARED_PER_UNIT = 128;
/** Bytes of a frame that are parsed and dropped, for one unit. */
export const BYTES_PARSED_PER_UNIT = 2_048;
/** Bytes of one that is too large, and only received, for one unit. */
export const BYTES_SKIPPED_PER_UNIT = 8_192;
/** Characters of what is served that cost one unit more. */
export const CHARACTERS_SERVED_PER_UNIT = 2_048;
/** Envelopes among which an id is looked for, for one unit. */
export const LOOKED_AT_PER_UNIT = 32;

/** The price of the resend of an envelope. @param content bytes of its content, which are cheap to read and to compare */
export function priceOfResend(bytes: number, content: number): number {
  return priceOfFrame(content) + Math.max(0, bytes - content) / BYTES_COMPARED_PER_UNIT;
}

/** The price of a frame of so many bytes, which is not read if it has more than `most`. */
export function priceOfFrame(bytes: number, most = Number.POSITIVE_INFINITY): number {
  return PRICES.frame + bytes / (bytes > most ? BYTES_SKIPPED_PER_UNIT : BYTES_READ_PER_UNIT);
}
