import type { Turn } from "../server/turn/turn.js";
import type { Log } from "./log/log.js";

/**
 * Records in the log that a turn begins, unless its rows show it after a crash (P11): if no unfinished turn has its attempt in its
 * row, the oldest is the one that has begun. docs/decisions/0018-turns-by-author.md
 *
 * @param others that are running
 * @returns whether its row was changed, which must be on disk before it runs
 */
export function recordAttempt(log: Log, turn: Turn, others: readonly Turn[]): boolean {
  if (turn.seq === undefined) return false;
  const [oldest] = log.unfinished;
  const isKnown = turn.inbound && others.length === 0 && oldest === turn.seq;
  for (const other of others) write(log, other);
  return !isKnown && write(log, turn);
}

/** Whether the message may be the resend of one that ended the object before its row was written. */
export function mayBeResend({ seq, inbound }: Turn): boolean {
  return seq !== undefined && (inbound?.after !== undefined || inbound?.connection.state.isUntried === true);
}

/** Writes the attempt of a turn that begins into the row of its message. Returns whether it was not there. */
function write(log: Log, turn: Turn): boolean {
  if (turn.seq === undefined || turn.recorded >= turn.attempt) return false;
  log.setTurn(turn.seq, turn.attempt);
  turn.recorded = turn.attempt;
  return true;
}
