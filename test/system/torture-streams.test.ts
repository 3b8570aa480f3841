import { describe, expect, it } from "vitest";
import { findFaults } from "../../torture/checker.js";
import { type FaultName, STREAM_FAULTS } from "../../torture/findings.js";
import { type Entry, type Envelope, newWitness, type RoomRecord, toEntry } from "../../torture/records.js";
import { cut, drawErrand, type Errand, originsOf, textsOf } from "../../torture/streams/errand.js";
import type { Cancel, StreamRecord } from "../../torture/streams/records.js";
import type { ToolRun } from "../../torture/streams/stand-in.js";
import { digestOf, View, type ViewEvent } from "../../torture/streams/view.js";
import { Random } from "../protocol/random.js";

const WORDS: Errand = { source: "words", words: 4, gap: 1, steps: 1 };
const STEPS: Errand = { ...WORDS, source: "steps" };
const BREAKING: Errand = { ...WORDS, source: "breaking" };

/** The text of the first reply in an attempt. */
const text = (errand: Errand, attempt: number) => textsOf(errand, attempt, 1).join("\n\n");
const half = (errand: Errand, attempt: number) => text(errand, attempt).slice(0, 15);
const said = (id: string, from: string): Envelope => ({
  ...{ seq: 0, id, type: "message", role: "user", content: id, timestamp: 2 },
  metadata: { from: { id: from } },
});
const wrote = (id: string, content: string, metadata: Record<string, unknown>): Envelope => ({
  ...{ seq: 0, id, type: "message", role: "assistant", content, timestamp: 2 },
  metadata,
});
const streamed = (id: string, inReplyTo: string, content: string, finish = "stop") =>
  wrote(id, content, { inReplyTo, finish });
const part = (content: string) => ({ type: "text", text: content });
const snapshot = (id: string, of: string, attempt: number, n: number, content: string): ViewEvent => ({
  ...{ kind: "stream", id, of, attempt, n, parts: [part(content)] },
});
const delta = (id: string, n: number, more: string): ViewEvent => ({ kind: "delta", id, n, at: 0, text: more });
const shown = (id: string, content: string): ViewEvent => ({ kind: "shown", id, digest: digestOf(content) });

/**
 * Ada asks for words, which are generated again after a crash; for a step with a tool, which crashes once; for words that she cancels, and for a
 * source that breaks. Bob joins in the midst of the first.
 */
const LOG: Entry[] = [
  said("a-1", "ada"),
  streamed("r-1", "a-1", text(WORDS, 2)),
  said("a-2", "ada"),
  streamed("r-2", "a-2", text(STEPS, 1)),
  wrote("d-2", "done", { of: "a-2", attempt: 2 }),
  said("a-3", "ada"),
  streamed("r-3", "a-3", half(WORDS, 1), "cancelled"),
  said("a-4", "ada"),
  streamed("r-4", "a-4", textsOf({ ...WORDS, words: 2 }, 1, 1).join(""), "error"),
].map((envelope, place) => toEntry({ ...envelope, seq: place + 1 }));

