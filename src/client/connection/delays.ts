const FIRST_CEILING_MS = 500;
const MAX_CEILING_MS = 20_000;

/** `connectTimeout` is doubled this often at most. */
const MAX_TIMEOUT_DOUBLINGS = 3;

/** Frequent resends of a refused message would count as violations (P7). */
const MIN_PAUSE_MS = 500;
const MAX_PAUSE_MS = 60_000;

/** How long before the identity expires the client sends a new token, in milliseconds. */
const RENEWAL_LEAD_MS = 60_000;
const MIN_RENEWAL_DELAY_MS = 1_000;

/**
 * The default of the option `backoff`: a random delay below a ceiling that doubles with each attempt, from 500 to 20,000
 * milliseconds. Full jitter spreads the clients that one deploy disconnects: docs/decisions/0008-reconnects.md.
 *
 * @param attempt counts from 0, and again from 0 after a connection that was live for 10 seconds
 * @param random from 0 up to 1
 * @returns milliseconds to wait before the reconnect
 */
export function backoffDelay(attempt: number, random: number = Math.random()): number {
  return random * Math.min(MAX_CEILING_MS, FIRST_CEILING_MS * 2 ** attempt);
}

/** Milliseconds that a connection is given to open, after this many timeouts in a row. */
export function connectTimeoutAfter(timeouts: number, connectTimeout: number): number {
  return connectTimeout * 2 ** Math.min(MAX_TIMEOUT_DOUBLINGS, timeouts);
}

/** Milliseconds to pause after a refusal that asks for `retryAfterMs`. */
export function pauseAfterRefusal(retryAfterMs: number): number {
  return Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, retryAfterMs));
}

/** Milliseconds until a new token is sent, for an identity that expires in `expiresIn`: a minute before, or half-way if that is later. */
export function renewalDelay(expiresIn: number): number {
  return Math.max(MIN_RENEWAL_DELAY_MS, expiresIn / 2, expiresIn - RENEWAL_LEAD_MS);
}
