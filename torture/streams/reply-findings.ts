import type { Finding } from "../findings.js";
import type { Ledger } from "../ledger.js";
import type { Entry, RoomRecord, Run } from "../records.js";
import { type Errand, halfText, isCalledOnce, originsOf, textsOf } from "./errand.js";
import type { Cancel, StreamRecord } from "./records.js";
import { isPrefix } from "./view-findings.js";

type Reply = Entry & Required<Pick<Entry, "reply">>;

/** All that is known of the turn of one message. */
interface Turn {
  id: string;
  errand: Errand & { user: string };
  /** Its message, if the log has it, or had it. */
  message: Entry | undefined;
  replies: Reply[];
  /** What the turn wrote beside streamed replies, or what was written of it: its last word, posts, reports. */
  others: Entry[];
  runs: Run[];
  cancels: Cancel[];
}

/** What is wrong with the turns that streamed, and with what became of their replies in the log. */
export function replyFindings(room: RoomRecord, ledger: Ledger): Finding[] {
  const { streams } = room;
  if (streams === undefined) return [];
  const turns = turnsOf(room, streams, ledger);
  return [
    ...turns.flatMap((turn) => [
      ...textFindings(turn, room.path),
      ...finishFindings(turn, streams, ledger, room.path),
      ...cancelFindings(turn, streams, room.path),
      ...toolFindings(turn, streams, room.path),
      ...(streams.isCleared === true ? [] : turnFindings(turn, streams, ledger, room)),
    ]),
    ...(streams.isCleared === true ? [] : endFindings(room, turns, streams, ledger)),
  ];
}

function turnsOf(room: RoomRecord, streams: StreamRecord, { entries }: Ledger): Turn[] {
  const messages = new Map(entries.map((entry) => [entry.id, entry]));
  const replies = Map.groupBy(entries.filter(isReply), ({ reply }) => reply.of);
  const others = Map.groupBy(entries, ({ answers, begun }) => answers?.id ?? begun);
  const runs = Map.groupBy(room.runs, ({ message }) => message);
  const cancels = Map.groupBy(streams.cancels, ({ of }) => of);
  return Array.from(streams.errands, ([id, errand]) => ({
    id,
    errand,
    message: messages.get(id),
    replies: replies.get(id) ?? [],
    others: others.get(id) ?? [],
    runs: runs.get(id) ?? [],
    cancels: cancels.get(id) ?? [],
  }));
}

function isReply(entry: Entry): entry is Reply {
  return entry.reply !== undefined;
}

/** A reply has the text of one attempt, all of it if it says so, and no step is there twice. */
function* textFindings({ id, errand, replies }: Turn, path: string): Generator<Finding> {
  const steps = new Map<string, number>();
  for (const { seq, reply } of replies) {
    const origins = originsOf(reply.text);
    const attempts = Array.from(origins, (origin) => Number.parseInt(origin, 10));
    const where = `${path}: the reply to ${id} at ${seq}`;
    if (origins.size > 1) yield ["gluedText", `${where} has text of ${[...origins].join(" and ")}`];
    else if (origins.size === 1 && !isPrefix(reply.text, errand, attempts)) {
      yield ["misshown", `${where} ends with "${reply.text.slice(-60)}"`];
    }
    const [origin = ""] = origins;
    const [, step = ""] = origin.split(".");
    if (step !== "" && steps.has(step)) yield ["duplicated", `${where} repeats step ${step} at ${steps.get(step)}`];
    steps.set(step, seq);
  }
}

/** Why a reply has ended is true. */
function* finishFindings(turn: Turn, streams: StreamRecord, ledger: Ledger, path: string): Generator<Finding> {
  const { id, errand, replies } = turn;
  for (const { seq, reply } of replies) {
    const { finish, text } = reply;
    const isTrue = {
      stop: isWhole(text, errand),
      error: errand.source === "breaking" && isHalf(text, errand),
      cancelled: turn.cancels.some(({ result }) => result !== "forbidden") || isInterrupted(turn, streams, ledger),
      interrupted: streams.mayBeInterrupted,
    }[finish];
    if (isTrue !== true)
      yield ["misended", `${path}: the reply to ${id} at ${seq} ends with ${finish}, which is not so`];
  }
}

/** Whether a text is all that some step of some attempt says. */
function isWhole(text: string, errand: Errand): boolean {
  const { attempt, step } = originOf(text);
  return errand.source !== "breaking" && textsOf(errand, attempt, step).join("\n\n") === text;
}

function isHalf(text: string, errand: Errand): boolean {
  return halfText(errand, originOf(text).attempt, 1) === text;
}

/** The attempt and the step that a text says it is of, which are 0 for one without a word. */
function originOf(text: string): { attempt: number; step: number } {
  const [origin = "0.0"] = originsOf(text);
  const [attempt = 0, step = 0] = origin.split(".").map(Number);
  return { attempt, step };
}

/** A cancel that took place, or may have: the first answer may have been lost, and the turn be over the second time. */
function isPossible({ result }: Cancel): boolean {
  return result !== "forbidden" && result !== "unknown";
}

