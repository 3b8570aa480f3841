import type { Finding } from "./findings.js";
import type { Ledger } from "./ledger.js";
import type { Entry, RoomRecord, Run } from "./records.js";

/** What is wrong with the turns of a room whose messages must be answered. */
export function turnFindings(room: RoomRecord, ledger: Ledger): Finding[] {
  if (!room.answers) return [];
  const runs = Map.groupBy(room.runs, ({ message }) => message);
  const answers = Map.groupBy(
    ledger.entries.filter((entry) => entry.answers !== undefined),
    (entry) => entry.answers?.id,
  );
  const beginnings = Map.groupBy(ledger.entries, ({ begun }) => begun);
  const messages = ledger.entries.filter(({ asks }) => asks !== undefined);
  return [
    ...messages.flatMap((message) => {
      const own = { runs: runs.get(message.id) ?? [], answers: answers.get(message.id) ?? [] };
      const begun = beginnings.get(message.id)?.length ?? 0;
      return [...turnOf(message, { ...own, begun }, room.path, message.seq >= ledger.wholeFrom)];
    }),
    ...repeatedRuns(room),
    ...(room.inOrder ? answersInDisorder(room, ledger) : []),
  ];
}

interface TurnTraces {
  runs: Run[];
  answers: Entry[];
  /** How often it said that it began. */
  begun: number;
}

/** A message has one answer, unless it asked for silence, and says once that its turn began, if it asked for that. */
function* turnOf(message: Entry, traces: TurnTraces, path: string, isWhole: boolean): Generator<Finding> {
  const { id, asks } = message;
  const [answer, second] = traces.answers;
  if (second !== undefined) yield ["duplicated", `${path}: ${id} is answered at ${answer?.seq} and at ${second.seq}`];
  if (traces.begun > 1) yield ["duplicated", `${path}: the turn of ${id} said ${traces.begun} times that it began`];
  const attempt = answer?.answers?.attempt;
  if (attempt !== undefined && traces.runs.some((run) => run.attempt > attempt)) {
    yield ["repeatedTurns", `${path}: the turn of ${id} was run again after it had answered`];
  }
  if (!isWhole) return;
  if (traces.runs.length === 0) yield ["unansweredTurns", `${path}: the turn of ${id} was never run`];
  if (answer === undefined && asks?.silent !== true) yield ["unansweredTurns", `${path}: ${id} has no answer`];
  if (attempt !== undefined && asks?.announce === true && traces.begun === 0) {
    yield ["lost", `${path}: the turn of ${id} never said that it began, but answered`];
  }
}

/** A turn runs again only after an interruption: never twice in one life of the object. */
function* repeatedRuns({ path, runs }: RoomRecord): Generator<Finding> {
  const ran = new Set<string>();
  for (const { message, incarnation } of runs) {
    const run = `${message} ${incarnation}`;
    if (ran.has(run)) yield ["repeatedTurns", `${path}: the turn of ${message} ran twice without a crash between`];
    ran.add(run);
  }
}

/** Turns alternate between authors; the answers to one of them stand in the order of that author's messages. */
function* answersInDisorder({ path }: RoomRecord, { entries }: Ledger): Generator<Finding> {
  // Of an id that is there twice the first place counts: that it is there twice is said elsewhere.
  const asked = new Map(entries.toReversed().map((entry) => [entry.id, entry]));
  const last = new Map<string | undefined, number>();
  for (const { seq, answers } of entries) {
    const message = answers && asked.get(answers.id);
    if (message === undefined) continue;
    const before = last.get(message.from) ?? 0;
    if (message.seq < before) {
      yield ["reordered", `${path}: the answer at ${seq} is to ${message.seq}, after one to ${before}`];
    }
    last.set(message.from, message.seq);
  }
}
