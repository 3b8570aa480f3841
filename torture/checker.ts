import { byEpoch, epochFindings } from "./epochs.js";
import type { Finding } from "./findings.js";
import { Ledger } from "./ledger.js";
import type { RoomRecord, Witness } from "./records.js";
import { replyFindings } from "./streams/reply-findings.js";
import { viewFindings } from "./streams/view-findings.js";
import { turnFindings } from "./turns.js";

/** Every way in which a room breaks the promises. Nothing here is shared with the code under test. */
export function findFaults(room: RoomRecord): Finding[] {
  const logs = byEpoch(room);
  return [...logs.flatMap(findFaultsOfLog), ...epochFindings(room, logs), ...authorFindings(room, logs)];
}

/** Who is named as the author of a message is the user who sent it, and only those who are there type. */
function* authorFindings({ path, witnesses }: RoomRecord, logs: readonly RoomRecord[]): Generator<Finding> {
  const senders = new Map(witnesses.flatMap(({ user, sent }) => sent.map((id) => [id, user])));
  const users = new Set(witnesses.map(({ user }) => user));
  for (const { client, typists } of witnesses) {
    for (const typist of typists) {
      if (!users.has(typist)) {
        yield ["misattributed", `${path}: ${client} was shown that ${typist} types, who is not there`];
      }
    }
  }
  for (const { id, from } of logs.flatMap((log) => new Ledger(log).entries)) {
    const sender = senders.get(id);
    if (sender !== undefined && from !== sender) {
      yield ["misattributed", `${path}: ${id} is said to be by ${from ?? "the server"}, but ${sender} sent it`];
    }
  }
}

/** What is wrong with one log of a room: the one that there is in the end, or one that was cleared. */
function findFaultsOfLog(room: RoomRecord): Finding[] {
  const ledger = new Ledger(room);
  return [
    ...ledger.findings,
    ...logFindings(room),
    ...orderFindings(room, ledger),
    ...room.witnesses.flatMap((witness) => [
      ...storyFindings(room, witness, ledger),
      ...ackFindings(room, witness, ledger),
      ...endFindings(room, witness, ledger),
    ]),
    ...turnFindings(room, ledger),
    ...viewFindings(room),
    ...replyFindings(room, ledger),
  ];
}

/** The log itself runs from its tail to its head without a hole. */
function* logFindings({ path, log }: RoomRecord): Generator<Finding> {
  let expected = log.tail;
  for (const { seq } of log.entries) {
    if (seq !== expected) yield ["holes", `${path}: the log has ${seq} where ${expected} should be`];
    expected = seq + 1;
  }
  if (expected !== log.head + 1) yield ["holes", `${path}: the log ends at ${expected - 1}, its head is ${log.head}`];
}

/** Ids are unique, time does not go back, and what one client said stands in the order it said it. */
function* orderFindings({ path, witnesses }: RoomRecord, { entries }: Ledger): Generator<Finding> {
  const places = new Map(witnesses.flatMap(({ client, sent }) => sent.map((id, place) => [id, { client, place }])));
  const last = new Map<string, number>();
  const seqs = new Map<string, number>();
  let timestamp = 0;
  for (const entry of entries) {
    const earlier = seqs.get(entry.id);
    if (earlier !== undefined) yield ["duplicated", `${path}: ${entry.id} is at ${earlier} and at ${entry.seq}`];
    seqs.set(entry.id, entry.seq);
    if (entry.timestamp < timestamp) yield ["reordered", `${path}: time goes back at ${entry.seq}`];
    timestamp = entry.timestamp;
    const said = places.get(entry.id);
    if (said === undefined || earlier !== undefined) continue;
    if (said.place < (last.get(said.client) ?? 0)) {
      yield ["reordered", `${path}: ${entry.id}, at ${entry.seq}, stands behind what was said after it`];
    }
    last.set(said.client, said.place);
  }
}

