import { describe, expect, it } from "vitest";
import type { TurnContext } from "../../src/index.js";
import { openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";
import { ack, acks, connectV1 } from "../fixtures/v1.js";

const SLOW = { burst: 2, perSecond: 1e-6 };
/** Full again within a millisecond. */
const QUICK = { burst: 2, perSecond: 1e6 };

/** A cursor of another log. */
const UNKNOWN = "0123456789abcdef:9";

const refused = (socket: TestSocket) =>
  socket.envelopes().flatMap(({ metadata }) => (metadata?.["code"] === "RATE_LIMITED" ? [metadata["inReplyTo"]] : []));

/** A v1 connection with c and d refused after a and b; then there is room in plenty. */
async function openWithHeld(): Promise<{ room: SessionRoom; socket: TestSocket }> {
  const room = openSession({ onMessage: silent, rateLimit: SLOW });
  const { socket } = await connectV1(room);
  for (const id of ["a", "b", "c", "d"]) socket.say(id, { id });
  await socket.settle();
  expect(refused(socket)).toEqual(["c", "d"]);
  await room.deploy({ onMessage: silent, rateLimit: QUICK });
  await scheduler.wait(2);
  return { room, socket };
}

const contents = async ({ session }: SessionRoom) => (await session.history()).messages.map(({ content }) => content);

describe("P3: a message that is refused for its rate on workkit.chat.v1", () => {
  it("blocks those after it until it comes again, also when there is room", async () => {
    const { room, socket } = await openWithHeld();
    socket.say("d", { id: "d" });
    socket.say("e", { id: "e" });
    await socket.settle();
    expect(refused(socket)).toEqual(["c", "d", "d", "e"]);
    for (const id of ["c", "d"]) {
      socket.say(id, { id });
      await ack(socket, id);
    }
    expect(await contents(room)).toEqual(["a", "b", "c", "d"]);
  });

  it("lets those that it blocks know when to try again, too", async () => {
    const { socket } = await openWithHeld();
    socket.frames.length = 0;
    socket.say("d", { id: "d" });
    const { metadata } = await socket.error("RATE_LIMITED");
    expect(metadata).toMatchObject({ inReplyTo: "d", retryAfterMs: expect.any(Number) });
    expect(metadata?.["retryAfterMs"]).toBeGreaterThan(0);
  });

  it("blocks none that was accepted before it", async () => {
    const room = openSession({ onMessage: silent, rateLimit: SLOW });
    const { socket } = await connectV1(room);
    for (const id of ["a", "b", "c"]) socket.say(id, { id });
    await socket.error("RATE_LIMITED");
    await ack(socket, "b");
    expect(acks(socket).map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("blocks no typing, and typing that is refused blocks nothing", async () => {
    const { room, socket } = await openWithHeld();
    const other = await room.connect();
    socket.say("typing", { type: "typing" });
    await other.content("typing");
    expect(refused(socket)).toEqual(["c", "d"]);

    const third = openSession({ onMessage: silent, rateLimit: SLOW });
    const { socket: typist } = await connectV1(third);
    for (const id of ["a", "b", "c"]) typist.say(id, { id, type: "typing" });
    await typist.error("RATE_LIMITED");
    await third.deploy({ onMessage: silent, rateLimit: QUICK });
    await scheduler.wait(2);
    typist.say("d", { id: "d" });
    await ack(typist, "d");
  });

  it("blocks those after it again when it comes again too early", async () => {
    const room = openSession({ onMessage: silent, rateLimit: SLOW });
    const { socket } = await connectV1(room);
    for (const id of ["a", "b", "c", "c", "d"]) socket.say(id, { id });
    await socket.settle();
    expect(refused(socket)).toEqual(["c", "c", "d"]);
    await room.deploy({ onMessage: silent, rateLimit: QUICK });
    await scheduler.wait(2);
    socket.say("d", { id: "d" });
    await socket.settle();
    expect(refused(socket)).toEqual(["c", "c", "d", "d"]);
    socket.say("c", { id: "c" });
    await ack(socket, "c");
  });

  it("P12: spends nothing of the rate for what it blocks", async () => {
    const room = openSession({ onMessage: silent, rateLimit: { burst: 2, perSecond: 10 } });
    const { socket } = await connectV1(room);
    for (const id of ["a", "b", "c"]) socket.say(id, { id });
    await socket.error("RATE_LIMITED");
    await scheduler.wait(300);
    for (const id of ["d", "e", "f", "g", "c", "d"]) socket.say(id, { id });
    await ack(socket, "d");
    expect(refused(socket)).toEqual(["c", "d", "e", "f", "g"]);
  });

  it("P2: is none that is in the log: what comes twice is answered twice, however fast", async () => {
    const room = openSession({ onMessage: silent, rateLimit: SLOW });
    const { socket } = await connectV1(room);
    for (const id of ["a", "b", "a", "b", "a"]) socket.say(id, { id });
    await socket.find(() => acks(socket).length === 5);
    expect(refused(socket)).toEqual([]);
    expect(acks(socket).map(({ id, retry }) => [id, retry])).toEqual([
      ["a", undefined],
      ["b", undefined],
      ["a", true],
      ["b", true],
      ["a", true],
    ]);
  });

  it("blocks nothing more once it is in the log by another connection", async () => {
    const { room, socket } = await openWithHeld();
    const { socket: other } = await connectV1(room);
    other.say("c", { id: "c" });
    await ack(other, "c");
    socket.say("d", { id: "d" });
    await ack(socket, "d");
    expect(await contents(room)).toEqual(["a", "b", "c", "d"]);
  });

  it("blocks nothing more once its outcome is unknown", async () => {
    const { room, socket } = await openWithHeld();
    socket.say("c", { id: "c", after: UNKNOWN });
    expect((await socket.error("UNKNOWN_OUTCOME")).metadata?.["inReplyTo"]).toBe("c");
    socket.say("d", { id: "d" });
    await ack(socket, "d");
    expect(await contents(room)).toEqual(["a", "b", "d"]);
  });

  it("is none whose outcome is unknown: that spends nothing and blocks nothing", async () => {
    const room = openSession({ onMessage: silent, rateLimit: SLOW });
    const { socket } = await connectV1(room);
    for (const id of ["x", "y", "z"]) socket.say(id, { id, after: UNKNOWN });
    for (const id of ["a", "b"]) socket.say(id, { id });
    await ack(socket, "b");
    expect(refused(socket)).toEqual([]);
  });

  it("is forgotten with its connection", async () => {
    const { room, socket } = await openWithHeld();
    socket.close();
    await socket.end();
    const { socket: again } = await connectV1(room);
    again.say("d", { id: "d" });
    await ack(again, "d");
  });

  it("blocks no other connection", async () => {
    const { room } = await openWithHeld();
    const { socket: other } = await connectV1(room);
    other.say("e", { id: "e" });
    await ack(other, "e");
  });
});

/** A v1 connection to a session that is busy with `a` until it is told to end. */
async function openBusy(during: (context: TurnContext) => void = () => undefined) {
  let over = false;
  const room = openSession({
    rateLimit: false,
    maxStoredMessages: 1,
    onMessage: async (_id, { id }, context) => {
      if (id === "a") during(context);
      while (!over) await scheduler.wait(1);
      return undefined;
    },
  });
  const { socket } = await connectV1(room);
  socket.say("a", { id: "a" });
  await socket.settle();
  const end = async () => {
    over = true;
    await ack(socket, "a");
    await scheduler.wait(20);
  };
  return { room, socket, end };
}

const refusals = (socket: TestSocket) =>
  socket
    .envelopes()
    .flatMap(({ type, metadata }) => (type === "error" ? [[metadata?.["inReplyTo"], metadata?.["code"]]] : []));

describe("P3: a message that finds the session busy on workkit.chat.v1", () => {
  it("blocks those after it until it comes again, without a rate limit, too", async () => {
    const { socket, end } = await openBusy();
    for (const id of ["b", "c"]) socket.say(id, { id });
    await socket.settle();
    await end();
    socket.say("c", { id: "c" });
    await socket.settle();
    expect(refusals(socket)).toEqual([
      ["b", "BUSY"],
      ["c", "RATE_LIMITED"],
      ["c", "RATE_LIMITED"],
    ]);
    for (const id of ["b", "c"]) {
      socket.say(id, { id });
      await ack(socket, id);
    }
    expect(acks(socket).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it("blocks no tool result that the session is busy waiting for", async () => {
    const { socket } = await openBusy(({ send }) => send({ type: "tool_call", content: "?" }));
    socket.say("b", { id: "b" });
    await socket.error("BUSY");
    socket.say("!", { id: "result", type: "tool_result" });
    await ack(socket, "result");
  });

  it("blocks nothing more when it comes again, as a tool result, too", async () => {
    const { socket, end } = await openBusy();
    socket.say("b", { id: "b", type: "tool_result" });
    await socket.error("BUSY");
    await end();
    for (const id of ["b", "c"]) socket.say(id, { id, ...(id === "b" && { type: "tool_result" }) });
    await ack(socket, "b");
    await ack(socket, "c");
    expect(refusals(socket)).toEqual([["b", "BUSY"]]);
  });

  it("blocks those after it, whatever tool results find the session busy meanwhile", async () => {
    const { socket, end } = await openBusy(({ send }) => send({ type: "tool_call", content: "?" }));
    socket.say("b", { id: "b" });
    await socket.error("BUSY");
    for (const id of ["r1", "r2"]) socket.say("!", { id, type: "tool_result" });
    await socket.find(({ metadata }) => metadata?.["inReplyTo"] === "r2");
    await end();
    for (const id of ["b", "r2", "c"]) socket.say(id, { id, type: id === "r2" ? "tool_result" : "message" });
    await ack(socket, "c");
    expect(acks(socket).map(({ id }) => id)).toEqual(["a", "r1", "b", "r2", "c"]);
  });
});
