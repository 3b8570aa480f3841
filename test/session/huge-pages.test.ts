import { describe, expect, it } from "vitest";
import { openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";
import { connectV1, readAlong } from "../fixtures/v1.js";

const MiB = 1_048_576;
/** Larger than a page, and than what any connection may leave unread. */
const HUGE = "x".repeat(1.5 * MiB);
/** What one limit key may leave unread, in mebibytes: 16 beyond the floors of its connections, and one frame more. A floor is a sixth of the frame. */
const SHARE = (16 + 1.5) * (6 / 5);

const authenticate = (request: Request) => ({ id: new URL(request.url).searchParams.get("as") ?? "" });
const weight = (sockets: readonly TestSocket[]) =>
  sockets.flatMap((socket) => socket.envelopes()).reduce((sum, { content }) => sum + String(content).length, 0) / MiB;
const settleAll = (sockets: readonly TestSocket[]) =>
  Promise.all(sockets.map((socket) => socket.closed ?? Promise.race([socket.settle(), socket.end()])));

/** Connects a user, and asks for each page. */
async function connect(room: SessionRoom, as: string): Promise<TestSocket> {
  const { socket } = await connectV1(room, undefined, { query: { as } });
  await socket.settle();
  const first = socket.frames.find(({ type, more }) => type === "page" && more === true);
  readAlong(socket);
  if (first) socket.send({ type: "next", seq: first["seq"] });
  return socket;
}

/** Connections of one user that ask for each page, and never prove that they have read one. */
async function stall(room: SessionRoom, count: number, as = "hostile"): Promise<TestSocket[]> {
  const sockets = await Promise.all(Array.from({ length: count }, () => connect(room, as)));
  for (const socket of sockets) socket.answersPings = false;
  return sockets;
}

describe("a frame that is larger than a page", () => {
  it("P12: is drawn unread by few of the connections of one limit key, live or from the log", async () => {
    const room = openSession({ onMessage: silent, authenticate });
    const live = await stall(room, 20);
    const reader = await connect(room, "reader");
    await room.session.post({ content: HUGE });
    await reader.content(HUGE);
    await settleAll(live);
    const late = await stall(room, 20);
    await settleAll(late);
    const all = [...live, ...late];
    expect(weight(all)).toBeGreaterThan(10);
    expect(weight(all)).toBeLessThan(SHARE);
    expect(all.map(({ closed }) => closed)).toEqual(all.map(() => undefined));
  });

  it("P12: is not drawn by history beside that", async () => {
    const room = openSession({ onMessage: silent, authenticate });
    const sockets = await stall(room, 20);
    await room.session.post({ content: HUGE });
    await settleAll(sockets);
    for (const socket of sockets) socket.send({ type: "history", before: 2, limit: 1 });
    await settleAll(sockets);
    const answers = sockets.flatMap(({ frames }) => frames.filter(({ type }) => type === "history"));
    expect((answers.length + sockets.filter((socket) => weight([socket]) > 0).length) * 1.5).toBeLessThan(SHARE);
  });

  it("P4: reaches all connections of one limit key that read, some after others", async () => {
    const room = openSession({ onMessage: silent, authenticate });
    const sockets = await Promise.all(Array.from({ length: 30 }, () => connect(room, "reader")));
    await room.session.post({ content: HUGE });
    await room.session.post({ content: "after" });
    await Promise.all(sockets.map((socket) => socket.content("after")));
    expect(sockets.map((socket) => socket.contents().map((content) => String(content).length))).toEqual(
      sockets.map(() => [HUGE.length, 5]),
    );
  });

  it("P4: is sent to one that has waited for it once others of its key have gone", async () => {
    const room = openSession({ onMessage: silent, authenticate });
    const stalled = await stall(room, 20);
    await room.session.post({ content: HUGE });
    await settleAll(stalled);
    const reader = await connect(room, "hostile");
    await reader.settle();
    expect(weight([reader])).toBe(0);
    for (const socket of stalled) socket.close(1000);
    await reader.content(HUGE);
  });

  it("P12: reaches one whose key holds nothing, whatever others leave unread", async () => {
    const room = openSession({ onMessage: silent, authenticate });
    const stalled: TestSocket[] = [];
    for (let n = 0; n < 60; n++) stalled.push(...(await stall(room, 1, `hostile-${n}`)));
    await room.session.post({ content: HUGE });
    await settleAll(stalled);
    expect(weight(stalled)).toBeGreaterThan(64);
    const reader = await connect(room, "reader");
    await reader.content(HUGE);
  });

  it("P12: closes a plain connection whose key has no share left, but for one before it is sent", async () => {
    const room = openSession({ onMessage: silent, authenticate });
    const sockets = await Promise.all(Array.from({ length: 30 }, () => room.connect({ query: { as: "hostile" } })));
    await room.session.post({ content: HUGE });
    await settleAll(sockets);
    const closed = sockets.filter((socket) => socket.closed !== undefined);
    expect(closed.map((socket) => socket.closed)).toEqual(
      closed.map(() => ({ code: 4007, reason: "send window exceeded" })),
    );
    expect(closed.length).toBeGreaterThan(10);
    expect(weight(closed)).toBeLessThanOrEqual(1.5);
    expect(weight(sockets)).toBeLessThan(SHARE);
  });

  it("P12: closes a v1 connection where a handler sends it to that one alone, too", async () => {
    const room = openSession({
      authenticate,
      onMessage: async (_sessionId, _message, { send }) => void send({ content: HUGE }),
    });
    const sockets = await stall(room, 30);
    for (const socket of sockets) socket.say("begin", { id: crypto.randomUUID() });
    await Promise.allSettled(sockets.map((socket) => socket.content(HUGE)));
    expect(weight(sockets)).toBeLessThan(SHARE);
    expect(sockets.filter(({ closed }) => closed?.code === 4007).length).toBeGreaterThan(10);
  });
});
