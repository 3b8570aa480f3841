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
    features: [],
    ...fields,
  };
}

function envelope(seq: number, from = "ben"): SequencedMessage {
  const metadata = { from: { id: from } };
  return { id: `id-${seq}`, type: "message", role: "user", content: `${seq}`, timestamp: seq, metadata, seq };
}

function open(maxMessages = 100): { replica: Replica; heard: number[]; seqs: () => (number | undefined)[] } {
  const heard: number[] = [];
  const events = new Events();
  events.on("message", ({ seq }) => heard.push(seq));
  const replica = new Replica({ maxMessages, maxOutbox: 1_000, cacheMessages: 0, storage: undefined }, events.emit);
  return { replica, heard, seqs: () => replica.view.getSnapshot().messages.map(({ seq }) => seq) };
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe("the cursor", () => {
  it("P3, P4: applies each envelope once and in order, whatever the wire loses, duplicates and reorders", () => {
    const wire = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 60 });
    fc.assert(
      fc.property(wire, fc.boolean(), (order, replaying) => {
        const { replica, heard, seqs } = open();
        replica.applyHello(hello({ head: replaying ? 12 : 0 }));
        let next = 1;
        for (const seq of order) {
          const whole = replica.apply(envelope(seq));
          expect(whole).toBe(replaying || seq <= next);
          if (seq === next) next += 1;
        }
        expect(heard).toEqual(upTo(next - 1));
        replica.view.publish();
        expect(seqs()).toEqual(upTo(next - 1));
        expect(replica.cursor?.seq).toBe(next - 1);
        expect(replica.endPage(12, false)).toBe(next === 13);
      }),
    );
  });

  it("P2: confirms a message by an ack that runs ahead of the replay, and applies the envelope in its order", () => {
    const { replica, heard, seqs } = open();
    replica.outbox.add({ ...envelope(3, "ada"), id: "mine" });
    replica.applyHello(hello({ head: 2 }));
    expect(replica.apply({ type: "ack", id: "mine", seq: 3, timestamp: 3 })).toBe(true);
    expect(replica.outbox.messages()).toEqual([]);
    for (const seq of [1, 2]) replica.apply(envelope(seq));
    replica.apply({ ...envelope(3, "ada"), id: "mine" });
    expect(replica.endPage(3, false)).toBe(true);
    expect([heard, seqs()]).toEqual([upTo(3), upTo(3)]);
  });

  it("P4: detects a hole by an ack, by an unknown frame, and by an ack for an unknown message", () => {
    for (const seq of [1, 2]) {
      const { replica } = open();
      replica.applyHello(hello());
      expect(replica.apply({ type: "unknown", seq: seq })).toBe(seq === 1);
    }
    const { replica } = open();
    replica.applyHello(hello());
    expect(replica.apply({ type: "ack", id: "unknown", seq: 1, timestamp: 1 })).toBe(false);
    expect(replica.cursor?.seq).toBe(0);
    replica.outbox.add({ ...envelope(2, "ada"), id: "mine" });
    expect(replica.apply({ type: "ack", id: "mine", seq: 2, timestamp: 1 })).toBe(false);
  });

  it("P2: confirms its own messages that it finds in the log, and no message that has the same id as another's", () => {
    const { replica } = open();
    replica.outbox.add({ ...envelope(1, "ada") });
    replica.outbox.add({ ...envelope(2, "ada") });
    replica.applyHello(hello());
    replica.apply(envelope(1, "ada"));
    replica.apply(envelope(2, "ben"));
    expect(replica.outbox.messages().map(({ id }) => id)).toEqual(["id-2"]);
  });

  it("P4: continues at the cursor, and starts again after a gap, in another epoch, or at another replay than it asked for", () => {
    const continued = hello({ resume: "complete", head: 2, replayFrom: 3 });
    const others = [
      { fields: {}, gap: undefined, kept: [1, 2] },
      { fields: { resume: "gap", head: 9, replayFrom: 10 }, gap: { upTo: 9, cleared: false }, kept: [] },
      { fields: { resume: "gap", epoch: "other", head: 0, replayFrom: 1 }, gap: { upTo: 0, cleared: true }, kept: [] },
      { fields: { replayFrom: 4, head: 3 }, gap: { upTo: 3, cleared: false }, kept: [] },
    ] as const;
    for (const { fields, gap, kept } of others) {
      const { replica, seqs } = open();
      replica.applyHello(hello());
      for (const seq of [1, 2]) replica.apply(envelope(seq));
      replica.endConnection();
      replica.applyHello({ ...continued, ...fields });
      replica.goLive();
      expect(replica.view.getSnapshot().gap).toEqual(gap);
      expect(seqs()).toEqual(kept);
    }
  });
});

describe("the replica", () => {
  it("P12: keeps the newest messages only", () => {
    const { replica, seqs } = open(3);
    replica.applyHello(hello());
    for (const seq of upTo(10)) replica.apply(envelope(seq));
    expect(seqs()).toEqual([8, 9, 10]);
  });

  it("notifies its listeners once for a page, and for each live envelope", () => {
    const { replica } = open();
    let told = 0;
    const undo = replica.view.subscribe(() => {
      told += 1;
    });
    replica.applyHello(hello({ head: 3 }));
    for (const seq of upTo(3)) replica.apply(envelope(seq));
    expect(told).toBe(0);
    replica.endPage(3, false);
    replica.goLive();
    const before = told;
    replica.apply(envelope(4));
    expect(told).toBe(before + 1);
    undo();
    replica.apply(envelope(5));
    expect(told).toBe(before + 1);
  });

  it("returns the same lists until something in them changes", () => {
    const { replica } = open();
    replica.applyHello(hello());
    replica.apply(envelope(1));
    const before = replica.view.getSnapshot();
    replica.apply({ ...envelope(2), type: "typing", seq: undefined });
    const typing = replica.view.getSnapshot();
    expect(typing.messages).toBe(before.messages);
    expect([before.typing, typing.typing]).toEqual([[], [{ role: "user", id: "ben" }]]);
    replica.endConnection();
    replica.apply(envelope(2));
    expect(before.messages).toHaveLength(1);
    expect(replica.view.getSnapshot().messages).toHaveLength(2);
  });

  it("continues when a listener throws", () => {
    const { replica, seqs } = open();
    replica.view.subscribe(() => {
      throw new Error("a listener's own fault");
    });
    replica.applyHello(hello());
    replica.apply(envelope(1));
    expect(seqs()).toEqual([1]);
  });
});
