import { describe, expect, it } from "vitest";
import { findFaults } from "../../torture/checker.js";
import { type FaultName, LOG_FAULTS } from "../../torture/findings.js";
import {
  type Entry,
  type Envelope,
  newWitness,
  type RoomRecord,
  toEntry,
  type Witness,
} from "../../torture/records.js";

const ada = { from: { id: "ada" } };

/** A log in which Ada's two messages are answered, the second one in its second attempt, after it had said that it began. */
const LOG: Entry[] = [
  said("a-1", ada),
  said("a-2", { ...ada, announce: true }),
  said("r-1", { of: "a-1", attempt: 1 }),
  said("p-1", { begun: "a-2" }),
  said("r-2", { of: "a-2", attempt: 2 }),
].map((envelope, place) => toEntry({ ...envelope, seq: place + 1 }));

function said(id: string, metadata: Record<string, unknown>): Envelope {
  const role = "from" in metadata ? "user" : "assistant";
  return { seq: 0, id, type: "message", role, content: id, timestamp: 1, metadata };
}

/** Ada, who sent two messages, and Bob, who was away and came back to a gap: both saw all that they should. */
function soundRoom(): RoomRecord & { witnesses: [Witness, Witness] } {
  const shown = LOG.map(({ seq, id }) => ({ seq, id }));
  return {
    path: "/room",
    answers: true,
    inOrder: true,
    log: { epoch: "e", head: 5, tail: 2, entries: LOG.slice(1) },
    runs: [
      { message: "a-1", attempt: 1, incarnation: "x" },
      { message: "a-2", attempt: 1, incarnation: "x" },
      { message: "a-2", attempt: 2, incarnation: "y" },
    ],
    witnesses: [
      {
        ...newWitness("ada"),
        sent: ["a-1", "a-2"],
        acks: [
          { id: "a-1", seq: 1 },
          { id: "a-2", seq: 2 },
          { id: "a-2", seq: 2 },
        ],
        story: [{ kind: "start", epoch: "e", after: 0 }, ...LOG],
        shown,
      },
      {
        ...newWitness("bob"),
        story: [
          { kind: "start", epoch: "e", after: 0 },
          { kind: "gap", epoch: "e", upTo: 2, tail: 2 },
          ...LOG.slice(2),
        ],
        shown: shown.slice(2),
      },
    ],
  };
}

/** One more entry, in the log and shown to everyone. */
function addLast(room: ReturnType<typeof soundRoom>, entry: Entry): void {
  room.log.entries.push(entry);
  room.log.head = entry.seq;
  for (const witness of room.witnesses) {
    witness.story.push(entry);
    witness.shown?.push({ seq: entry.seq, id: entry.id });
  }
}

type Spoil = (room: ReturnType<typeof soundRoom>) => void;

/** Puts an entry in place of the one at `seq`, in the log and in what everyone was shown: a fault that all agree on. */
function rewrite(room: ReturnType<typeof soundRoom>, seq: number, envelope: Envelope): void {
  const entry = toEntry({ ...envelope, seq });
  const replace = <Event extends { kind: string }>(event: Event): Event | Entry =>
    "seq" in event && event.seq === seq ? entry : event;
  room.log.entries = room.log.entries.map(replace);
  for (const witness of room.witnesses) {
    witness.story = witness.story.map(replace);
    witness.shown = witness.shown?.map((line) => (line.seq === seq ? { seq, id: entry.id } : line)) ?? [];
  }
}

