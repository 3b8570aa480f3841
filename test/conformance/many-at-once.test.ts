import { describe, expect, it } from "vitest";
import type { ChatMessage } from "../../src/index.js";
import { kinds } from "../fixtures/kinds.js";
import { echo } from "../fixtures/rooms.js";

const MANY = 300;
const upTo = (last: number) => Array.from({ length: last }, (_, index) => `${index + 1}`);

describe.each(kinds)("P3: many frames at once, to a $kind", ({ open }) => {
  it("are answered in order, pings and invalid frames among them", async () => {
    const socket = await open({ onMessage: echo, rateLimit: false }).connect();
    for (const n of upTo(MANY)) {
      socket.say(n, { id: n });
      if (Number(n) % 50 === 0) socket.send("no envelope");
      // Not byte for byte the one that a sleeping session answers by itself.
      if (Number(n) % 50 === 0) socket.send({ type: "ping", n });
    }
    await socket.content(`Echo: ${MANY}`);
    await socket.settle();
    const echoes = socket.contents().filter((content) => String(content).startsWith("Echo: "));
    expect(echoes).toEqual(upTo(MANY).map((n) => `Echo: ${n}`));
    expect(socket.frames.filter(({ type }) => type === "error")).toHaveLength(MANY / 50);
    expect(socket.frames.filter(({ type }) => type === "pong").length).toBeGreaterThanOrEqual(MANY / 50);
  });

  it("reach the handler although a Close follows at once", async () => {
    const heard: string[] = [];
    const onMessage = async (_id: string, { content }: ChatMessage): Promise<undefined> => {
      heard.push(content);
    };
    const socket = await open({ onMessage, rateLimit: false }).connect();
    for (const n of upTo(MANY)) socket.say(n, { id: n });
    socket.close();
    await socket.end();
    while (heard.length < MANY) await scheduler.wait(1);
    expect(heard).toEqual(upTo(MANY));
  });
});
