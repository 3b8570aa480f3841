import { describe, expect, it } from "vitest";
import { CONTROL_FRAME_BURST } from "../../src/protocol/limits.js";
import { kinds } from "../fixtures/kinds.js";
import { echo } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";

const pongs = (socket: TestSocket) => socket.frames.filter(({ type }) => type === "pong").length;

/** Sends so many heartbeats that reach the code, and waits for an answer to each. */
async function ping(socket: TestSocket, times: number): Promise<void> {
  const before = socket.frames.length;
  for (let n = 0; n < times; n++) socket.send({ type: "ping", n });
  while (socket.frames.length < before + times) await scheduler.wait(1);
}

describe.each(kinds)("the control frames that a client sends to a $kind", ({ open }) => {
  it("are answered up to a burst, and refused past it", async () => {
    const socket = await open({ onMessage: echo, violationLimit: false }).connect();
    await ping(socket, CONTROL_FRAME_BURST);
    expect(pongs(socket)).toBe(CONTROL_FRAME_BURST);
    await ping(socket, CONTROL_FRAME_BURST);
    expect(pongs(socket)).toBeLessThan(2 * CONTROL_FRAME_BURST);
    const { metadata } = await socket.error("RATE_LIMITED");
    expect(metadata).toEqual({ code: "RATE_LIMITED", retryAfterMs: expect.any(Number) });
  });

  it("take nothing from the rate of its messages", async () => {
    const socket = await open({ onMessage: echo, violationLimit: false }).connect();
    await ping(socket, 2 * CONTROL_FRAME_BURST);
    await socket.error("RATE_LIMITED");
    for (let n = 1; n <= 50; n++) socket.say(`${n}`);
    await socket.content("Echo: 50");
  });

  it("are violations past their burst, a tenth each", async () => {
    const socket = await open({ onMessage: echo, violationLimit: { burst: 1, perSecond: 1e-6 } }).connect();
    for (let n = 0; n < 3 * CONTROL_FRAME_BURST; n++) socket.send({ type: "pong", n });
    expect((await socket.end()).code).toBe(1008);
    expect(socket.frames).toHaveLength(11);
  });
});