const SPOILT: [what: string, name: FaultName, says: string, spoil: Spoil][] = [
  [
    "an ack for what the log does not have",
    "lost",
    "was acked a-9 at 5, where the log has r-2",
    ({ witnesses: [one] }) => one.acks.push({ id: "a-9", seq: 5 }),
  ],
  [
    "an ack beyond the head",
    "lost",
    "was acked a-9 at 6, where the log has nothing",
    ({ witnesses: [one] }) => one.acks.push({ id: "a-9", seq: 6 }),
  ],
  [
    "what was shown and is gone",
    "lost",
    "was shown r-2 at 5, which the log does not have",
    ({ log }) => Object.assign(log, { head: 4, entries: log.entries.slice(0, -1) }),
  ],
  [
    "a lost post",
    "lost",
    "never said that it began, but answered",
    (room) => rewrite(room, 4, said("p-1", { begun: "a-1" })),
  ],
  [
    "an id at two places",
    "duplicated",
    "a-2 is at 2 and at 3",
    (room) => rewrite(room, 3, said("a-2", { ...ada, announce: true })),
  ],
  [
    "two acks that differ",
    "duplicated",
    "was acked a-2 at 2 and at 4",
    ({ witnesses: [one] }) => one.acks.push({ id: "a-2", seq: 4 }),
  ],
  [
    "what is shown twice",
    "duplicated",
    "was shown r-2 at 5 twice",
    ({ witnesses: [one] }) => one.story.push(...LOG.slice(-1)),
  ],
  [
    "a second answer",
    "duplicated",
    "a-1 is answered at 3 and at 5",
    (room) => rewrite(room, 5, said("r-2", { of: "a-1", attempt: 1 })),
  ],
  [
    "a post that a rerun repeats",
    "duplicated",
    "the turn of a-2 said 2 times that it began",
    (room) => rewrite(room, 3, said("p-2", { begun: "a-2" })),
  ],
  [
    "what a client said in another order",
    "reordered",
    "a-2, at 2, stands behind what was said after it",
    ({ witnesses: [one] }) => one.sent.reverse(),
  ],
  [
    "what is shown in another order",
    "reordered",
    "was shown 3 after 4",
    ({ witnesses: [, other] }) => other.story.splice(2, 2, ...LOG.slice(2, 4).reverse()),
  ],
  [
    "time that goes back",
    "reordered",
    "time goes back at 5",
    (room) => rewrite(room, 5, { ...said("r-2", { of: "a-2", attempt: 2 }), timestamp: 0 }),
  ],
  [
    "answers in another order",
    "reordered",
    "the answer at 5 is to 1, after one to 2",
    (room) => {
      rewrite(room, 3, said("r-2", { of: "a-2", attempt: 2 }));
      rewrite(room, 5, said("r-1", { of: "a-1", attempt: 1 }));
    },
  ],
  [
    "a client that shows another order",
    "reordered",
    "shows 4 after 5",
    ({ witnesses: [one] }) => one.shown?.push({ seq: 4, id: "p-1" }, { seq: 5, id: "r-2" }),
  ],
  [
    "two views of one place",
    "diverged",
    "was shown r-9 at 5, others r-2",
    ({ witnesses: [one] }) => one.story.splice(-1, 1, toEntry({ ...said("r-9", {}), seq: 5 })),
  ],
  [
    "two texts of one message",
    "diverged",
    "was shown another r-2 at 5 than others",
    ({ witnesses: [one] }) =>
      one.story.splice(-1, 1, toEntry({ ...said("r-2", { of: "a-2", attempt: 2 }), content: "else", seq: 5 })),
  ],
  [
    "two epochs",
    "diverged",
    "was sent epoch f, the log's is e",
    ({ witnesses: [one] }) => one.story.splice(0, 1, { kind: "start", epoch: "f", after: 0 }),
  ],
  [
    "a client that shows what the log does not have",
    "diverged",
    "shows r-9 at 5",
    ({ witnesses: [one] }) => one.shown?.splice(-1, 1, { seq: 5, id: "r-9" }),
  ],
  ["a hole without a gap", "holes", "was shown 3 after 0", ({ witnesses: [, other] }) => other.story.splice(1, 1)],
  [
    "a gap that ends too early",
    "holes",
    "was shown 3 after 1",
    ({ witnesses: [, other] }) => other.story.splice(1, 1, { kind: "gap", epoch: "e", upTo: 1, tail: 2 }),
  ],
  [
    "a client that never learns the end",
    "holes",
    "has read up to 4, the head is 5",
    ({ witnesses: [, other] }) => other.story.pop(),
  ],
  [
    "a client that does not show the end",
    "holes",
    "shows nothing after 4, the head is 5",
    ({ witnesses: [, other] }) => other.shown?.pop(),
  ],
  ["a client that shows a hole", "holes", "ada shows 5 after 3", ({ witnesses: [one] }) => one.shown?.splice(3, 1)],
  [
    "a client that is made to start again",
    "holes",
    "bob had read 5 and was made to start again after 4",
    ({ witnesses: [, other] }) => other.story.push({ kind: "start", epoch: "e", after: 4 }),
  ],
  [
    "a hole behind what was cached",
    "holes",
    "bob was shown 5 after 3",
    ({ witnesses: [, other] }) => other.story.push({ kind: "reload", read: 3 }, ...LOG.slice(-1)),
  ],
  [
    "a message that left before it was kept",
    "diverged",
    "sent a-2 before it was kept",
    ({ witnesses: [one] }) => one.unsaid.push("a-2"),
  ],
  [
    "a log that nobody cleared",
    "diverged",
    "bob was sent epoch f, the log's is e",
    ({ witnesses: [, other] }) => other.story.unshift({ kind: "start", epoch: "f", after: 0 }),
  ],
  [
    "a message in two logs",
    "duplicated",
    "a-1 is in the log d and in the log e",
    (room) => {
      room.clears = 1;
      room.witnesses[0].story.unshift({ kind: "start", epoch: "d", after: 0 }, ...LOG.slice(0, 1));
    },
  ],
  [
    "a message by another than who sent it",
    "misattributed",
    "a-1 is said to be by bob, but ada sent it",
    (room) => rewrite(room, 1, said("a-1", { from: { id: "bob" } })),
  ],
  [
    "typing of somebody who is not there",
    "misattributed",
    "bob was shown that eve types",
    ({ witnesses: [, other] }) => other.typists.add("eve"),
  ],
  ["a hole in the log", "holes", "the log has 4 where 3 should be", ({ log }) => log.entries.splice(1, 1)],
  ["a log without its end", "holes", "the log ends at 4, its head is 5", ({ log }) => log.entries.pop()],
  ["a message without an answer", "unansweredTurns", "a-2 has no answer", (room) => rewrite(room, 5, said("x", {}))],
  ["a turn that was never run", "unansweredTurns", "the turn of a-1 was never run", ({ runs }) => runs.splice(0, 1)],
  [
    "a turn that ran twice without a crash between",
    "repeatedTurns",
    "the turn of a-1 ran twice",
    ({ runs }) => runs.push({ message: "a-1", attempt: 1, incarnation: "x" }),
  ],
  [
    "a turn that ran again after it had answered",
    "repeatedTurns",
    "the turn of a-1 was run again after it had answered",
    ({ runs }) => runs.push({ message: "a-1", attempt: 2, incarnation: "y" }),
  ],
  [
    "a gap where nothing was missing",
    "needlessGaps",
    "had read 0 and was sent a gap, but the log began at 1",
    ({ witnesses: [, other] }) => other.story.splice(1, 1, { kind: "gap", epoch: "e", upTo: 2, tail: 1 }),
  ],
  [
    "a refusal",
    "refused",
    "was refused a-3 with ID_CONFLICT",
    ({ witnesses: [one] }) => one.refused.push({ id: "a-3", code: "ID_CONFLICT" }),
  ],
  [
    "a message that nothing lets through",
    "heldUp",
    "ada was refused a-3 again and again",
    ({ witnesses: [one] }) => one.heldUp.push("a-3"),
  ],
  [
    "a message whose outcome is never known",
    "unsettled",
    "still waits for the outcome of a-3",
    ({ witnesses: [one] }) => one.open.push("a-3"),
  ],
];

