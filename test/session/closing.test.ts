import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions, RefuseEvent } from "../../src/index.js";
import { answerPings, refusalOnV1, tables } from "../fixtures/refusals.js";
import { type ConnectOptions, openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import { TestSocket } from "../fixtures/socket.js";
import { connectV1, type Hello } from "../fixtures/v1.js";

const v1 = "workkit.chat.v1";
const from = (address: string) => ({ headers: { "cf-connecting-ip": address } });
const as = (user: string) => ({ headers: { "x-user": user } });

/** A session that lets in those who say who they are. */
function openGuarded(options: Partial<ChatSessionDOOptions> = {}): { room: SessionRoom; refused: RefuseEvent[] } {
  const refused: RefuseEvent[] = [];
  const room = openSession({
    onMessage: silent,
    authenticate: ({ headers }) => {
      const id = headers.get("x-user");
      return id === null ? new Response("sign in", { status: 401 }) : { id };
    },
    onRefuse: (event) => refused.push(event),
    ...options,
  });
  return { room, refused };
}

/** Upgrades whose clients answer neither pings nor Closes: their statuses. */
async function upgradeUnresponsive(room: SessionRoom, count: number, options: ConnectOptions): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < count; n++) {
    const answer = await room.upgrade({ protocol: v1, ...options });
    statuses.push(answer.status);
    // An object whose response is not read cannot sleep.
    if (answer.webSocket === null) await answer.text();
    answer.webSocket?.accept({ allowHalfOpen: true });
  }
  return statuses;
}

const sockets = ({ stub }: SessionRoom) => runInDurableObject(stub, (_, state) => state.getWebSockets().length);
const times = (count: number, status: number) => Array<number>(count).fill(status);

describe("P12: refused upgrades whose clients stay", () => {
  it("are at most 16 sockets for an address, then an HTTP response, asleep or awake; others are let in", async () => {
    const { room, refused } = openGuarded();
    expect(await upgradeUnresponsive(room, 20, from("192.0.2.1"))).toEqual([...times(16, 101), ...times(4, 401)]);
    await room.hibernate();
    expect(await upgradeUnresponsive(room, 2, from("192.0.2.1"))).toEqual([401, 401]);
    expect(await sockets(room)).toBeLessThanOrEqual(16);
    expect(await tables(room)).toEqual([]);
    await connectV1(room, undefined, { headers: { "x-user": "ann", "cf-connecting-ip": "192.0.2.1" } });
    const event = { sessionId: room.name, code: 4501, reason: "UNAUTHORIZED", status: 401 };
    expect(refused).toEqual(Array(22).fill(event));
  });

  it("are at most 64 in all, whatever their addresses, and nobody else is refused because of them", async () => {
    const { room } = openGuarded({ maxConnections: 2 });
    expect(await upgradeUnresponsive(room, 66, {})).toEqual([...times(64, 101), 401, 401]);
    await connectV1(room, undefined, as("ann"));
    await connectV1(room, undefined, as("ben"));
    // No room for a Close that says that it is full, either.
    expect((await room.upgrade({ protocol: v1, ...as("cid") })).status).toBe(503);
  });

  it("make room again when they leave", async () => {
    const { room } = openGuarded();
    for (let n = 0; n < 40; n++) expect(await refusalOnV1(room, from("192.0.2.1").headers)).toBe(4501);
    expect(await sockets(room)).toBe(0);
  });
});

/** Reconnects again and again, each time in place of the connection before, and answers nothing. */
async function replaceInLoop(room: SessionRoom, count: number, options: ConnectOptions): Promise<number[]> {
  const statuses: number[] = [];
  let replaces = "";
  for (let n = 0; n < count; n++) {
    const answer = await room.upgrade({ protocol: v1, query: { replaces }, ...options });
    const { status, webSocket } = answer;
    statuses.push(status);
    if (webSocket === null) {
      await answer.text();
      continue;
    }
    const hello = new Promise<Hello>((resolve) => {
      webSocket.addEventListener("message", ({ data }) => resolve(JSON.parse(String(data))), { once: true });
    });
    webSocket.accept({ allowHalfOpen: true });
    replaces = (await hello).connectionId;
  }
  return statuses;
}

