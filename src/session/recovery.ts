import { ChatError } from "../protocol/errors.js";
import { readAuthor } from "../server/access/identity.js";
import { Turn } from "../server/turn/turn.js";
import { TURN_QUEUED, TURN_STARTED } from "./log/entry.js";
import type { SessionReplySink } from "./reply-sink.js";
import type { SessionContext } from "./session-context.js";

/** Resumes the turns that were interrupted, and reports in the log those whose attempts are exhausted (P11). */
export function recoverTurns(session: SessionContext, sink: SessionReplySink): void {
  const { onMessage, turnAttempts } = session.settings;
  const turns: Turn[] = [];
  for (const origin of interruptedTurns(session)) {
    const { attempt, message, seq } = origin;
    if (onMessage && attempt <= turnAttempts) turns.push(new Turn(origin, sink));
    else sink.reportInLog(seq, new ChatError("TURN_INTERRUPTED", undefined, { inReplyTo: message.id }));
  }
  session.batcher.commit();
  if (turns.length > 0) void sink.turns.resume(turns);
}

/** The turns that were unfinished when the object last stopped, in order, each with the attempt that comes next. */
function interruptedTurns({ log, sessionId, connections }: SessionContext) {
  const turns = [...log.interrupted()];
  const areKnown = turns.some(({ attempts }) => attempts > TURN_QUEUED);
  return turns.map(({ seq, author, attempts, message }, place) => ({
    sessionId,
    identity: readAuthor(message) ?? { id: author },
    author,
    account: connections.accounts.of(`author:${author}`),
    message,
    recorded: attempts,
    attempt: (areKnown || place > 0 ? attempts : TURN_STARTED) + 1,
    seq,
    inbound: undefined,
  }));
}