/** Whether a later message of its author is in the log, where that cancels. */
function isInterrupted({ errand, message }: Turn, streams: StreamRecord, ledger: Ledger): boolean {
  const { seq = 0 } = message ?? {};
  return streams.interrupts && ledger.entries.some((entry) => entry.seq > seq && entry.from === errand.user);
}

/** What was cancelled is neither answered nor run again, and says nothing more. */
function* cancelFindings(turn: Turn, streams: StreamRecord, path: string): Generator<Finding> {
  const { id, errand, replies, others, runs } = turn;
  for (const { by, result, at } of turn.cancels) {
    const may = by === undefined || by === errand.user || streams.everyoneCancels;
    if (result === (may ? "forbidden" : "done")) {
      yield ["misattributed", `${path}: the cancel of ${id} by ${by ?? "the server"} was answered ${result}`];
    }
    if (result !== "done") continue;
    for (const { seq, timestamp } of [...replies, ...others]) {
      if (timestamp > at) yield ["spokeAfterEnd", `${path}: the turn of ${id} was cancelled, and wrote ${seq} later`];
    }
    if (runs.some(({ startedAt = 0 }) => startedAt > at)) {
      yield ["spokeAfterEnd", `${path}: the turn of ${id} was cancelled, and ran again later`];
    }
    if (others.some(({ answers }) => answers !== undefined)) {
      yield ["spokeAfterEnd", `${path}: the turn of ${id} was cancelled, and answered`];
    }
  }
}

/** A tool whose reply is in the log does not run again, and one that is called once never runs twice. */
function* toolFindings({ id, replies }: Turn, { journal }: StreamRecord, path: string): Generator<Finding> {
  const once = journal.filter(({ message, step }) => message === id && isCalledOnce(step));
  for (const [step, runs] of Map.groupBy(once, (run) => run.step)) {
    if (runs.length < 2) continue;
    yield ["repeatedTools", `${path}: the tool of step ${step} of ${id} was called once and ran ${runs.length} times`];
  }
  for (const { reply } of replies) {
    if (reply.finish !== "stop") continue;
    const { attempt, step } = originOf(reply.text);
    for (const run of journal) {
      if (run.message !== id || run.step !== step || run.attempt <= attempt) continue;
      yield ["repeatedTools", `${path}: the tool of step ${step} of ${id} ran again in attempt ${run.attempt}`];
    }
  }
}

/** A turn ends, and runs again only after an interruption. */
function* turnFindings(turn: Turn, streams: StreamRecord, ledger: Ledger, room: RoomRecord): Generator<Finding> {
  const { id, message, replies, others, runs, cancels, errand } = turn;
  if (message === undefined) return;
  const answers = others.filter((entry) => entry.answers !== undefined);
  const last = Math.max(...answers.map(({ answers }) => answers?.attempt ?? 0), 0);
  const attempts = new Set<number>();
  for (const { attempt } of runs) {
    if (attempts.has(attempt)) yield ["repeatedTurns", `${room.path}: attempt ${attempt} of ${id} ran twice`];
    else if (last > 0 && attempt > last) yield ["repeatedTurns", `${room.path}: ${id} ran again after it had answered`];
    attempts.add(attempt);
  }
  if (message.seq < ledger.wholeFrom) return;
  const ends = errand.source === "steps" || errand.source === "deaf" ? answers : [...answers, ...replies];
  const isCut = replies.some(({ reply }) => reply.finish !== "stop");
  if (ends.length > 1) yield ["duplicated", `${room.path}: ${id} is answered ${ends.length} times`];
  if (ends.length > 0 || isCut || cancels.some(isPossible)) return;
  if (isInterrupted(turn, streams, ledger)) return;
  yield ["unansweredTurns", `${room.path}: ${id} has no answer after ${runs.length} runs`];
}

/**
 * Whatever was shown has its envelope, unless its turn was interrupted before anything was saved, and then given up or cancelled: then
 * nobody has known of it any more.
 */
function* endFindings(
  { path, witnesses }: RoomRecord,
  turns: readonly Turn[],
  streams: StreamRecord,
  ledger: Ledger,
): Generator<Finding> {
  const open = new Map(
    turns.filter(({ message }) => (message?.seq ?? 0) >= ledger.wholeFrom).map((turn) => [turn.id, turn]),
  );
  const told = new Set<string>();
  for (const { client, views } of witnesses) {
    for (const event of views) {
      if (event.kind !== "stream" || told.has(event.id) || ledger.ids.has(event.id)) continue;
      told.add(event.id);
      const turn = open.get(event.of);
      const isGivenUp = turn?.others.some(({ answers }) => answers !== undefined && answers.attempt === undefined);
      if (turn === undefined || isGivenUp || turn.cancels.some(isPossible) || isInterrupted(turn, streams, ledger))
        continue;
      yield ["endlessStreams", `${path}: ${client} was shown ${event.id}, which has no envelope`];
    }
  }
}
