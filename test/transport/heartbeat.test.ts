import { describe, expect, it } from "vitest";
import type { ChatTransportOptions } from "../../src/index.js";
import { echo, openTransport, silent } from "../fixtures/rooms.js";
import type { Frame, TestSocket } from "../fixtures/socket.js";

const INTERVAL = 50;
const open = (options: Partial<ChatTransportOptions> = {}) =>
  openTransport({ onMessage: silent, heartbeatInterval: INTERVAL, ...options });

const isPing = (frame: Frame) => frame["type"] === "ping";

/** Resolves as soon as the socket has been pinged so many times. */
function pinged(socket: TestSocket, times: number): Promise<Frame> {
  return socket.find((frame) => socket.frames.filter(isPing).indexOf(frame) === times - 1);
}

describe("P9: the heartbeat of a transport", () => {
  it("is exactly the documented bytes, again and again", async () => {
    const { webSocket } = await open().upgrade();
    const texts: unknown[] = [];
    webSocket?.addEventListener("message", ({ data }) => {
      texts.push(data);
    });
    webSocket?.accept();
    while (texts.length < 3) await scheduler.wait(INTERVAL / 3);
    webSocket?.close();
    expect(texts.slice(0, 3)).toEqual(['{"type":"ping"}', '{"type":"ping"}', '{"type":"ping"}']);
  });

  it("comes no earlier than its interval", async () => {
    const socket = await openTransport({ onMessage: silent }).connect();
    expect(await socket.settle()).toEqual([]);
    expect(socket.frames).toEqual([{ type: "pong" }]);
  });

  it("keeps a peer that only listens", async () => {
    const socket = await open().connect();
    await pinged(socket, 6);
    expect(socket.closed).toBeUndefined();
  });

  it("keeps a peer that speaks but never sent a ping or a pong", async () => {
    const socket = await open({ onMessage: echo }).connect();
    socket.say("hello");
    await socket.content("Echo: hello");
    await pinged(socket, 6);
    expect(socket.closed).toBeUndefined();
  });

  it.each(['{"type":"pong"}', '{"type":"ping"}', '{ "type": "pong" }'])(
    "closes with 4004 a peer that once sent %s and is silent since",
    async (beat) => {
      const socket = await open().connect();
      socket.send(beat);
      expect(await socket.end()).toEqual({ code: 4004, reason: "no heartbeat" });
      expect(socket.frames.some(isPing)).toBe(true);
    },
  );

  it("closes a peer that sends nothing from one ping to the next", async () => {
    const events: string[] = [];
    const room = open({
      heartbeatInterval: 2 * INTERVAL,
      onFrameIn: () => events.push("heard"),
      onFrameOut: () => events.push("pinged"),
    });
    const socket = await room.connect();
    await pinged(socket, 1);
    // Between two pings, so that no ping shares its millisecond.
    await scheduler.wait(INTERVAL / 2);
    socket.send('{"type":"pong"}');
    expect((await socket.end()).code).toBe(4004);
    expect(events.slice(events.lastIndexOf("heard"))).toEqual(["heard", "pinged"]);
  });

  it("goes on for a peer that answers each ping", async () => {
    const socket = await open().connect();
    for (let n = 1; n <= 6; n++) {
      await pinged(socket, n);
      socket.send('{"type":"pong"}');
    }
    expect(socket.closed).toBeUndefined();
    expect(socket.frames.every(isPing)).toBe(true);
  });

  it("counts any frame as life, a malformed one too", async () => {
    const socket = await open({ onMessage: echo, violationLimit: false }).connect();
    socket.send('{"type":"pong"}');
    for (let n = 1; n <= 6; n++) {
      await pinged(socket, n);
      if (n % 2 === 0) socket.say("hello");
      else socket.send("nonsense");
    }
    expect(socket.closed).toBeUndefined();
  });

  it("ends with the connection, whichever side ends it", async () => {
    const sent: unknown[] = [];
    const room = open({
      violationLimit: { burst: 1, perSecond: 1e-6 },
      onFrameOut: ({ stage, bytes }) => sent.push([stage, bytes]),
    });
    const [leaving, expelled] = [await room.connect(), await room.connect()];
    leaving.close();
    expelled.send("nonsense");
    expelled.send("nonsense");
    await Promise.all([leaving.end(), expelled.end()]);
    sent.length = 0;
    await scheduler.wait(3 * INTERVAL);
    expect(sent).toEqual([]);
  });

  it("ends for a peer that does not answer the server's close", async () => {
    const codes: number[] = [];
    const sent: string[] = [];
    const room = open({
      violationLimit: { burst: 1, perSecond: 1e-6 },
      onDisconnect: ({ code }) => codes.push(code),
      onFrameOut: ({ stage }) => sent.push(stage),
    });
    const { webSocket } = await room.upgrade();
    webSocket?.accept({ allowHalfOpen: true });
    webSocket?.send("nonsense");
    webSocket?.send("nonsense");
    while (codes.length === 0) await scheduler.wait(INTERVAL / 3);
    sent.length = 0;
    await scheduler.wait(3 * INTERVAL);
    expect(codes).toEqual([1008]);
    expect(sent).toEqual([]);
    webSocket?.close();
  });

  it("closes with 4001 a listener whose identity expires", async () => {
    const socket = await open({ authenticate: () => ({ id: "a", expiresAt: Date.now() + INTERVAL }) }).connect();
    expect((await socket.end()).code).toBe(4001);
  });
});