function soundRoom() {
  const [first = "", rest = ""] = [text(WORDS, 2).slice(0, 7), text(WORDS, 2).slice(7)];
  const streams: StreamRecord & { cancels: Cancel[]; journal: ToolRun[] } = {
    errands: new Map(
      Object.entries({ "a-1": WORDS, "a-2": STEPS, "a-3": WORDS, "a-4": BREAKING }).map(([id, errand]) => [
        id,
        { ...errand, user: "ada" },
      ]),
    ),
    cancels: [{ of: "a-3", by: "ada", result: "done", at: 5 }],
    journal: [{ message: "a-2", step: 1, attempt: 1 }],
    interrupts: false,
    everyoneCancels: false,
    mayBeInterrupted: false,
  };
  const end: ViewEvent = { kind: "ended", id: "r-1", text: text(WORDS, 2) };
  const ada = {
    ...newWitness("ada"),
    asksForDeltas: true,
    sent: ["a-1", "a-2", "a-3", "a-4"],
    story: [{ kind: "start" as const, epoch: "e", after: 0 }, ...LOG],
    shown: LOG.map(({ seq, id }) => ({ seq, id })),
    views: [
      { kind: "connected" },
      snapshot("r-1", "a-1", 1, 1, half(WORDS, 1)),
      { kind: "connected" },
      snapshot("r-1", "a-1", 2, 1, first),
      shown("r-1", first),
      delta("r-1", 2, rest),
      shown("r-1", first + rest),
      end,
      snapshot("r-3", "a-3", 1, 1, half(WORDS, 1)),
      { kind: "ended", id: "r-3", text: half(WORDS, 1) },
      { kind: "cancelled", id: "a-3", result: "done" },
    ] as ViewEvent[],
  };
  const bob = {
    ...newWitness("bob"),
    asksForDeltas: true,
    story: [{ kind: "start" as const, epoch: "e", after: 1 }, ...LOG.slice(1)],
    shown: LOG.slice(1).map(({ seq, id }) => ({ seq, id })),
    views: [{ kind: "connected" }, snapshot("r-1", "a-1", 2, 2, first + rest), end] as ViewEvent[],
  };
  return {
    path: "/room",
    answers: false,
    inOrder: true,
    log: { epoch: "e", head: LOG.length, tail: 1, entries: [...LOG] },
    runs: ["a-1 1", "a-1 2", "a-2 1", "a-2 2", "a-3 1", "a-4 1"].map((run) => {
      const [message = "", attempt] = run.split(" ");
      return { message, attempt: Number(attempt), incarnation: `${attempt}`, startedAt: 3 };
    }),
    streams,
    witnesses: [ada, bob] as [typeof ada, typeof bob],
  } satisfies RoomRecord;
}

type Sound = ReturnType<typeof soundRoom>;

/** Puts an entry in place of the one at `seq`, in the log and in what everyone was shown. */
function rewrite(room: Sound, seq: number, envelope: Envelope): void {
  const entry = toEntry({ ...envelope, seq });
  const replace = <Event extends { kind: string }>(event: Event): Event | Entry =>
    "seq" in event && event.seq === seq ? entry : event;
  room.log.entries = room.log.entries.map(replace);
  for (const witness of room.witnesses) {
    witness.story = witness.story.map(replace);
    witness.shown = witness.shown.map((line) => (line.seq === seq ? { seq, id: entry.id } : line));
  }
}

