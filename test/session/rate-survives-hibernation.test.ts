import { describe, expect, it } from "vitest";
import type { Identity } from "../../src/index.js";
import { onceOnly } from "../fixtures/kinds.js";
import { openSession, silent } from "../fixtures/rooms.js";
import { ack, connectV1 } from "../fixtures/v1.js";

const inReplyTo = (id: string) => (frame: { metadata?: Record<string, unknown> }) =>
  frame.metadata?.["inReplyTo"] === id;

describe("what a session knows of a connection outlives its sleep", () => {
  it("P12: the messages that it may still send", async () => {
    const room = openSession({ onMessage: silent, rateLimit: onceOnly(2) });
    const { socket } = await connectV1(room);
    socket.say("a", { id: "a" });
    await ack(socket, "a");
    await room.hibernate();
    socket.say("b", { id: "b" });
    await ack(socket, "b");
    await room.hibernate();
    socket.say("c", { id: "c" });
    expect((await socket.error("RATE_LIMITED")).metadata?.["inReplyTo"]).toBe("c");
  });

  it("P3: the message that blocks those after it", async () => {
    const options = { onMessage: silent, rateLimit: { burst: 1, perSecond: 1e6 } };
    const room = openSession({ ...options, rateLimit: onceOnly(1) });
    const { socket } = await connectV1(room);
    for (const id of ["a", "b"]) socket.say(id, { id });
    await socket.error("RATE_LIMITED");
    await room.deploy(options);
    await scheduler.wait(2);
    socket.say("c", { id: "c" });
    expect((await socket.find(inReplyTo("c"))).metadata?.["code"]).toBe("RATE_LIMITED");
    await room.hibernate();
    socket.say("c", { id: "c" });
    socket.say("b", { id: "b" });
    await ack(socket, "b");
    await room.hibernate();
    await scheduler.wait(2);
    socket.say("c", { id: "c" });
    await ack(socket, "c");
    expect((await room.session.history()).messages.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("P12: its violations", async () => {
    const room = openSession({ onMessage: silent, violationLimit: onceOnly(3) });
    const socket = await room.connect();
    for (let n = 1; n <= 3; n++) {
      socket.send("nonsense");
      while (socket.frames.length < n) await scheduler.wait(1);
      await room.hibernate();
    }
    expect(socket.closed).toBeUndefined();
    socket.send("nonsense");
    expect((await socket.end()).code).toBe(1008);
    expect(socket.frames).toHaveLength(4);
  });

  it("P6: its identity, in full", async () => {
    const seen: Identity[] = [];
    const identity = { id: "ann", name: "Ann", metadata: { plan: ["free"] }, readOnly: false, expiresAt: 4e12 };
    const room = openSession({
      authenticate: () => identity,
      onMessage: async (_id, _message, context) => {
        seen.push(context.identity);
        return undefined;
      },
    });
    const socket = await room.connect();
    const [before] = await room.session.connections();
    await room.hibernate();
    socket.say("hello");
    await socket.settle();
    expect(seen).toEqual([identity]);
    expect(await room.session.connections()).toEqual([before]);
  });

  it("P6: that it may only read", async () => {
    const room = openSession({ onMessage: silent, authenticate: () => ({ id: "reader", readOnly: true }) });
    const socket = await room.connect();
    await room.hibernate();
    socket.say("hello");
    await socket.error("READ_ONLY");
  });
});
