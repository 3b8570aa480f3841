import type { ChatError } from "../../protocol/errors.js";

/** The `retryAfterMs` of an error, which the application may have made: a time from 0, in milliseconds, or `undefined`. */
export function readRetryAfter({ retryAfterMs }: ChatError): number | undefined {
  return Number.isFinite(retryAfterMs) && Number(retryAfterMs) >= 0 ? retryAfterMs : undefined;
}
