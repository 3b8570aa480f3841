import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Events } from "../../src/client/events.js";
import { Replica } from "../../src/client/replica/replica.js";
import type { HelloFrame, SequencedMessage } from "../../src/protocol/index.js";

const LIMITS = { maxMessageSize: 65_536, maxMetadataSize: 16_384, maxMetadataDepth: 16, heartbeatInterval: 30_000 };

function hello(fields: Partial<HelloFrame> = {}): HelloFrame {
  return {
    type: "hello",
    protocol: "workkit.chat.v1",
    sessionId: "room",
    connectionId: "connection",
    epoch: "epoch",
    head: 0,
    tail: 1,
    resume: "new",
    replayFrom: 1,
    identity: { id: "ada" },
    limits: LIMITS,
    ...fields,
  };
}

function envelope(seq: number, from = "ben"): SequencedMessage {
  const metadata = { from: { id: from } };
  return { id: `id-${seq}`, type: "message", role: "user", content: `${seq}`, timestamp: seq, metadata, seq };
}

function open(maxMessages = 100): { store: Replica; heard: number[]; seqs: () => (number | undefined)[] } {
  const heard: number[] = [];
  const events = new Events();
  events.on("message", ({ seq }) => heard.push(seq));
  const store = new Replica({ maxMessages }, events.emit);
  return { store, heard, seqs: () => store.getSnapshot().messages.map(({ seq }) => seq) };
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe("the cursor", () => {
  it("lets each envelope in once and in order, whatever the wire loses, doubles and turns around", () => {
    const wire = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 60 });
    fc.assert(
      fc.property(wire, fc.boolean(), (order, replaying) => {
        const { store, heard, seqs } = open();
        store.applyHello(hello({ head: replaying ? 12 : 0 }));
        let next = 1;
        for (const seq of order) {
          const whole = store.applyEnvelope(envelope(seq));
          expect(whole).toBe(replaying || seq <= next);
          if (seq === next) next += 1;
        }
        expect(heard).toEqual(upTo(next - 1));
        store.publish();
        expect(seqs()).toEqual(upTo(next - 1));
        expect(store.cursor?.seq).toBe(next - 1);
        expect(store.endPage(12, false)).toBe(next === 13);
      }),
    );
  });

  it("settles by an ack that runs ahead of the replay, and takes the envelope in when its turn comes", () => {
    const { store, heard, seqs } = open();
    store.outbox.add({ ...envelope(3, "ada"), id: "mine" });
    store.applyHello(hello({ head: 2 }));
    expect(store.applyAck({ type: "ack", id: "mine", seq: 3, timestamp: 3 })).toBe(true);
    expect(store.outbox.messages()).toEqual([]);
    for (const seq of [1, 2]) store.applyEnvelope(envelope(seq));
    store.applyEnvelope({ ...envelope(3, "ada"), id: "mine" });
    expect(store.endPage(3, false)).toBe(true);
    expect([heard, seqs()]).toEqual([upTo(3), upTo(3)]);
  });

  it("finds a hole by an ack, by an unknown frame, and by an ack for what it does not hold", () => {
    for (const seq of [1, 2]) {
      const { store } = open();
      store.applyHello(hello());
      expect(store.applyUnknown(seq)).toBe(seq === 1);
    }
    const { store } = open();
    store.applyHello(hello());
    expect(store.applyAck({ type: "ack", id: "unknown", seq: 1, timestamp: 1 })).toBe(false);
    expect(store.cursor?.seq).toBe(0);
    store.outbox.add({ ...envelope(2, "ada"), id: "mine" });
    expect(store.applyAck({ type: "ack", id: "mine", seq: 2, timestamp: 1 })).toBe(false);
  });

  it("settles what it finds of its own in the log, and leaves alone what others gave the same id", () => {
    const { store } = open();
    store.outbox.add({ ...envelope(1, "ada") });
    store.outbox.add({ ...envelope(2, "ada") });
    store.applyHello(hello());
    store.applyEnvelope(envelope(1, "ada"));
    store.applyEnvelope(envelope(2, "ben"));
    expect(store.outbox.messages().map(({ id }) => id)).toEqual(["id-2"]);
  });

  it("continues where it was, and begins anew at a gap, in another epoch, or where the past is not what was asked for", () => {
    const continued = hello({ resume: "complete", head: 2, replayFrom: 3 });
    const others = [
      { fields: {}, gap: undefined, kept: [1, 2] },
      { fields: { resume: "gap", head: 9, replayFrom: 10 }, gap: { upTo: 9, cleared: false }, kept: [] },
      { fields: { resume: "gap", epoch: "other", head: 0, replayFrom: 1 }, gap: { upTo: 0, cleared: true }, kept: [] },
      { fields: { replayFrom: 4, head: 3 }, gap: { upTo: 3, cleared: false }, kept: [] },
    ] as const;
    for (const { fields, gap, kept } of others) {
      const { store, seqs } = open();
      store.applyHello(hello());
      for (const seq of [1, 2]) store.applyEnvelope(envelope(seq));
      store.endConnection();
      store.applyHello({ ...continued, ...fields });
      store.goLive();
      expect(store.getSnapshot().gap).toEqual(gap);
      expect(seqs()).toEqual(kept);
    }
  });
});

describe("the store", () => {
  it("keeps the newest messages only", () => {
    const { store, seqs } = open(3);
    store.applyHello(hello());
    for (const seq of upTo(10)) store.applyEnvelope(envelope(seq));
    expect(seqs()).toEqual([8, 9, 10]);
  });

  it("tells its listeners of a page at once, and of what is live at each envelope", () => {
    const { store } = open();
    let told = 0;
    const undo = store.subscribe(() => {
      told += 1;
    });
    store.applyHello(hello({ head: 3 }));
    for (const seq of upTo(3)) store.applyEnvelope(envelope(seq));
    expect(told).toBe(0);
    store.endPage(3, false);
    store.goLive();
    const before = told;
    store.applyEnvelope(envelope(4));
    expect(told).toBe(before + 1);
    undo();
    store.applyEnvelope(envelope(5));
    expect(told).toBe(before + 1);
  });

  it("gives the same lists for as long as nothing in them changes, and new ones when something does", () => {
    const { store } = open();
    store.applyHello(hello());
    store.applyEnvelope(envelope(1));
    const before = store.getSnapshot();
    store.applyEnvelope({ ...envelope(2), type: "typing", seq: undefined });
    const typing = store.getSnapshot();
    expect(typing.messages).toBe(before.messages);
    expect([before.typing, typing.typing]).toEqual([[], [{ role: "user", id: "ben" }]]);
    store.endConnection();
    store.applyEnvelope(envelope(2));
    expect(before.messages).toHaveLength(1);
    expect(store.getSnapshot().messages).toHaveLength(2);
  });

  it("goes on when a listener throws", () => {
    const { store, seqs } = open();
    store.subscribe(() => {
      throw new Error("a listener's own fault");
    });
    store.applyHello(hello());
    store.applyEnvelope(envelope(1));
    expect(seqs()).toEqual([1]);
  });
});
