import type { Ack, LogEntry } from "../workerd/session-client.js";

/** What one client has to say about the log. */
export interface Witness {
  sent: readonly string[];
  acks: readonly Ack[];
  seen: readonly LogEntry[];
  faults: readonly string[];
}

/** What is left when all is over. */
export interface Evidence {
  /** The whole log, as a last reader was sent it. */
  log: readonly LogEntry[];
  witnesses: readonly Witness[];
  /** The ids of messages whose handler ran, once for each run. */
  runs: readonly string[];
}

/** Every way in which the log breaks the promises P1, P2, P3, P4 and P11. None is the only good answer. */
export function findFaults(evidence: Evidence): string[] {
  const { log, witnesses } = evidence;
  return [
    ...holesAndDoubles(log),
    ...witnesses.flatMap(({ faults }) => faults),
    ...witnesses.flatMap((witness) => [...brokenWord(witness, log)]),
    ...witnesses.flatMap((witness) => [...disorder(witness, log)]),
    ...unansweredTurns(evidence),
  ];
}

/** Sequence numbers run 1, 2, 3 ..., ids are unique, and time does not go back. */
function* holesAndDoubles(log: readonly LogEntry[]): Generator<string> {
  const ids = new Set<string>();
  for (const [place, { seq, id, timestamp }] of log.entries()) {
    if (seq !== place + 1) yield `the entry at place ${place + 1} has seq ${seq}`;
    if (ids.has(id)) yield `the log holds ${id} twice`;
    if (timestamp < (log[place - 1]?.timestamp ?? 0)) yield `time goes back at seq ${seq}`;
    ids.add(id);
  }
}

/** What was acked or shown to a client is in the log, at the place it was told. */
function* brokenWord({ acks, seen }: Witness, log: readonly LogEntry[]): Generator<string> {
  for (const { id, seq } of acks) {
    if (log[seq - 1]?.id !== id) yield `${id} was acked at ${seq}, where the log has ${log[seq - 1]?.id}`;
  }
  for (const { id, seq } of seen) {
    if (log[seq - 1]?.id !== id) yield `${id} was shown at ${seq}, where the log has ${log[seq - 1]?.id}`;
  }
}

/** All that a client sent was acked in the end, and stands in the order in which it sent it. */
function* disorder({ sent, acks }: Witness, log: readonly LogEntry[]): Generator<string> {
  const acked = new Set(acks.map(({ id }) => id));
  for (const id of sent) if (!acked.has(id)) yield `${id} was never acked`;
  const own = new Set(sent);
  const order = log.filter(({ id }) => own.has(id)).map(({ id }) => id);
  const place = order.findIndex((id, index) => id !== sent[index]);
  if (place >= 0) yield `the log has ${order[place]} where the client sent ${sent[place]}`;
}

/** Each message has one answer, a reply or a report that its turn was interrupted; answers keep the order of messages. */
function* unansweredTurns({ log, witnesses, runs }: Evidence): Generator<string> {
  const ran = new Set(runs);
  const messages = new Set(witnesses.flatMap(({ sent }) => sent));
  const answers = log.filter((entry) => answered(entry) !== undefined);
  for (const id of messages) {
    const own = answers.filter((answer) => answered(answer) === id);
    if (own.length !== 1) yield `${id} has ${own.length} answers`;
    if (own.some(({ type }) => type === "system") && !ran.has(id)) yield `${id} was given up, but was never tried`;
    const begun = log.filter(({ metadata }) => metadata["begun"] === id);
    if (begun.length > 1) yield `the turn of ${id} said ${begun.length} times that it began`;
    if (own.some(({ type }) => type === "message") && begun.length === 0) yield `${id} has a reply without a beginning`;
  }
  const asked = log.filter(({ id }) => messages.has(id)).map(({ id }) => id);
  const place = answers.findIndex((answer, index) => answered(answer) !== asked[index]);
  if (place >= 0) yield `the answer at seq ${answers[place]?.seq} is not to ${asked[place]}, whose turn it was`;
}

/** The message that an entry answers, if it is an answer. */
export function answered({ type, metadata }: LogEntry): unknown {
  return type === "system" && metadata["code"] === "TURN_INTERRUPTED" ? metadata["inReplyTo"] : metadata["of"];
}