const SPOILT: [what: string, name: FaultName, says: string, spoil: (room: Sound) => unknown][] = [
  [
    "a text that no attempt has",
    "misshown",
    'was shown r-1 2/1 as "2.1.2',
    ({ witnesses: [one] }) => one.views.splice(3, 2, snapshot("r-1", "a-1", 2, 1, "2.1.2漢 ")),
  ],
  [
    "the text of another attempt than it says",
    "misshown",
    "was shown r-1 3/2",
    ({ witnesses: [one] }) => one.views.splice(1, 1, snapshot("r-1", "a-1", 3, 2, half(WORDS, 1))),
  ],
  [
    "a text that ends within a character",
    "misshown",
    "was shown r-3 1/1",
    ({ witnesses: [one] }) => one.views.splice(8, 1, snapshot("r-3", "a-3", 1, 1, text(WORDS, 1).slice(0, 20))),
  ],
  [
    "two states under one number",
    "misshown",
    "bob was sent another r-1 2/2 than others",
    ({ witnesses: [, other] }) => other.views.splice(1, 1, snapshot("r-1", "a-1", 2, 2, text(WORDS, 2).slice(0, 9))),
  ],
  [
    "a client that shows what it was not sent",
    "misshown",
    "ada shows another text of r-1",
    ({ witnesses: [one] }) => one.views.splice(4, 1, shown("r-1", text(WORDS, 2))),
  ],
  [
    "an envelope with less than was shown",
    "misshown",
    "ada was shown more of r-1",
    ({ witnesses: [one] }) => one.views.splice(7, 1, { kind: "ended", id: "r-1", text: text(WORDS, 2).slice(0, 9) }),
  ],
  [
    "an envelope with a text that no attempt has",
    "misshown",
    "the reply to a-1 at 2 ends with",
    (room) => rewrite(room, 2, streamed("r-1", "a-1", text(WORDS, 2).slice(7))),
  ],
  [
    "a delta beyond the parts",
    "misshown",
    "was sent a delta of r-1 at 2, which has 1 parts",
    ({ witnesses: [one] }) => one.views.splice(5, 1, { kind: "delta", id: "r-1", n: 2, at: 2, part: part("") }),
  ],
  [
    "frames that nobody asked for",
    "misshown",
    "bob was sent frames of streams for which it did not ask",
    ({ witnesses: [, other] }) => Object.assign(other, { asksForDeltas: false }),
  ],
  [
    "a delta that is missing",
    "skippedDeltas",
    "ada was sent r-1 3 after 1",
    ({ witnesses: [one] }) => one.views.splice(5, 0, delta("r-1", 3, "")),
  ],
  [
    "a stream without its beginning",
    "skippedDeltas",
    "bob was sent r-1 2 without its beginning",
    ({ witnesses: [, other] }) => other.views.splice(1, 1, delta("r-1", 2, "")),
  ],
  [
    "a delta twice",
    "repeatedDeltas",
    "ada was sent r-1 2 after 2",
    ({ witnesses: [one] }) => one.views.splice(6, 0, delta("r-1", 2, "")),
  ],
  [
    "a second snapshot",
    "repeatedDeltas",
    "bob was sent all of r-1 again",
    ({ witnesses: [, other] }) => other.views.splice(2, 0, snapshot("r-1", "a-1", 2, 3, text(WORDS, 2))),
  ],
  [
    "an attempt that goes back",
    "repeatedDeltas",
    "bob was sent r-1 1/1 after 2/2",
    ({ witnesses: [, other] }) => other.views.splice(2, 0, snapshot("r-1", "a-1", 1, 1, half(WORDS, 1))),
  ],
  [
    "two attempts in what is shown",
    "gluedText",
    "was shown r-1 2/1 as text of 1.1 and 2.1",
    ({ witnesses: [one] }) =>
      one.views.splice(3, 2, snapshot("r-1", "a-1", 2, 1, `${half(WORDS, 1)} ${half(WORDS, 2)}`)),
  ],
  [
    "two attempts in an envelope",
    "gluedText",
    "the reply to a-1 at 2 has text of 1.1 and 2.1",
    (room) => rewrite(room, 2, streamed("r-1", "a-1", `1.1.1é ${text(WORDS, 2)}`)),
  ],
  [
    "a reply that is not whole and says so",
    "misended",
    "the reply to a-1 at 2 ends with stop, which is not so",
    (room) => rewrite(room, 2, streamed("r-1", "a-1", half(WORDS, 2))),
  ],
  [
    "a cancel that nobody asked for",
    "misended",
    "the reply to a-3 at 7 ends with cancelled",
    ({ streams }) => streams.cancels.pop(),
  ],
  [
    "an interruption where there is none",
    "misended",
    "the reply to a-3 at 7 ends with interrupted",
    (room) => rewrite(room, 7, streamed("r-3", "a-3", half(WORDS, 1), "interrupted")),
  ],
  [
    "an error of a source that has none",
    "misended",
    "the reply to a-1 at 2 ends with error",
    (room) => rewrite(room, 2, streamed("r-1", "a-1", half(WORDS, 2), "error")),
  ],
  [
    "a stream without an envelope",
    "endlessStreams",
    "bob was shown r-9, which has no envelope",
    ({ witnesses: [, other] }) => other.views.push(snapshot("r-9", "a-1", 2, 1, "")),
  ],
  [
    "a cancel that leaves a stream without its envelope",
    "endlessStreams",
    "ada was told that a-3 is cancelled, but not what became of r-3",
    ({ witnesses: [one] }) => one.views.splice(9, 1),
  ],
  [
    "a client that still shows a stream",
    "endlessStreams",
    "bob still shows r-1 as a reply that grows",
    ({ witnesses: [, other] }) => other.growing.push("r-1"),
  ],
  [
    "a tool that runs again although its reply is in the log",
    "repeatedTools",
    "the tool of step 1 of a-2 ran again in attempt 2",
    ({ streams }) => streams.journal.push({ message: "a-2", step: 1, attempt: 2 }),
  ],
  [
    "a tool that is called once and runs twice",
    "repeatedTools",
    "the tool of step 2 of a-2 was called once and ran 2 times",
    ({ streams }) =>
      streams.journal.push({ message: "a-2", step: 2, attempt: 1 }, { message: "a-2", step: 2, attempt: 2 }),
  ],
  [
    "a delta after the envelope",
    "spokeAfterEnd",
    "bob was sent more of r-1 after its end",
    ({ witnesses: [, other] }) => other.views.push(delta("r-1", 3, "")),
  ],
  [
    "a stream after the cancel",
    "spokeAfterEnd",
    "ada was sent more of r-4 after its end",
    ({ witnesses: [one] }) => one.views.push(snapshot("r-4", "a-3", 1, 1, "")),
  ],
  [
    "an envelope after the cancel",
    "spokeAfterEnd",
    "the turn of a-3 was cancelled, and wrote 7 later",
    ({ streams }) => Object.assign(streams, { cancels: [{ of: "a-3", by: "ada", result: "done", at: 1 }] }),
  ],
  [
    "a run after the cancel",
    "spokeAfterEnd",
    "the turn of a-3 was cancelled, and ran again later",
    ({ runs }) => runs.push({ message: "a-3", attempt: 2, incarnation: "2", startedAt: 6 }),
  ],
  [
    "an answer of what was cancelled",
    "spokeAfterEnd",
    "the turn of a-2 was cancelled, and answered",
    ({ streams }) => streams.cancels.push({ of: "a-2", by: "ada", result: "done", at: 9 }),
  ],
  [
    "a cancel by somebody else",
    "misattributed",
    "the cancel of a-3 by bob was answered done",
    ({ streams }) => streams.cancels.push({ of: "a-3", by: "bob", result: "done", at: 9 }),
  ],
  [
    "a cancel that is forbidden to the author",
    "misattributed",
    "the cancel of a-3 by ada was answered forbidden",
    ({ streams }) => streams.cancels.push({ of: "a-3", by: "ada", result: "forbidden", at: 9 }),
  ],
  [
    "a step that is there twice",
    "duplicated",
    "the reply to a-2 at 5 repeats step 1 at 4",
    (room) => rewrite(room, 5, streamed("r-5", "a-2", text(STEPS, 2))),
  ],
  [
    "a second answer",
    "duplicated",
    "a-1 is answered 2 times",
    (room) => rewrite(room, 5, wrote("d-2", "done", { of: "a-1", attempt: 2 })),
  ],
  [
    "a turn without its last word",
    "unansweredTurns",
    "a-2 has no answer after 2 runs",
    (room) => rewrite(room, 5, said("b-1", "bob")),
  ],
  [
    "an attempt that ran twice",
    "repeatedTurns",
    "attempt 1 of a-1 ran twice",
    ({ runs }) => runs.push({ message: "a-1", attempt: 1, incarnation: "9", startedAt: 3 }),
  ],
  [
    "a turn that ran again after its answer",
    "repeatedTurns",
    "a-2 ran again after it had answered",
    ({ runs }) => runs.push({ message: "a-2", attempt: 3, incarnation: "9", startedAt: 3 }),
  ],
];

