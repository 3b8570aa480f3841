import { describe, expect, it } from "vitest";
import { openSession, silent } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";

const INTERVAL = 20;
/** Longer than an eviction takes, or an answer on a busy machine. */
const LONG_INTERVAL = 800;

/** Keeps the session awake with messages until `done` says so. */
async function keepAwake(socket: TestSocket, done: () => boolean): Promise<void> {
  for (let n = 0; !done(); n++) {
    socket.say(`${n}`);
    await scheduler.wait(INTERVAL / 2);
  }
}

const wasPinged = (socket: TestSocket) => socket.frames.some(({ type }) => type === "ping");

describe("P9: a session that is awake", () => {
  it("closes a peer that has pinged and is silent since, after it has sent it a ping", async () => {
    const room = openSession({ onMessage: silent, heartbeatInterval: INTERVAL, rateLimit: false });
    const [awake, dead] = [await room.connect(), await room.connect()];
    dead.send('{"type":"ping"}');
    await dead.find(({ type }) => type === "pong");
    await keepAwake(awake, () => dead.closed !== undefined);
    expect(dead.closed?.code).toBe(4004);
    expect(dead.frames.filter(({ type }) => type === "ping")).toHaveLength(1);
    expect(await room.session.connections()).toHaveLength(1);
  });

  it("keeps a peer that answers, and one that never sent a heartbeat", async () => {
    const room = openSession({ onMessage: silent, heartbeatInterval: INTERVAL, rateLimit: false });
    const [awake, listener, answering, dead] = await Promise.all([1, 2, 3, 4].map(() => room.connect()));
    if (!awake || !listener || !answering || !dead) throw new Error("four connections");
    for (const socket of [answering, dead]) socket.send('{"type":"ping"}');
    let answered = 0;
    await keepAwake(awake, () => {
      const pings = answering.frames.filter(({ type }) => type === "ping").length;
      for (; answered < pings; answered++) answering.send('{"type":"pong"}');
      return dead.closed !== undefined && answered > 1;
    });
    expect(answering.closed).toBeUndefined();
    expect(listener.closed).toBeUndefined();
    expect(wasPinged(listener)).toBe(false);
  });

  it("keeps a peer that answers by pings of its own, which no code sees", async () => {
    const room = openSession({ onMessage: silent, heartbeatInterval: LONG_INTERVAL, rateLimit: false });
    const [awake, pinging] = [await room.connect(), await room.connect()];
    pinging.send('{"type":"ping"}');
    let pings = 0;
    pinging.onFrame(async ({ type }) => {
      if (type !== "ping") return;
      pings += 1;
      // Later than the ping, by the clock of a whole millisecond.
      await scheduler.wait(2);
      if (pinging.closed === undefined) pinging.send('{"type":"ping"}');
    });
    await keepAwake(awake, () => pings > 1 || pinging.closed !== undefined);
    expect(pinging.closed).toBeUndefined();
  });

  it("gives a peer an interval to answer, also where it wakes meanwhile", async () => {
    const room = openSession({ onMessage: silent, heartbeatInterval: LONG_INTERVAL, rateLimit: false });
    const [awake, asked] = [await room.connect(), await room.connect()];
    asked.send({ type: "pong" });
    await keepAwake(awake, () => wasPinged(asked));
    await room.hibernate();
    awake.say("wake up");
    await awake.settle();
    expect(asked.closed).toBeUndefined();
  });

  it("remembers across hibernation which peers it has sent a ping", async () => {
    const room = openSession({ onMessage: silent, heartbeatInterval: INTERVAL, rateLimit: false });
    const [awake, dead] = [await room.connect(), await room.connect()];
    dead.send({ type: "pong" });
    await keepAwake(awake, () => wasPinged(dead));
    await room.hibernate();
    await keepAwake(awake, () => dead.closed !== undefined);
    expect(dead.frames.filter(({ type }) => type === "ping")).toHaveLength(1);
  });
});
