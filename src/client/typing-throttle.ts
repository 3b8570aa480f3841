/** How often a user who goes on typing is sent, in milliseconds. */
const TYPING_INTERVAL_MS = 2_500;

/**
 * Whether a key stroke, or the end of the typing, is to be sent: the first, one each 2.5 seconds, and the end.
 *
 * @param sentAt when typing was last sent, in milliseconds as `now`; `NaN` if it has ended since
 */
export function isTypingDue(active: boolean, sentAt: number, now: number): boolean {
  return active ? !(now - sentAt < TYPING_INTERVAL_MS) : sentAt >= 0;
}
