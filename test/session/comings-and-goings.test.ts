import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions, ConnectionEvent, DisconnectEvent, FrameOutEvent } from "../../src/index.js";
import { onceOnly } from "../fixtures/kinds.js";
import { type ConnectOptions, openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import { connectV1 } from "../fixtures/v1.js";

const INTERVAL = 50;

/** A session whose comings and goings are written down. */
function openCounted(options: Partial<ChatSessionDOOptions> = {}) {
  const came: ConnectionEvent[] = [];
  const went: DisconnectEvent[] = [];
  const room = openSession({
    onMessage: silent,
    heartbeatInterval: INTERVAL,
    rateLimit: false,
    authenticate: (request) => ({ id: request.headers.get("x-user") ?? "ann" }),
    onConnect: (event) => came.push(event),
    onDisconnect: (event) => went.push(event),
    ...options,
  });
  return { room, came, went };
}

/** A client that never answers a ping or a Close. */
async function connectUnresponsive(room: SessionRoom, options: ConnectOptions = {}): Promise<WebSocket> {
  const { webSocket } = await room.upgrade({ protocol: "workkit.chat.v1", ...options });
  if (webSocket === null) throw new Error("refused");
  webSocket.accept({ allowHalfOpen: true });
  return webSocket;
}

const nothing = () => undefined;

/** How a connection may end, other than by its client's will. */
const ENDS: {
  what: string;
  code: number;
  options?: Partial<ChatSessionDOOptions>;
  end: (room: SessionRoom, socket: WebSocket, came: ConnectionEvent[]) => unknown;
}[] = [
  { what: "disconnected", code: 4500, end: ({ session }) => session.disconnect({ identityId: "ann" }) },
  {
    what: "disconnected with a code of the application's",
    code: 4321,
    end: ({ session }) => session.disconnect({ identityId: "ann" }, { code: 4321, reason: "go" }),
  },
  { what: "there when the session is cleared", code: 4002, end: ({ session }) => session.clear() },
  {
    what: "replaced",
    code: 4008,
    end: (room, _, came) => connectV1(room, undefined, { query: { replaces: came[0]?.connectionId ?? "" } }),
  },
  {
    what: "rejected too often",
    code: 1008,
    options: { violationLimit: onceOnly(1) },
    end: (_, socket) => {
      socket.send("nonsense");
      socket.send("nonsense");
    },
  },
  {
    what: "expired",
    code: 4001,
    options: { authenticate: () => ({ id: "ann", expiresAt: Date.now() + 20 }) },
    end: async ({ session }) => {
      await scheduler.wait(30);
      await session.connections();
    },
  },
  { what: "dead", code: 4004, end: ({ session }) => keepLooking(session.connections, () => false, 6) },
];

/** Has the session look for dead connections, as whatever it does has it do. */
async function keepLooking(act: () => Promise<unknown>, isDone: () => boolean, intervals: number): Promise<void> {
  for (let n = 0; n < 2 * intervals && !isDone(); n++) {
    await act();
    await scheduler.wait(INTERVAL / 2);
  }
}

describe("P7: onDisconnect is called once for a connection that is", () => {
  it.each(ENDS)("$what, with $code, though its client never answers", async ({ code, options, end }) => {
    const { room, came, went } = openCounted(options);
    const socket = await connectUnresponsive(room);
    await end(room, socket, came);
    while (went.length === 0) await scheduler.wait(1);
    expect(went[0]).toMatchObject({ ...came[0], code });
    // What it still does, and what becomes of its socket, is nobody's business any more.
    socket.send('{"type":"message","id":"late","content":"late"}');
    await room.session.connections();
    await scheduler.wait(10);
    socket.close(3001, "at last");
    await scheduler.wait(10);
    await room.session.connections();
    expect(went).toHaveLength(1);
    expect((await room.session.history()).messages).toEqual([]);
  });

  it("closed by its client, with what the client says, awake or asleep", async () => {
    const { room, went } = openCounted();
    for (const act of [nothing, room.hibernate]) {
      const { socket } = await connectV1(room);
      await act();
      socket.close(3001, "enough");
      await socket.end();
      while (went.length === 0) await scheduler.wait(1);
      await room.session.connections();
      expect(went.splice(0)).toMatchObject([{ code: 3001, reason: "enough" }]);
    }
  });

  it("closed by the application on the socket itself: when the session next looks, or wakes", async () => {
    const { room, went } = openCounted();
    for (const act of [() => scheduler.wait(INTERVAL), room.hibernate]) {
      const client = await connectUnresponsive(room);
      await runInDurableObject(room.stub, (_, state) => {
        for (const socket of state.getWebSockets())
          if (socket.readyState === WebSocket.OPEN) socket.close(4999, "mine");
      });
      await act();
      await room.session.connections();
      expect(went.splice(0).map(({ code }) => code)).toEqual([1006]);
      client.close(3001, "at last");
      await scheduler.wait(10);
      await room.session.connections();
      expect(went).toEqual([]);
    }
  });
});

it("P7, P9: a dead connection is closed within four intervals of its last frame, while the session is awake", async () => {
  for (const dialect of ["workkit.chat.v1", "workkit.chat.plain"]) {
    const { room, went } = openCounted();
    const awake = await room.connect({ headers: { "x-user": "ben" } });
    const dead = await connectUnresponsive(room, { protocol: dialect });
    dead.send('{"type":"pong"}');
    await awake.settle();
    let intervals = 0;
    for (; went.length === 0; intervals += 0.5) {
      awake.say("still here");
      await scheduler.wait(INTERVAL / 2);
    }
    expect(went).toMatchObject([{ code: 4004, identity: { id: "ann" } }]);
    expect(intervals).toBeLessThanOrEqual(4);
    dead.close();
  }
});

it("P7: no hook is called for connections that end with the object", async () => {
  const { room, came, went } = openCounted();
  await room.connect();
  await room.crash();
  await room.connect();
  await room.session.connections();
  expect(came).toHaveLength(2);
  expect(went).toEqual([]);
});

it("hooks are given an identity of their own", async () => {
  const identity = { id: "ann", metadata: { plan: { name: "free" } } };
  const change = (event: ConnectionEvent) => {
    event.identity.id = "admin";
    Object(event.identity.metadata).plan.name = "gold";
  };
  const { room } = openCounted({
    authenticate: () => identity,
    onConnect: change,
    onDisconnect: change,
    tags: (its) => {
      its.id = "tagged";
      return [];
    },
  });
  const { socket } = await connectV1(room);
  socket.say("hello", { id: "a" });
  await socket.settle();
  expect((await room.session.connections()).map((connection) => connection.identity)).toEqual([identity]);
});

it("tells the hook of a frame that a closed socket did not take, and goes on", async () => {
  const sent: FrameOutEvent[] = [];
  const { room } = openCounted({ heartbeatInterval: 60_000, onFrameOut: (event) => sent.push(event) });
  const { socket } = await connectV1(room);
  await connectUnresponsive(room, { protocol: "workkit.chat.plain" });
  await runInDurableObject(room.stub, (_, state) => state.getWebSockets()[0]?.close(4999, "mine"));
  sent.length = 0;
  await room.session.post({ content: "anyone?" });
  await socket.content("anyone?");
  expect(sent.map(({ stage, message }) => [stage, message?.content]).sort()).toEqual([
    ["send-failed", "anyone?"],
    ["sent", "anyone?"],
  ]);
});
