import type { ChatMessage } from "../protocol/envelope.js";
import { ChatError } from "../protocol/errors.js";
import { readAuthor } from "../server/access/identity.js";
import { setPrivate } from "../server/stream/private-parts.js";
import type { SavedDraft } from "../server/stream/reply-stream.js";
import { compose } from "../server/turn/reply.js";
import { streamIdOf, Turn } from "../server/turn/turn.js";
import { toKeptReplies } from "../server/turn/turn-outcome.js";
import { TURN_QUEUED, TURN_STARTED } from "./log/entry.js";
import type { Log } from "./log/log.js";
import type { SavedReply } from "./log/reply-table.js";
import { restoreRegeneration } from "./regeneration.js";
import type { SessionReplySink } from "./reply-sink.js";
import type { SessionContext } from "./session-context.js";

/** Resumes the turns that were interrupted, and reports in the log those whose attempts are exhausted (P11). */
export function recoverTurns(session: SessionContext, sink: SessionReplySink): void {
  const { onMessage, turnAttempts, interruptedReply } = session.settings;
  const turns: Turn[] = [];
  for (const origin of interruptedTurns(session)) {
    const { attempt, message, seq, regeneration } = origin;
    const turn = new Turn({ ...origin, regeneration: regeneration || undefined }, sink);
    const isSaved = turn.saved.size > 0;
    // What it was to answer again may be gone.
    const mayRun = onMessage !== undefined && attempt <= turnAttempts && regeneration !== false;
    const error = new ChatError("TURN_INTERRUPTED", undefined, { inReplyTo: message.id });
    if (mayRun && !(isSaved && interruptedReply === "keep")) {
      turns.push(turn);
      sink.streams.addStalled(turn);
    } else if (!isSaved || !keep(sink, turn, mayRun ? undefined : error)) sink.reportInLog(seq, error);
  }
  session.batcher.commit();
  if (turns.length > 0) void sink.turns.resume(turns);
}

/** Makes what was saved of a turn its replies. Returns whether they can be: a damaged row may be more than an envelope holds (P19). */
function keep(sink: SessionReplySink, turn: Turn, error?: ChatError): boolean {
  try {
    sink.finished(turn, toKeptReplies(turn, "interrupted", error));
    return true;
  } catch {
    return false;
  }
}

/** The turns that were unfinished when the object last stopped, in order, each with the attempt that comes next. */
function interruptedTurns({ log, sessionId, connections }: SessionContext) {
  const turns = [...log.interrupted()];
  const replies = turns.length > 0 ? log.replies.read(log.unfinished) : [];
  const areKnown = turns.some(({ attempts }) => attempts > TURN_QUEUED);
  return turns.map(({ seq, author, attempts, message, ref }, place) => ({
    sessionId,
    identity: readAuthor(message) ?? { id: author },
    author,
    // Their limit keys are not known: together they have the share of one.
    account: connections.accounts.of("recovered"),
    message,
    recorded: attempts,
    attempt: (areKnown || place > 0 ? attempts : TURN_STARTED) + 1,
    seq,
    saved: readSaved(log, replies, seq, message),
    regeneration: restoreRegeneration(log, seq, message, ref),
    inbound: undefined,
  }));
}

/** What was saved of the replies to a message that are not in the log. A row that is not what was written is left out (P19). */
function readSaved(
  log: Log,
  replies: readonly SavedReply[],
  seq: number,
  message: ChatMessage,
): Map<string, SavedDraft> {
  const saved = new Map<string, SavedDraft>();
  for (const { slot, ref, body, private: hidden } of replies) {
    if (ref !== seq) continue;
    try {
      const draft = setPrivate(compose(JSON.parse(body), ""), hidden);
      const isOurs = draft.id.startsWith(streamIdOf(message, seq, ""));
      if (isOurs && log.findPost(seq, "", draft.id) === undefined) saved.set(draft.id, { slot, draft });
    } catch {
      // The reply is generated again.
    }
  }
  return saved;
}
