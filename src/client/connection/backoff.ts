const FIRST_CEILING_MS = 500;
const MAX_CEILING_MS = 20_000;

/**
 * Milliseconds to wait before a reconnect. `attempt` counts from 0 since the last connection that lasted. The wait is drawn
 * from the whole range up to a ceiling that doubles from half a second to 20 seconds, so that clients that were cut off in
 * one instant do not come back in one: docs/decisions/0008-reconnects.md.
 */
export function backoffDelay(attempt: number, random: number = Math.random()): number {
  return random * Math.min(MAX_CEILING_MS, FIRST_CEILING_MS * 2 ** attempt);
}
