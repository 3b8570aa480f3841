import { describe, expect, it } from "vitest";
import { openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";
import { connectV1 } from "../fixtures/v1.js";

const SIZE = 262_144;
const MiB = 1_048_576;

/** Posts so many mebibytes, a quarter of one at a time. */
async function post(room: SessionRoom, mebibytes: number): Promise<void> {
  const content = "x".repeat(SIZE);
  for (let n = 0; n < mebibytes * 4; n++) await room.session.post({ content });
}

const pings = (socket: TestSocket) => socket.frames.filter(({ type }) => type === "ping").length;
const weight = (socket: TestSocket) =>
  socket.envelopes().reduce((sum, { content }) => sum + String(content).length, 0) / MiB;

/** A connection that answers pings, as one that reads does. */
function answering(socket: TestSocket, frame: object): TestSocket {
  socket.onFrame(({ type }) => type === "ping" && socket.send(frame));
  return socket;
}

describe("a connection that does not show that it reads", () => {
  it("is asked once, and closed when too much waits for it; the others are not", async () => {
    const room = openSession({ onMessage: silent });
    const { socket: reader } = await connectV1(room);
    answering(reader, { type: "pong" });
    const { socket: stalled } = await connectV1(room);
    await post(room, 14);
    expect(await stalled.end()).toEqual({ code: 4007, reason: "too much is unread" });
    // Once whether it reads, and once to be sure that the Close arrives.
    expect(pings(stalled)).toBe(2);
    expect(weight(stalled)).toBeGreaterThan(12);
    expect(weight(stalled)).toBeLessThan(13.6);
    await reader.find(({ seq }) => seq === 56);
    expect(pings(reader)).toBeGreaterThan(20);
  });

  it("leaves less for the next, so that all of them together stay below one bound", async () => {
    const room = openSession({ onMessage: silent });
    const stalled: TestSocket[] = [];
    for (let n = 0; n < 4; n++) {
      stalled.push((await connectV1(room)).socket);
    }
    await post(room, 14);
    for (const socket of stalled) expect(await socket.end()).toMatchObject({ code: 4007 });
    const total = stalled.reduce((sum, socket) => sum + weight(socket), 0);
    expect(Math.min(...stalled.map(weight))).toBeLessThan(8.6);
    expect(total).toBeLessThan(40);
  });

  it("is given what it missed when it comes back, and the room that it took is free again", async () => {
    const room = openSession({ onMessage: silent });
    for (let round = 0; round < 3; round++) {
      const { epoch, head } = await room.session.history({ limit: 1 });
      const { socket: stalled } = await connectV1(room, `${epoch}:${head}`);
      await post(room, 14);
      expect(await stalled.end()).toMatchObject({ code: 4007 });
      expect(weight(stalled)).toBeGreaterThan(12);
    }
  });

  it("may be a plain one that says anything at all", async () => {
    const room = openSession({ onMessage: silent });
    const talking = answering(await room.connect(), { type: "typing", content: "" });
    const mute = await room.connect();
    await post(room, 14);
    expect(await mute.end()).toMatchObject({ code: 4007 });
    await talking.settle();
    expect(weight(talking)).toBe(14);
  });

  it("may be a plain one that pings by itself, unseen by any code", async () => {
    const room = openSession({ onMessage: silent });
    const pinging = answering(await room.connect(), { type: "ping" });
    const ping = setInterval(() => pinging.send('{"type":"ping"}'), 5);
    for (let n = 0; n < 14; n++) {
      await post(room, 1);
      await scheduler.wait(20);
    }
    clearInterval(ping);
    expect(weight(pinging)).toBe(14);
    expect(pinging.closed).toBeUndefined();
  });

  it("shows that it reads by asking for the next page of its replay", async () => {
    const room = openSession({ onMessage: silent });
    await post(room, 16);
    const { epoch } = await room.session.history({ limit: 1 });
    const { socket } = await connectV1(room, `${epoch}:0`);
    socket.onFrame(({ type, seq, more }) => type === "page" && more === true && socket.send({ type: "next", seq }));
    await socket.find(({ type, more }) => type === "page" && more === false);
    expect(weight(socket)).toBe(16);
  });

  it("is none of those that answer, however many are asked in the same moment", async () => {
    const room = openSession({ onMessage: silent });
    const sockets = await Promise.all(Array.from({ length: 300 }, async () => (await connectV1(room)).socket));
    for (const socket of sockets) answering(socket, { type: "pong" });
    for (let n = 0; n < 9; n++) {
      await room.session.post({ content: "x".repeat(32_000) });
      await Promise.all(sockets.map((socket) => socket.find(({ seq }) => seq === n + 1)));
    }
    expect(await room.session.connections()).toHaveLength(sockets.length);
    // 16 MiB for 300 connections: each is asked after two such messages.
    expect(sockets.map(pings)).toEqual(sockets.map(() => 4));
  });

  it("is not asked for little", async () => {
    const room = openSession({ onMessage: silent });
    const { socket } = await connectV1(room);
    await room.session.post({ content: "x".repeat(100_000) });
    await socket.settle();
    expect(pings(socket)).toBe(0);
  });
});
