import { describe, expect, it } from "vitest";
import { BYTES_READ_PER_UNIT, PRICES } from "../../src/server/access/prices.js";
import { kinds, onceOnly } from "../fixtures/kinds.js";
import { echo } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";

const PINGS = 100;
/** Enough for the upgrade and so many pings. */
const workLimit = onceOnly(PRICES.upgrade + PINGS * PRICES.frame + 50);

const pongs = (socket: TestSocket) => socket.frames.filter(({ type }) => type === "pong").length;

/** Sends so many heartbeats that reach the code, and waits for an answer to each. */
async function ping(socket: TestSocket, times: number): Promise<void> {
  const before = socket.frames.length;
  for (let n = 0; n < times; n++) socket.send({ type: "ping", n });
  while (socket.frames.length < before + times) await scheduler.wait(1);
}

describe.each(kinds)("P12: the control frames that a client sends to a $kind", ({ open }) => {
  it("are answered while the work that they cause is paid for, and refused past that", async () => {
    const socket = await open({ onMessage: echo, violationLimit: false, workLimit }).connect();
    await ping(socket, PINGS);
    expect(pongs(socket)).toBe(PINGS);
    await ping(socket, PINGS);
    expect(pongs(socket)).toBeLessThan(2 * PINGS);
    const { metadata } = await socket.error("RATE_LIMITED");
    expect(metadata).toEqual({ code: "RATE_LIMITED", retryAfterMs: expect.any(Number) });
  });

  it("cost by their size, too", async () => {
    const socket = await open({ onMessage: echo, workLimit }).connect();
    socket.send({ type: "ping", more: "x".repeat(BYTES_READ_PER_UNIT * PRICES.frame * PINGS) });
    await socket.find(({ type }) => type !== "ping");
    expect(pongs(socket)).toBe(0);
  });

  it("take nothing from the rate of its messages", async () => {
    const socket = await open({ onMessage: echo, violationLimit: false, workLimit }).connect();
    await ping(socket, PINGS + 50);
    await socket.error("RATE_LIMITED");
    for (let n = 1; n <= 50; n++) socket.say(`${n}`);
    await socket.content("Echo: 50");
  });

  it("are violations past that, each a tenth of one", async () => {
    const socket = await open({ onMessage: echo, workLimit, violationLimit: onceOnly(1) }).connect();
    for (let n = 0; n < 3 * PINGS; n++) socket.send({ type: "pong", n });
    expect((await socket.end()).code).toBe(1008);
    expect(socket.frames).toHaveLength(11);
  });

  it("are not limited where workLimit is false", async () => {
    const socket = await open({ onMessage: echo, workLimit: false }).connect();
    await ping(socket, 10_000);
    expect(pongs(socket)).toBe(10_000);
  });

  it("are not refused to an honest client: a thousand at once, and a hundred large resends", async () => {
    const socket = await open({ onMessage: echo }).connect();
    await ping(socket, 1_000);
    for (let n = 0; n < 100; n++) socket.say("x".repeat(65_000), { id: "again" });
    await socket.settle();
    expect(socket.frames.filter(({ type }) => type === "error")).toEqual([]);
  });
});
