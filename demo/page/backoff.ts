const FIRST_DELAY = 500;
const LONGEST_DELAY = 15_000;

/**
 * Milliseconds to wait before reconnect attempt `attempt` (0 for the first). It doubles up to a bound, and the upper half is
 * drawn at random so that a room full of clients does not return in one instant after a restart.
 */
export function backoffDelay(attempt: number, random: number = Math.random()): number {
  const ceiling = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** attempt);
  return Math.round(ceiling / 2 + (random * ceiling) / 2);
}