describe("P12: connections that were closed and whose clients stay", () => {
  it.each([
    { who: "an identity", options: as("eve"), again: 503 },
    { who: "a client without any key", options: {}, again: 101 },
  ])("are at most 16 of $who, and then it is refused; others are let in", async ({ options, again }) => {
    const authenticate: ChatSessionDOOptions["authenticate"] = ({ headers }) => ({
      id: headers.get("x-user") ?? "anonymous",
    });
    const { room, refused } = openGuarded({ authenticate, maxConnections: 5 });
    expect(await replaceInLoop(room, 30, options)).toEqual([...times(17, 101), ...times(13, 503)]);
    expect(await sockets(room)).toBe(17);
    expect(refused.at(-1)).toEqual({ sessionId: room.name, code: 4003, reason: "SESSION_FULL", status: 503 });
    await room.hibernate();
    expect(await sockets(room)).toBe(17);
    expect(await replaceInLoop(room, 1, as("eve"))).toEqual([again]);
    const { socket } = await connectV1(room, undefined, as("ann"));
    socket.say("hello", { id: "a" });
    await socket.settle();
  });

  it("never are more than the session's places, and 64", async () => {
    const { room } = openGuarded({ maxConnections: 30 });
    let closed = 0;
    for (let n = 0; n < 110; n++) {
      const user = `user-${n}`;
      const [status] = await upgradeUnresponsive(room, 1, as(user));
      if (status === 101) closed += await room.session.disconnect({ identityId: user });
    }
    expect(closed).toBe(64 + 30);
    expect(await sockets(room)).toBe(64 + 30);
  });

  it("do not read the log when they send something", async () => {
    const { room } = openGuarded();
    const { webSocket } = await room.upgrade({ protocol: v1 });
    webSocket?.accept({ allowHalfOpen: true });
    for (let n = 0; n < 3; n++) webSocket?.send('{"type":"message","id":"a","content":"let me in"}');
    webSocket?.send('{"type":"ping"}');
    await scheduler.wait(20);
    expect(await tables(room)).toEqual([]);
  });

  it("P7: are sent nothing but a ping, and their Close at their next frame", async () => {
    const { room } = openGuarded();
    const { socket } = await connectV1(room, undefined, as("ann"));
    await room.session.disconnect({ identityId: "ann" });
    await room.session.post({ content: "for others" });
    await socket.find(({ type }) => type === "ping");
    expect(socket.closed).toBeUndefined();
    answerPings(socket);
    expect(await socket.end()).toEqual({ code: 4500, reason: "disconnected by the application" });
    expect(socket.contents()).toEqual([]);
  });

  it("P7: are closed at once if they have ever sent a frame, a ping that was answered in the object's sleep included", async () => {
    const { room } = openGuarded();
    const { socket } = await connectV1(room, undefined, as("ann"));
    await room.hibernate();
    socket.send('{"type":"ping"}');
    await socket.find(({ type }) => type === "pong");
    await room.session.disconnect({ identityId: "ann" });
    await socket.end();
    expect(socket.frames.map(({ type }) => type)).toEqual(["hello", "pong"]);
  });
});

describe("P12: a reconnecting client", () => {
  it("may name 100 connections that it has given up, and no more", async () => {
    const { room, refused } = openGuarded();
    const names = (count: number) => ({ replaces: Array(count).fill("x").join() });
    const answer = await room.upgrade({ protocol: v1, query: names(101), ...as("ann") });
    expect([answer.status, await answer.text()]).toEqual([400, "replaces may name 100 connections"]);
    expect(refused).toEqual([{ sessionId: room.name, code: 4503, reason: "FORBIDDEN", status: 400 }]);
    await connectV1(room, undefined, { query: names(100), ...as("ann") });
    new TestSocket((await room.upgrade({ query: names(101), ...as("ann") })).webSocket as WebSocket);
  });
});
