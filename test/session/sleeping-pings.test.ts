import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions } from "../../src/index.js";
import { echo, openSession } from "../fixtures/rooms.js";
import { connectV1 } from "../fixtures/v1.js";

/** Options that count how often they are read: each time that a session is constructed, and so with every wake-up. */
function counting(): { options: ChatSessionDOOptions; wakings: () => number } {
  let wakings = 0;
  const options: ChatSessionDOOptions = {
    get onMessage() {
      wakings++;
      return echo;
    },
  };
  return { options, wakings: () => wakings };
}

describe("P8: a session that sleeps", () => {
  it("answers the exact ping of either dialect with the exact pong, and stays asleep", async () => {
    const { options, wakings } = counting();
    const room = openSession(options);
    const { webSocket } = await room.upgrade();
    const texts: unknown[] = [];
    webSocket?.addEventListener("message", ({ data }) => {
      texts.push(data);
    });
    webSocket?.accept();
    const { socket: v1 } = await connectV1(room);
    const awake = wakings();
    await room.hibernate();
    for (let n = 1; n <= 3; n++) {
      webSocket?.send('{"type":"ping"}');
      v1.send('{"type":"ping"}');
      while (texts.length < n || v1.frames.length < n + 1) await scheduler.wait(1);
    }
    expect(texts).toEqual(Array(3).fill('{"type":"pong"}'));
    expect(v1.frames.slice(1)).toEqual(Array(3).fill({ type: "pong" }));
    expect(wakings()).toBe(awake);
    await expect(room.hibernate(), "there is nothing to put to sleep").rejects.toThrow();
  });

  it.each(['{"type": "ping"}', '{"type":"ping","n":1}', ' {"type":"ping"}', '{"type":"ping"}\n'])(
    "wakes for a ping of another spelling, and answers it alike: %j",
    async (ping) => {
      const { options, wakings } = counting();
      const room = openSession(options);
      const socket = await room.connect();
      const awake = wakings();
      await room.hibernate();
      socket.send(ping);
      await socket.find(({ type }) => type === "pong");
      expect(socket.frames).toEqual([{ type: "pong" }]);
      expect(wakings()).toBe(2 * awake);
    },
  );

  it("P6: wakes for a message, and knows who wrote it", async () => {
    const { options, wakings } = counting();
    const room = openSession(options);
    const socket = await room.connect();
    const awake = wakings();
    await room.hibernate();
    socket.say("hello");
    await socket.content("Echo: hello");
    expect(wakings()).toBe(2 * awake);
  });

  it("never pings a client by itself", async () => {
    const room = openSession({ onMessage: echo, heartbeatInterval: 20 });
    const socket = await room.connect();
    await scheduler.wait(100);
    socket.say("hello");
    await socket.content("Echo: hello");
    expect(socket.frames).toHaveLength(1);
  });
});