describe("the checker of streams", () => {
  it("finds nothing in a room without faults", () => {
    expect(findFaults(soundRoom())).toEqual([]);
  });

  it.each(SPOILT)("finds %s", (_what, name, says, spoil) => {
    const room = soundRoom();
    spoil(room);
    expect(findFaults(room)).toContainEqual([name, expect.stringContaining(says)]);
  });

  it("has a broken record for every count", () => {
    const names = new Set(SPOILT.map(([, name]) => name));
    expect(STREAM_FAULTS.filter((name) => !names.has(name))).toEqual([]);
  });

  it("accepts an interruption where replies are kept, and a cancel whose answer was lost", () => {
    const room = soundRoom();
    room.streams.mayBeInterrupted = true;
    rewrite(room, 2, streamed("r-1", "a-1", half(WORDS, 1), "interrupted"));
    for (const { views } of room.witnesses) views.length = 0;
    room.streams.cancels = [{ of: "a-3", by: "ada", result: "lost", at: 5 }];
    expect(findFaults(room)).toEqual([]);
  });

  it("accepts that a turn which was given up has its report alone", () => {
    const room = soundRoom();
    const report = { ...said("s-1", "ada"), type: "system", role: "system", metadata: { code: "X", inReplyTo: "a-1" } };
    rewrite(room, 2, report);
    for (const { views } of room.witnesses) views.splice(0, views.length, snapshot("r-1", "a-1", 2, 1, ""));
    expect(findFaults(room)).toEqual([]);
  });

  it("accepts what was saved of an earlier attempt, until the next one shows its first piece", () => {
    const room = soundRoom();
    room.witnesses[1].views.splice(1, 0, snapshot("r-1", "a-1", 1, 1, text(WORDS, 1)));
    expect(findFaults(room)).toEqual([]);
  });

  it("accepts that an envelope which the network has lost is missing when a cancel is answered, on that connection alone", () => {
    const room = soundRoom();
    const { views } = room.witnesses[0];
    const at = views.findIndex((event) => event.kind === "ended" && event.id === "r-3");
    const [begun] = views.slice(at - 1);
    views.splice(at, 1, { kind: "lost" });
    expect(findFaults(room)).toEqual([]);
    if (begun) views.push({ kind: "connected" }, begun, { kind: "cancelled", id: "a-3", result: "done" });
    expect(findFaults(room).map(([name]) => name)).toEqual(["endlessStreams"]);
  });

  it("lets a later message of the author cancel, where it does", () => {
    const room = soundRoom();
    room.streams.interrupts = true;
    room.streams.cancels = [];
    expect(findFaults(room)).toEqual([]);
  });
});

