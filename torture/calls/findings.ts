import { type CallEntry, type CallRecord, isCall, named, userIn } from "./records.js";

/** What may be wrong with calls, their answers and the replies that go on, each with a count of its own in the report. */
export const CALL_FAULTS = ["answeredTwice", "lostCalls", "strayTools", "spokeAfterEnd", "supersededTwice"] as const;

export type CallFinding = [name: (typeof CALL_FAULTS)[number], text: string];

/** What is wrong with the calls of a room. */
export function callFindings(record: CallRecord): CallFinding[] {
  const { path, log, readers } = record;
  const findings: CallFinding[] = [
    ...answerFindings(record),
    ...lostFindings(record, { name: "the log", from: 1, entries: log }),
    ...readers.flatMap((reader) => [...lostFindings(record, reader)]),
    ...toolFindings(record),
    ...supersededFindings(record),
  ];
  return findings.map(([name, text]) => [name, `${path}: ${text}`]);
}

const answersTo = (entries: readonly CallEntry[], call: CallEntry) =>
  entries.filter((entry) => entry.type === "tool_result" && named(entry, "inReplyTo") === call.id);

/** What the author of a call has sent after it, which closes it. */
const closing = (entries: readonly CallEntry[], call: CallEntry) =>
  entries.find(
    (entry) => entry.type === "message" && entry.seq > call.seq && userIn(entry, "from") === userIn(call, "for"),
  );

/** The calls of each reply. */
const byReply = (entries: readonly CallEntry[]) => Map.groupBy(entries.filter(isCall), (call) => named(call, "reply"));

/** A call has one answer at most, none once it is closed, and its reply goes on once. */
function* answerFindings({ log }: CallRecord): Generator<CallFinding> {
  for (const call of log.filter(isCall)) {
    const answers = answersTo(log, call);
    if (answers.length > 1) yield ["answeredTwice", `${call.id} has ${answers.length} answers`];
    const end = closing(log, call);
    const late = end && answers.find(({ seq }) => seq > end.seq);
    if (late) yield ["spokeAfterEnd", `${call.id} was answered at ${late.seq}, and closed at ${end.seq}`];
  }
  for (const reply of byReply(log).keys()) {
    const next = log.filter((entry) => named(entry, "continues") === reply);
    if (next.length > 1) yield ["answeredTwice", `${reply} goes on at ${next.map(({ seq }) => seq).join(" and at ")}`];
  }
}

/** In every log each call is there, and is answered, closed or expired; and a reply whose calls are answered goes on. */
function* lostFindings(
  { log, endedAt }: CallRecord,
  { name, from, entries }: CallRecord["readers"][number],
): Generator<CallFinding> {
  const known = new Set(entries.map(({ id }) => id));
  for (const call of log.filter((entry) => isCall(entry) && entry.seq >= from)) {
    if (!known.has(call.id)) yield ["lostCalls", `${name} does not show ${call.id}`];
    else if (answersTo(entries, call).length === 0 && !closing(entries, call) && !isExpired(call, endedAt)) {
      yield ["lostCalls", `${name} shows ${call.id} as open`];
    }
  }
  for (const [reply, calls] of byReply(entries)) {
    const answers = calls.map((call) => answersTo(entries, call)[0]);
    if (answers.includes(undefined)) continue;
    const isContinued = entries.some((entry) => named(entry, "continues") === reply);
    const isReported = entries.some(
      (entry) => entry.type === "system" && answers.some((answer) => answer?.id === named(entry, "inReplyTo")),
    );
    if (!isContinued && !isReported) yield ["lostCalls", `${name} does not show how ${reply} goes on`];
  }
}

function isExpired({ metadata }: CallEntry, at: number): boolean {
  return Number(metadata?.["expiresAt"]) <= at;
}

/** A tool runs once, and only for a call that was allowed. */
function* toolFindings({ log, journal }: CallRecord): Generator<CallFinding> {
  const calls = new Map(log.filter(isCall).map((call) => [call.id, call]));
  for (const [id, runs] of Map.groupBy(journal, ({ message }) => message)) {
    const call = calls.get(id);
    if (call === undefined) continue;
    if (runs.length > 1) yield ["strayTools", `the tool of ${id} ran ${runs.length} times`];
    const [answer] = answersTo(log, call);
    if (answer?.metadata?.["approved"] !== true) yield ["strayTools", `the tool of ${id} ran, which was not allowed`];
  }
}

/** A reply is superseded by one other, and says nothing more from then on. */
function* supersededFindings({ log }: CallRecord): Generator<CallFinding> {
  const newer = log.filter((entry) => named(entry, "supersedes") !== "");
  for (const [old, replies] of Map.groupBy(newer, (entry) => named(entry, "supersedes"))) {
    const turns = new Set(replies.map((entry) => named(entry, "inReplyTo")));
    if (turns.size > 1) yield ["supersededTwice", `${old} is superseded by the answers to ${[...turns].join(" and ")}`];
    const at = Math.min(...replies.map(({ seq }) => seq));
    for (const entry of log) {
      const isOfOld = entry.id === old || named(entry, "continues") === old;
      if (isOfOld && entry.seq > at) yield ["spokeAfterEnd", `${old} says ${entry.seq}, and was superseded at ${at}`];
    }
  }
}
