import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMessage } from "../../src/client/outbox/draft.js";
import { Outbox } from "../../src/client/outbox/outbox.js";
import { Persistence } from "../../src/client/storage/persistence.js";

const CURSOR = "epoch:0";

function filled(count: number): Outbox {
  const outbox = new Outbox(1_000, new Persistence(undefined, () => undefined));
  for (let n = 1; n <= count; n++) outbox.add(createMessage({ id: `${n}`, content: `${n}` }));
  return outbox;
}

function sendAll(outbox: Outbox, cursor = CURSOR): { id: string; after: string | undefined }[] {
  const sent: { id: string; after: string | undefined }[] = [];
  for (let item = outbox.next(cursor, 0); item !== undefined; item = outbox.next(cursor, 0)) {
    sent.push({ id: item.message.id, after: item.isResend ? item.after : undefined });
  }
  return sent;
}

const states = (outbox: Outbox) => outbox.messages().map(({ id, state }) => `${id} ${state}`);

describe("the outbox", () => {
  it("P3: sends in order, at most a window at a time, each message once on a connection", () => {
    const outbox = filled(40);
    const sent = sendAll(outbox);
    expect(sent.map(({ id }) => Number(id))).toEqual(Array.from({ length: 32 }, (_, index) => index + 1));
    outbox.confirm("1");
    expect(sendAll(outbox)).toEqual([{ id: "33", after: undefined }]);
  });

  it("P2: sends everything that is not acked again on the next connection, with the cursor of the first time", () => {
    const outbox = filled(3);
    sendAll(outbox, "epoch:5");
    outbox.confirm("2");
    outbox.clearInFlight();
    expect(sendAll(outbox, "epoch:9")).toEqual([
      { id: "1", after: "epoch:5" },
      { id: "3", after: "epoch:5" },
    ]);
  });

  it("P3: sends nothing after a refusal until all in flight is answered, then one message at a time, oldest first", () => {
    const outbox = filled(5);
    sendAll(outbox);
    outbox.confirm("1");
    for (const id of ["2", "3", "4"]) expect(outbox.postpone(id)).toBe(true);
    expect(sendAll(outbox)).toEqual([]);
    outbox.postpone("5");
    expect(sendAll(outbox)).toEqual([{ id: "2", after: undefined }]);
    outbox.confirm("2");
    expect(sendAll(outbox)).toEqual([{ id: "3", after: undefined }]);
  });

  it("P3: counts a refusal that arrives twice once", () => {
    const outbox = filled(1);
    sendAll(outbox);
    expect([outbox.postpone("1"), outbox.postpone("1")]).toEqual([true, true]);
    expect(states(outbox)).toEqual(["1 pending"]);
    expect(sendAll(outbox)).toEqual([{ id: "1", after: undefined }]);
  });

  it("P2: keeps the cursor of a message that may be in the log although a resend was refused", () => {
    const outbox = filled(1);
    sendAll(outbox, "epoch:1");
    outbox.clearInFlight();
    sendAll(outbox, "epoch:2");
    outbox.postpone("1");
    expect(sendAll(outbox, "epoch:3")).toEqual([{ id: "1", after: "epoch:1" }]);
  });

  it("retries and discards what failed, and nothing that may reach the log", () => {
    const outbox = filled(3);
    expect(outbox.discard("3")).toMatchObject({ message: { id: "3" } });
    sendAll(outbox);
    expect(outbox.discard("1")).toBeUndefined();
    outbox.fail("1", { code: "REJECTED", text: "" });
    outbox.fail("2", { code: "UNKNOWN_OUTCOME", text: "" });
    expect(states(outbox)).toEqual(["1 failed", "2 uncertain"]);
    expect(sendAll(outbox)).toEqual([]);
    expect([outbox.retry("1"), outbox.retry("1"), outbox.discard("2") !== undefined]).toEqual(["1", undefined, true]);
    expect(sendAll(outbox, "epoch:9")).toEqual([{ id: "1", after: undefined }]);
  });

  it("P12: is bounded", () => {
    const outbox = filled(1_000);
    expect(() => outbox.add(createMessage("one too many"))).toThrow(expect.objectContaining({ code: "BUSY" }));
  });

  it("P2, P3: gets everything into a log once and in order, whatever the server refuses and however often the connection breaks", () => {
    const steps = fc.array(fc.constantFrom("accept", "refuse", "lose the ack", "cut"), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (answers) => {
        const outbox = filled(10);
        const log: string[] = [];
        const steady = Array.from({ length: 400 }, () => "accept" as const);
        let held: string | undefined;
        const line: string[] = [];
        for (const answer of [...answers, ...steady]) {
          line.push(...sendAll(outbox).map(({ id }) => id));
          if (answer === "cut") {
            line.length = 0;
            held = undefined;
            outbox.clearInFlight();
            continue;
          }
          const id = line.shift();
          if (id === undefined) continue;
          const refused = (held !== undefined && held !== id) || answer === "refuse";
          if (refused) {
            held ??= id;
            outbox.postpone(id);
            continue;
          }
          held = undefined;
          if (!log.includes(id)) log.push(id);
          if (answer === "accept") outbox.confirm(id);
          else {
            line.length = 0;
            outbox.clearInFlight();
          }
        }
        expect(log).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
        expect(outbox.messages()).toEqual([]);
      }),
    );
  });
});