/** A client is shown the log in order and without a hole, but for the gaps that it was sent. */
function* storyFindings({ path }: RoomRecord, witness: Witness, ledger: Ledger): Generator<Finding> {
  const { client, story } = witness;
  const who = `${path}: ${client}`;
  const seen = new Set<number>();
  let read: number | undefined;
  let isNew = true;
  for (const event of story) {
    if (event.kind === "entry") {
      const { seq, id } = event;
      if (seen.has(seq)) yield ["duplicated", `${who} was shown ${id} at ${seq} twice`];
      else if (read !== undefined && seq <= read) yield ["reordered", `${who} was shown ${seq} after ${read}`];
      else if (!hasReadAll(witness, ledger, read ?? -1, seq))
        yield ["holes", `${who} was shown ${seq} after ${read ?? "nothing"}`];
      seen.add(seq);
      read = Math.max(seq, read ?? 0);
    } else if (event.kind === "gap") {
      if (read !== undefined && event.tail <= read + 1) {
        yield ["needlessGaps", `${who} had read ${read} and was sent a gap, but the log began at ${event.tail}`];
      }
      read = event.upTo;
    } else if (event.kind === "reload") {
      seen.clear();
      read = event.read;
      isNew = read === undefined;
    } else {
      if (!isNew) yield ["holes", `${who} had read ${read} and was made to start again after ${event.after}`];
      isNew = false;
      read = event.after;
    }
  }
}

/** Whether there is nothing between two places but, on plain, messages of its own. */
function hasReadAll({ isPlain, sent }: Witness, ledger: Ledger, read: number, seq: number): boolean {
  if (isPlain !== true) return seq === read + 1;
  for (let between = read + 1; between < seq; between++) {
    if (!sent.includes(ledger.at(between)?.id ?? "")) return false;
  }
  return true;
}

/** What was acked is in the log, at the place that the ack named. */
function* ackFindings({ path, log }: RoomRecord, { client, acks }: Witness, ledger: Ledger): Generator<Finding> {
  const seqs = new Map<string, number>();
  for (const { id, seq } of acks) {
    const who = `${path}: ${client}`;
    const earlier = seqs.get(id);
    if (earlier !== undefined && earlier !== seq) {
      yield ["duplicated", `${who} was acked ${id} at ${earlier} and at ${seq}`];
    }
    seqs.set(id, seq);
    const there = ledger.at(seq);
    if (there === undefined ? seq >= log.tail : there.id !== id) {
      yield ["lost", `${who} was acked ${id} at ${seq}, where the log has ${there?.id ?? "nothing"}`];
    }
  }
}

/** In the end nothing is open or refused, and each client has read up to the head and shows the end of the log. */
function* endFindings({ path, log }: RoomRecord, witness: Witness, ledger: Ledger): Generator<Finding> {
  const who = `${path}: ${witness.client}`;
  for (const id of witness.open) yield ["unsettled", `${who} still waits for the outcome of ${id}`];
  for (const id of witness.unsaid) {
    if (ledger.ids.has(id)) yield ["diverged", `${who} sent ${id} before it was kept`];
  }
  for (const id of witness.heldUp) yield ["heldUp", `${who} was refused ${id} again and again`];
  for (const { id, code } of witness.refused) yield ["refused", `${who} was refused ${id} with ${code}`];
  for (const id of witness.confirmed) {
    if (!ledger.ids.has(id)) yield ["lost", `${who} was given back ${id}, which the log does not have`];
  }
  if (witness.shown === undefined && witness.isPlain !== true) return;
  const read = readUpTo(witness.story.at(-1));
  if (!hasReadAll(witness, ledger, read, log.head + 1))
    yield ["holes", `${who} has read up to ${read}, the head is ${log.head}`];
  if (witness.shown === undefined) return;
  let last = 0;
  for (const { seq, id } of witness.shown) {
    if (ledger.at(seq)?.id !== id) yield ["diverged", `${who} shows ${id} at ${seq}, where the log has another`];
    if (seq <= last) yield ["reordered", `${who} shows ${seq} after ${last}`];
    else if (last > 0 && seq !== last + 1) yield ["holes", `${who} shows ${seq} after ${last}`];
    last = seq;
  }
  if (last !== log.head && log.head > 0) yield ["holes", `${who} shows nothing after ${last}, the head is ${log.head}`];
}

function readUpTo(event: Witness["story"][number] | undefined): number {
  switch (event?.kind) {
    case "entry":
      return event.seq;
    case "gap":
      return event.upTo;
    case "start":
      return event.after;
    default:
      return event?.read ?? 0;
  }
}
