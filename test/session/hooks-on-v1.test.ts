import { describe, expect, it } from "vitest";
import type { FrameInEvent, FrameOutEvent } from "../../src/index.js";
import { openSession, silent } from "../fixtures/rooms.js";
import { connectV1 } from "../fixtures/v1.js";

/** A session that is watched. */
function openWatched() {
  const seen: { in: FrameInEvent[]; out: FrameOutEvent[] } = { in: [], out: [] };
  const room = openSession({
    onMessage: silent,
    onFrameIn: (event) => seen.in.push(event),
    onFrameOut: (event) => seen.out.push(event),
  });
  return { room, seen };
}

describe("the hooks of a session on workkit.chat.v1", () => {
  it("report every frame out, live and replayed, and which of them carry a message", async () => {
    const { room, seen } = openWatched();
    const { socket: ann, hello } = await connectV1(room);
    const { socket: bob, hello: bobs } = await connectV1(room);
    ann.say("one", { id: "a" });
    await bob.content("one");
    const { socket: late, hello: lates } = await connectV1(room, `${hello.epoch}:0`);
    await late.find(({ type }) => type === "page");
    const told = (connectionId: string) =>
      seen.out.filter((event) => event.connectionId === connectionId).map(({ message }) => message?.content);
    expect(told(hello.connectionId)).toEqual([undefined, undefined]);
    expect(told(bobs.connectionId)).toEqual([undefined, "one"]);
    expect(told(lates.connectionId)).toEqual([undefined, "one", undefined]);
    expect(seen.out.map(({ stage }) => stage)).toEqual(Array(7).fill("sent"));
    const sent = [...ann.frames, ...bob.frames, ...late.frames].map((frame) => JSON.stringify(frame).length);
    expect(seen.out.map(({ bytes }) => bytes).sort()).toEqual(sent.sort());
  });

  it("report a retry as handled, and a conflict as rejected", async () => {
    const { room, seen } = openWatched();
    const { socket } = await connectV1(room);
    socket.say("one", { id: "a" });
    // The ack may come before the handler has run.
    while (seen.in.at(-1)?.stage !== "handled") await scheduler.wait(1);
    seen.in.length = 0;
    socket.say("one", { id: "a" });
    await socket.find(({ retry }) => retry === true);
    socket.say("two", { id: "a" });
    await socket.error("ID_CONFLICT");
    expect(seen.in.map(({ stage, error }) => [stage, error?.code])).toEqual([
      ["received", undefined],
      ["decoded", undefined],
      ["handled", undefined],
      ["received", undefined],
      ["decoded", undefined],
      ["rejected", "ID_CONFLICT"],
    ]);
  });

  it("report a heartbeat or an unknown control frame as received, and no more", async () => {
    const { room, seen } = openWatched();
    const { socket } = await connectV1(room);
    socket.send({ type: "cancel", id: "a" });
    await socket.settle();
    expect(seen.in.map(({ stage }) => stage)).toEqual(["received", "received"]);
  });

  it("P8: are not called for a ping that is answered in the object's sleep", async () => {
    const { room, seen } = openWatched();
    const { socket } = await connectV1(room);
    await room.hibernate();
    socket.send('{"type":"ping"}');
    await socket.find(({ type }) => type === "pong");
    expect(seen.in).toEqual([]);
  });

  it("P7: report a connection that ends while the object sleeps", async () => {
    const left: unknown[] = [];
    const room = openSession({
      onMessage: silent,
      authenticate: () => ({ id: "ann", metadata: { plan: "free" } }),
      onDisconnect: (event) => left.push(event),
    });
    const { socket, hello } = await connectV1(room);
    await room.hibernate();
    socket.close(3001, "enough");
    expect(await socket.end()).toEqual({ code: 3001, reason: "enough" });
    while (left.length === 0) await scheduler.wait(1);
    const identity = { id: "ann", metadata: { plan: "free" } };
    expect(left).toEqual([
      { sessionId: room.name, connectionId: hello.connectionId, identity, code: 3001, reason: "enough" },
    ]);
  });
});