describe("the checker of the torture run", () => {
  it("finds nothing in a room without faults", () => {
    expect(findFaults(soundRoom())).toEqual([]);
  });

  it.each(SPOILT)("finds %s", (_what, name, says, spoil) => {
    const room = soundRoom();
    spoil(room);
    expect(findFaults(room)).toContainEqual([name, expect.stringContaining(says)]);
  });

  it("has a broken record for every count", () => {
    expect(new Set(SPOILT.map(([, name]) => name))).toEqual(new Set(LOG_FAULTS));
  });

  it("takes an uncertain message as it is, in the log or not", () => {
    const room = soundRoom();
    room.witnesses[0].sent.push("a-3");
    room.witnesses[0].uncertain.push("a-3", "a-2");
    expect(findFaults(room)).toEqual([]);
  });

  it("lets a client that was gone see again what it had not cached, or start again", () => {
    const room = soundRoom();
    room.witnesses[0].story.push({ kind: "reload", read: 3 }, ...LOG.slice(3));
    room.witnesses[1].story.push({ kind: "reload", read: undefined }, { kind: "start", epoch: "e", after: 5 });
    expect(findFaults(room)).toEqual([]);
  });

  it("does not ask that a plain client is shown its own, but all else up to the end", () => {
    const room = soundRoom();
    const plain = { ...newWitness("ada-2", "ada"), isPlain: true, sent: ["a-2"], confirmed: ["a-2"] };
    room.witnesses.push({
      ...plain,
      story: [{ kind: "start", epoch: "e", after: 0 }, ...LOG.filter(({ id }) => id !== "a-2")],
    });
    expect(findFaults(room)).toEqual([]);
  });

  it.each<[string, FaultName, string, (plain: Witness) => unknown]>([
    ["a hole", "holes", "ada-2 was shown 4 after 1", ({ story }) => story.splice(2, 1)],
    ["an end that it never reads", "holes", "ada-2 has read up to 4, the head is 5", ({ story }) => story.pop()],
    ["a message that is given back and gone", "lost", "was given back a-9", ({ confirmed }) => confirmed.push("a-9")],
  ])("finds, of a plain client, %s", (_what, name, says, spoil) => {
    const room = soundRoom();
    const plain: Witness = { ...newWitness("ada-2", "ada"), isPlain: true, sent: ["a-2"], confirmed: ["a-2"] };
    plain.story = [{ kind: "start", epoch: "e", after: 0 }, ...LOG.filter(({ id }) => id !== "a-2")];
    room.witnesses.push(plain);
    spoil(plain);
    expect(findFaults(room)).toContainEqual([name, expect.stringContaining(says)]);
  });

  it("lets the answers to several authors alternate", () => {
    const room = soundRoom();
    room.runs.push({ message: "b-1", attempt: 1, incarnation: "y" });
    const more = [said("b-1", { from: { id: "bob" } }), said("a-3", { ...ada, silent: true })];
    for (const [place, envelope] of more.entries()) addLast(room, toEntry({ ...envelope, seq: 6 + place }));
    addLast(room, toEntry({ ...said("r-4", { of: "a-3", attempt: 1 }), seq: 8 }));
    addLast(room, toEntry({ ...said("r-3", { of: "b-1", attempt: 1 }), seq: 9 }));
    room.runs.push({ message: "a-3", attempt: 1, incarnation: "y" });
    expect(findFaults(room)).toEqual([]);
  });

  it("lets a log be cleared: what was seen of it stands by itself, and what was not seen is not asked for", () => {
    const room = soundRoom();
    room.clears = 1;
    const earlier = toEntry({ ...said("x-1", {}), seq: 1 });
    room.witnesses[0].story.unshift({ kind: "start", epoch: "d", after: 0 }, earlier);
    room.witnesses[0].acks.push({ id: "a-0", seq: 2, epoch: "d" });
    room.witnesses[1].story.push(
      { kind: "reload", read: 1, epoch: "d" },
      { kind: "gap", epoch: "e", upTo: 5, tail: 1 },
    );
    expect(findFaults(room)).toEqual([]);
  });

  it("does not ask for answers that the log has forgotten before anyone saw them", () => {
    const room = soundRoom();
    room.log = { ...room.log, tail: 5, entries: LOG.slice(-1) };
    for (const witness of room.witnesses) {
      witness.story = [{ kind: "gap", epoch: "e", upTo: 4, tail: 5 }, ...LOG.slice(-1)];
      witness.shown = [{ seq: 5, id: "r-2" }];
    }
    room.runs = [];
    expect(findFaults(room)).toEqual([]);
  });
});
