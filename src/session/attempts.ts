import { readAuthor } from "../server/access/identity.js";
import type { Turn } from "../server/turn/turn.js";
import type { Accounts } from "./accounts.js";
import { TURN_QUEUED, TURN_STARTED } from "./log/entry.js";
import type { Log } from "./log/log.js";

/**
 * Records in the log that a turn begins, where its rows would not tell after a crash (P11): if none of the unfinished turns has its
 * attempt in its row, the oldest is the one that has begun. docs/decisions/0018-turns-by-author.md
 *
 * @param other where it is not alone: the one that others wait for
 * @returns whether its row was changed, which must be on disk before it runs
 */
export function recordAttempt(log: Log, turn: Turn, other: Turn | undefined): boolean {
  if (turn.seq === undefined) return false;
  const [oldest] = log.unfinished;
  const isTold = turn.inbound !== undefined && other === undefined && oldest === turn.seq;
  if (other !== undefined) write(log, other);
  return !isTold && write(log, turn);
}

/** Whether the message may have ended the object before its row was written, and come again. */
export function mayBeResend({ seq, inbound }: Turn): boolean {
  return seq !== undefined && (inbound?.after !== undefined || inbound?.connection.state.isUntried === true);
}

/** The turns that were unfinished when the object last stopped, in order, each with the attempt that comes next. */
export function interruptedTurns(log: Log, sessionId: string, accounts: Accounts) {
  const owed = [...log.interrupted()];
  const areTold = owed.some(({ attempts }) => attempts > TURN_QUEUED);
  return owed.map(({ seq, author, attempts, message }, place) => ({
    sessionId,
    identity: readAuthor(message) ?? { id: author },
    author,
    account: accounts.of(`author:${author}`),
    message,
    recorded: attempts,
    attempt: (areTold || place > 0 ? attempts : TURN_STARTED) + 1,
    seq,
    inbound: undefined,
  }));
}

/** Writes in the row of its message which attempt of a turn begins; whether it was not there. */
function write(log: Log, turn: Turn): boolean {
  if (turn.seq === undefined || turn.recorded >= turn.attempt) return false;
  log.countAttempt(turn.seq, turn.attempt);
  turn.recorded = turn.attempt;
  return true;
}