describe("what a message asks for", () => {
  it("tells the attempt and the step of each word, however it is cut", () => {
    const whole = text(STEPS, 12);
    expect(originsOf(whole)).toEqual(new Set(["12.1"]));
    for (let end = 0; end < whole.length; end++) expect(originsOf(whole.slice(0, end)).size).toBeLessThanOrEqual(1);
    expect(cut(whole, 3).join("")).toBe(whole);
    expect(Buffer.concat(cut(Buffer.from(whole), 5)).toString()).toBe(whole);
  });

  it("is of every kind, each within its bounds", () => {
    const random = new Random(5);
    const errands = Array.from({ length: 300 }, () => drawErrand(random));
    expect(new Set(errands.map(({ source }) => source)).size).toBe(7);
    for (const { words, gap, steps } of errands) expect([words > 0, gap > 0, steps > 0]).toEqual([true, true, true]);
  });
});

describe("what a viewer writes down", () => {
  it("is each frame of a stream, each end, and each text that the client shows, once", () => {
    const events: ViewEvent[] = [];
    const view = new View(events);
    view.connected("e");
    expect(view.heard('{"type":"ack","id":"a","seq":1}')).toEqual({});
    const frame = { type: "stream", id: "r", ref: { id: "a", seq: 1 }, attempt: 1, n: 1, parts: [part("one")] };
    expect(view.heard(JSON.stringify(frame))).toEqual({ begins: { id: "r", of: "a" } });
    expect(view.heard('{"type":"delta","id":"r","n":2,"at":0,"text":" two"}')).toEqual({ grows: "r" });
    const streaming = { id: "r", content: "one two", state: "streaming" };
    for (let times = 0; times < 2; times++) view.shows([streaming, { id: "a", content: "", state: "sent" }]);
    view.shows([
      { ...streaming, content: "" },
      { ...streaming, state: "sent" },
    ]);
    view.lost();
    view.heard('{"type":"cancelled","id":"a","result":"done"}');
    view.ended("r", "one two");
    expect(events).toEqual([
      { kind: "connected", epoch: "e" },
      snapshot("r", "a", 1, 1, "one"),
      delta("r", 2, " two"),
      shown("r", "one two"),
      { kind: "shown", id: "r", digest: "twice" },
      { kind: "lost" },
      { kind: "cancelled", id: "a", result: "done" },
      { kind: "ended", id: "r", text: "one two" },
    ]);
  });
});
