import { describe, expect, it } from "vitest";
import { ChatError, type RefuseEvent } from "../../src/index.js";
import { openSession, silent } from "../fixtures/rooms.js";
import { connectV1 } from "../fixtures/v1.js";

const fails = (error: unknown) => () => Promise.reject(error);

describe("a session that refuses with a code of the application's own", () => {
  it.each([
    { what: "for good", options: {}, code: 4503, reason: "FORBIDDEN", status: 403 },
    { what: "for a while", options: { retryAfterMs: 1_000 }, code: 4005, reason: "UNAVAILABLE", status: 429 },
  ])("P7: says so to a v1 client in the reason of its Close, $what", async ({ options, code, reason, status }) => {
    const refused: RefuseEvent[] = [];
    const authenticate = fails(new ChatError("x-quota", "That was all.", options));
    const room = openSession({ onMessage: silent, authenticate, onRefuse: (event) => refused.push(event) });
    const socket = await room.connect({ protocol: "workkit.chat.v1" });
    expect(await socket.end()).toEqual({ code, reason: "x-quota: That was all." });
    expect(refused).toEqual([{ sessionId: room.name, code, reason, status }]);
  });

  it("cuts the reason to what a Close can carry, between characters", async () => {
    const authenticate = fails(new ChatError("x-quota", "é".repeat(100)));
    const socket = await openSession({ onMessage: silent, authenticate }).connect({ protocol: "workkit.chat.v1" });
    const { reason } = await socket.end();
    expect(reason).toBe(`x-quota: ${"é".repeat(57)}`);
  });

  it("says so where tags or limitKey throw it, too", async () => {
    const tags = () => {
      throw new ChatError("x-closed", "Come back tomorrow.");
    };
    const response = await openSession({ onMessage: silent, tags }).upgrade();
    expect([response.status, await response.text()]).toEqual([403, "x-closed: Come back tomorrow."]);
  });

  it("answers a new token with it, and the connection lives on", async () => {
    const authenticate = () => ({ id: "ann", expiresAt: Date.now() + 60_000 });
    const reauthenticate = fails(new ChatError("x-plan", "Your plan has ended.", { retryAfterMs: 9_000 }));
    const { socket } = await connectV1(openSession({ onMessage: silent, authenticate, reauthenticate }));
    socket.send({ type: "auth", token: "next" });
    expect(await socket.error("x-plan")).toMatchObject({
      content: "Your plan has ended.",
      metadata: { code: "x-plan", retryAfterMs: 9_000 },
    });
    socket.say("still here", { id: "a" });
    await socket.find(({ type }) => type === "ack");
  });
});

it("P11: a code of the application's own enters the log where nobody is there to receive it", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const room = openSession({
    onMessage: async () => {
      await promise;
      throw new ChatError("x-quota", "That was all.");
    },
  });
  const { socket } = await connectV1(room);
  socket.say("hello", { id: "a" });
  await socket.find(({ type }) => type === "ack");
  socket.close();
  await socket.end();
  resolve();
  const { socket: later } = await connectV1(room);
  expect(await later.error("x-quota")).toMatchObject({
    type: "system",
    content: "That was all.",
    metadata: { inReplyTo: "a" },
  });
});

it("P11: enters the log with the beginning of a text that no envelope holds, and the next turn begins", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const room = openSession({
    onMessage: async (_id, { content }) => {
      if (content === "next") return "fine";
      await promise;
      throw new ChatError("x-quota", "\u0001".repeat(2_000_000));
    },
  });
  const { socket } = await connectV1(room);
  socket.say("hello", { id: "a" });
  await socket.find(({ type }) => type === "ack");
  socket.close();
  await socket.end();
  const later = await room.connect();
  resolve();
  const { content } = await later.error("x-quota");
  expect(content).toBe("\u0001".repeat(300_000));
  later.say("next", { id: "b" });
  await later.content("fine");
  await room.crash();
  expect((await room.session.history()).head).toBe(4);
});
