import { describe, expect, it } from "vitest";
import { echo, openSession, silent } from "../fixtures/rooms.js";
import { ack, acks, connectV1, seqs } from "../fixtures/v1.js";

const byName = (request: Request) => ({ id: new URL(request.url).searchParams.get("user") ?? "nobody" });

describe("P2: a retried id", () => {
  it("enters the log once and runs the handler once; plain is answered with the stored envelope", async () => {
    let runs = 0;
    const room = openSession({
      onMessage: (id, message) => {
        runs++;
        return echo(id, message);
      },
    });
    const socket = await room.connect();
    socket.say("hello", { id: "a", metadata: { mood: { good: [1, 2], bad: {} }, by: "hand" } });
    await socket.content("Echo: hello");
    // A JSON library may order the keys of an object in another way each time.
    socket.say("hello", { id: "a", metadata: { by: "hand", mood: { bad: {}, good: [1, 2] } } });
    const stored = await socket.content("hello");
    expect(stored).toMatchObject({ id: "a", role: "user", metadata: { from: { id: "anonymous" } } });
    expect(runs).toBe(1);
    expect((await room.session.history()).head).toBe(2);
  });

  it("gets its first ack again, also across hibernation", async () => {
    const room = openSession({ onMessage: silent });
    const { socket } = await connectV1(room);
    socket.say("hello", { id: "a" });
    const first = await ack(socket, "a");
    await room.hibernate();
    socket.say("hello", { id: "a" });
    await socket.find((frame) => frame["retry"] === true);
    expect(acks(socket)).toEqual([first, { ...first, retry: true }]);
  });

  it("gets one answer each when it comes twice at once", async () => {
    const room = openSession({ onMessage: silent });
    const { socket } = await connectV1(room);
    socket.say("hello", { id: "a" });
    socket.say("hello", { id: "a" });
    await socket.find((frame) => frame["retry"] === true);
    expect(acks(socket).map(({ seq, retry }) => [seq, retry])).toEqual([
      [1, undefined],
      [1, true],
    ]);
  });

  it("is a conflict with another body or type", async () => {
    const room = openSession({ onMessage: silent });
    const { socket: ann } = await connectV1(room);
    ann.say("hello", { id: "a" });
    await ack(ann, "a");
    const attempts = [
      { content: "goodbye" },
      { content: "hello", metadata: { more: 1 } },
      { content: "hello", type: "tool_result" },
    ];
    for (const attempt of attempts) ann.say("", { id: "a", ...attempt });
    const conflicts = (await ann.settle()).map(({ metadata }) => metadata);
    expect(conflicts).toEqual(attempts.map(() => ({ code: "ID_CONFLICT", inReplyTo: "a" })));
    expect((await room.session.history()).head).toBe(1);
  });

  it("is no conflict for what JSON writes otherwise: -0, numbers too large, and undefined", async () => {
    const room = openSession({ onMessage: silent });
    const { socket } = await connectV1(room);
    const frame = '{"type":"message","id":"a","content":"x","metadata":{"zero":-0,"large":1e999}}';
    socket.send(frame);
    socket.send(frame);
    await socket.find((received) => received["retry"] === true);
    const draft = { id: "b", content: "x", metadata: { gone: undefined, at: new Date(5) } };
    expect(await room.session.post(draft)).toMatchObject(await room.session.post(draft));
    expect((await room.session.history()).head).toBe(2);
  });

  it("is known by another connection of its author", async () => {
    const room = openSession({ onMessage: silent, authenticate: byName });
    const { socket: first } = await connectV1(room, undefined, { query: { user: "ann" } });
    first.say("hello", { id: "a" });
    await ack(first, "a");
    const { socket: second } = await connectV1(room, undefined, { query: { user: "ann" } });
    second.say("hello", { id: "a" });
    expect(await ack(second, "a")).toMatchObject({ seq: 1, retry: true });
  });

  it("is remembered for as many envelopes as are stored, and is new after that", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 3 });
    const { socket, hello } = await connectV1(room);
    for (const id of ["a", "b", "c", "d"]) socket.say(id, { id });
    await ack(socket, "d");
    for (const sleep of [false, true]) {
      if (sleep) await room.hibernate();
      socket.say("b", { id: "b", after: `${hello.epoch}:0` });
      await socket.find((frame) => frame["retry"] === true && frame["seq"] === 2);
      socket.say("a", { id: "a", after: `${hello.epoch}:0` });
      expect((await socket.error("UNKNOWN_OUTCOME")).metadata?.["inReplyTo"]).toBe("a");
      socket.frames.length = 0;
    }
    expect((await room.session.history()).head).toBe(4);
  });

  it("is accepted with an `after` that the memory reaches back to, and not one before", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 3 });
    const { socket, hello } = await connectV1(room);
    for (const id of ["a", "b", "c", "d"]) socket.say(id, { id });
    await ack(socket, "d");
    socket.say("x", { id: "x", after: `${hello.epoch}:0` });
    await socket.error("UNKNOWN_OUTCOME");
    socket.say("y", { id: "y", after: `${hello.epoch}:1` });
    expect(await ack(socket, "y")).toMatchObject({ seq: 5 });
    for (const after of ["0123456789abcdef:5", "nonsense", ""]) {
      socket.frames.length = 0;
      socket.say("z", { id: "z", after });
      await socket.error("UNKNOWN_OUTCOME");
    }
    expect((await room.session.history()).head).toBe(5);
  });

  it("is not lost when a handler hands out its question's id for the reply", async () => {
    const room = openSession({ onMessage: async (_id, message) => ({ ...message, role: "assistant", content: "re" }) });
    const { socket } = await connectV1(room);
    socket.say("hello", { id: "a" });
    const reply = await socket.content("re");
    expect(reply["id"]).not.toBe("a");
    expect(seqs(socket)).toEqual([2]);
  });
});
