import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions } from "../../src/index.js";
import { type ConnectOptions, openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import { connectV1 } from "../fixtures/v1.js";

const INTERVAL = 100;
const LIFE = 2_000;
const v1 = "workkit.chat.v1";
const as = (user: string, more = {}) => ({ headers: { "x-user": user, ...more } });

const open = (options: Partial<ChatSessionDOOptions> = {}) =>
  openSession({
    onMessage: silent,
    heartbeatInterval: INTERVAL,
    rateLimit: false,
    maxConnections: 2,
    authenticate: ({ headers }) => ({
      id: headers.get("x-user") ?? "anonymous",
      ...(headers.has("x-short") && { expiresAt: Date.now() + LIFE }),
    }),
    ...options,
  });

/** A client that says nothing, answers nothing and reads nothing. */
async function connectDead(room: SessionRoom, options: ConnectOptions = {}): Promise<WebSocket> {
  const { webSocket } = await room.upgrade({ protocol: v1, ...options });
  webSocket?.accept({ allowHalfOpen: true });
  if (webSocket === null) throw new Error("refused");
  return webSocket;
}

async function statusOf(room: SessionRoom, options: ConnectOptions): Promise<number> {
  const answer = await room.upgrade(options);
  answer.webSocket?.accept();
  if (answer.webSocket === null) await answer.text();
  return answer.status;
}

describe("P12: a session that is full", () => {
  it("gives the places of expired identities to the next client, at once", async () => {
    const room = open({ heartbeatInterval: 60_000 });
    for (const user of ["ann", "ben"]) await connectDead(room, as(user, { "x-short": "yes" }));
    expect(await statusOf(room, as("cid"))).toBe(503);
    await scheduler.wait(LIFE + 10);
    await connectV1(room, undefined, as("cid"));
    await connectV1(room, undefined, as("dee"));
    expect(await statusOf(room, as("eve"))).toBe(503);
  });

  it.each([
    { what: "clients that want to join", act: (room: SessionRoom) => statusOf(room, as("cid")) },
    { what: "a Worker that posts", act: (room: SessionRoom) => room.session.post({ content: "news" }) },
    { what: "a Worker that reads", act: (room: SessionRoom) => room.session.history() },
  ])("gives away the places of the dead within four intervals, where it is awake for $what", async ({ act }) => {
    const room = open();
    await connectDead(room, as("ann"));
    const beats = await connectDead(room, { ...as("ben"), protocol: "workkit.chat.plain" });
    beats.send('{"type":"ping"}');
    await room.hibernate();
    await scheduler.wait(2 * INTERVAL);
    const looked = Date.now();
    const isThere = async () => (await room.session.connections()).some(({ identity }) => identity.id !== "cid");
    while (await isThere()) {
      await act(room);
      await scheduler.wait(INTERVAL / 5);
    }
    expect(Date.now() - looked).toBeLessThan(4 * INTERVAL);
  });

  it("finds the dead by the replies of a turn, too", async () => {
    const room = open({
      onMessage: async (_, __, { post }) => {
        for (let n = 0; n < 12; n++) {
          await scheduler.wait(INTERVAL / 2);
          await post({ content: `${n}` });
        }
        return undefined;
      },
    });
    const { socket } = await connectV1(room, undefined, as("ann"));
    socket.onFrame(({ type }) => type === "ping" && socket.send({ type: "pong" }));
    const dead = await connectDead(room, as("ben"));
    socket.say("go on", { id: "a" });
    await socket.content("11");
    expect(await statusOf(room, as("cid"))).toBe(101);
    dead.close();
  });

  it("keeps a plain client that never sent a heartbeat, and a v1 client that answers", async () => {
    const room = open();
    const listener = await room.connect(as("ann"));
    const { socket } = await connectV1(room, undefined, as("ben"));
    socket.onFrame(({ type }) => type === "ping" && socket.send({ type: "pong" }));
    for (let n = 0; n < 12; n++) {
      expect(await statusOf(room, as("cid"))).toBe(503);
      await scheduler.wait(INTERVAL / 2);
    }
    expect([listener.closed, socket.closed]).toEqual([undefined, undefined]);
  });
});

describe("P12: the connections of one limit key", () => {
  it("are a tenth of the session's, and of an address a quarter; others have the rest", async () => {
    const room = open({ maxConnections: 120 });
    const count = async (options: ConnectOptions) => {
      for (let n = 0; ; n++) if ((await statusOf(room, options)) !== 101) return n;
    };
    expect(await count(as("eve"))).toBe(12);
    const address = { headers: { "cf-connecting-ip": "2001:db8::1" } };
    expect(await count(address)).toBe(30);
    expect(await count({ headers: { "cf-connecting-ip": "2001:db8::2" } })).toBe(0);
    expect(await statusOf(room, { headers: { "cf-connecting-ip": "2001:db8:1::1" } })).toBe(101);
    await connectV1(room, undefined, as("ann"));
    const refused = await room.connect({ ...as("eve"), protocol: v1 });
    expect(await refused.end()).toEqual({ code: 4003, reason: "SESSION_FULL" });
  });

  it("leave their share when they go, and when they have expired", async () => {
    const room = open({ maxConnections: 100, heartbeatInterval: 60_000 });
    const [first] = await Promise.all(Array.from({ length: 10 }, () => room.connect(as("eve", { "x-short": "yes" }))));
    expect(await statusOf(room, as("eve"))).toBe(503);
    first?.close();
    await first?.end();
    await room.hibernate();
    await connectV1(room, undefined, as("eve", { "x-short": "yes" }));
    expect(await statusOf(room, as("eve"))).toBe(503);
    await scheduler.wait(LIFE + 10);
    expect(await statusOf(room, as("eve"))).toBe(101);
  });
});
