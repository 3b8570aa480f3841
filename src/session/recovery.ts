import { stringify } from "../protocol/codec.js";
import type { ChatMessage } from "../protocol/envelope.js";
import { ChatError } from "../protocol/errors.js";
import { MAX_TURN_ATTEMPTS } from "../protocol/limits.js";
import { readAuthor } from "../server/access/identity.js";
import { setPrivate } from "../server/stream/private-parts.js";
import type { SavedDraft } from "../server/stream/reply-stream.js";
import { compose } from "../server/turn/reply.js";
import { type RecordedCall, streamIdOf, Turn } from "../server/turn/turn.js";
import { toKeptReplies } from "../server/turn/turn-outcome.js";
import { type AttemptRecord, NO_RECORD, readRecord, recordProgress } from "./attempt-record.js";
import { TURN_QUEUED, TURN_STARTED } from "./log/entry.js";
import type { Log, UnfinishedTurn } from "./log/log.js";
import { isInteger } from "./log/markers.js";
import type { StoredTurnRow } from "./log/turn-table.js";
import { restoreRegeneration } from "./regeneration.js";
import type { SessionReplySink } from "./reply-sink.js";
import type { SessionContext } from "./session-context.js";

/** Resumes the turns that were interrupted, and reports in the log those whose attempts are exhausted (P11). */
export function recoverTurns(session: SessionContext, sink: SessionReplySink): void {
  const { onMessage, turnAttempts, interruptedReply } = session.settings;
  const turns: Turn[] = [];
  for (const origin of interruptedTurns(session)) {
    const { attempt, free, message, seq, regeneration, continued } = origin;
    const about = { regeneration: regeneration || undefined, continued: continued || undefined };
    const turn = new Turn({ ...origin, ...about }, sink);
    const isSaved = turn.saved.size > 0;
    const isExhausted = attempt - free > turnAttempts || attempt > Math.max(MAX_TURN_ATTEMPTS, turnAttempts);
    // What it was to answer again, or to go on with, may be gone.
    const isComplete = regeneration !== false && continued !== false;
    const mayRun = onMessage !== undefined && !isExhausted && isComplete;
    const error = new ChatError("TURN_INTERRUPTED", undefined, { inReplyTo: message.id });
    if (mayRun && !(isSaved && interruptedReply === "keep")) {
      turns.push(turn);
      sink.streams.addStalled(turn);
    } else if (!isSaved || !keep(sink, turn, mayRun ? undefined : error)) {
      sink.reportInLog(seq, error);
      sink.release(turn);
    }
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
function interruptedTurns({ log, sessionId, connections, calls }: SessionContext) {
  const turns = [...log.interrupted()];
  if (turns.length === 0) return [];
  const rows = Map.groupBy(log.turns.read(log.unfinished), ({ ref }) => Number(ref));
  const entries = log.countReplies();
  const areKnown = turns.some(({ attempts }) => attempts > TURN_QUEUED);
  return turns.map((turn, place) => {
    const { seq, author, attempts, message, ref } = turn;
    return {
      sessionId,
      identity: readAuthor(message) ?? { id: author },
      author,
      // Their limit keys are not known: together they have the share of one.
      account: connections.accounts.of("recovered"),
      message,
      recorded: attempts,
      attempt: (areKnown || place > 0 ? attempts : TURN_STARTED) + 1,
      seq,
      regeneration: restoreRegeneration(log, seq, message, ref),
      continued:
        ref === null || message.type !== "tool_result"
          ? undefined
          : (calls.resume({ ...message, seq }) ?? (false as const)),
      inbound: undefined,
      ...readKept(log, turn, rows.get(seq) ?? [], entries.get(seq) ?? 0),
    };
  });
}

/** What a turn has kept, and how many of its attempts do not count: that is on disk before it runs again. */
function readKept(log: Log, { seq, message }: UnfinishedTurn, rows: readonly StoredTurnRow[], entries: number) {
  const saved = new Map<string, SavedDraft>();
  const calls = new Map<string, RecordedCall>();
  const slots: number[] = [];
  const finished = { entries, steps: 0, calls: 0 };
  let before: { row: StoredTurnRow | undefined; record: AttemptRecord } = { row: undefined, record: NO_RECORD };
  for (const row of rows) {
    const { slot, key } = row;
    const reply = key === null && readReply(log, row, seq, message);
    if (reply) saved.set(reply.draft.id, { slot, draft: reply.draft });
    else slots.push(slot);
    if (reply) finished.steps += reply.steps;
    else if (key === "") before = { row, record: readRecord(row["body"]) };
    else if (typeof key === "string") {
      const isFinished = row["body"] === 1;
      calls.set(key, { slot, isFinished });
      finished.calls += Number(isFinished);
    }
  }
  const record = recordProgress(before.record, finished);
  if (record !== before.record) {
    slots.push(log.turns.save({ ref: seq, key: "", body: stringify(record) }, before.row?.slot));
  }
  return { saved, calls, slots, free: record.free };
}

/** What was saved of a reply to a message, unless it is in the log. A row that is not what was written is left out (P19). */
function readReply(log: Log, row: StoredTurnRow, seq: number, message: ChatMessage) {
  try {
    const body = JSON.parse(String(row["body"]));
    const draft = setPrivate(compose(body, ""), row["private"]);
    const isOurs = draft.id.startsWith(streamIdOf(message, seq, ""));
    if (!isOurs || log.findPost(seq, "", draft.id) !== undefined) return undefined;
    return { draft, steps: isInteger(body.steps, 0) ? body.steps : 0 };
  } catch {
    // The reply is generated again.
    return undefined;
  }
}
