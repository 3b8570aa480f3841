import { describe, expect, it } from "vitest";
import type { ChatMessage, ChatTransportOptions } from "../../src/index.js";
import { echo, openSession, openTransport, reply } from "../fixtures/rooms.js";

const kinds = [
  { kind: "transport", open: openTransport },
  { kind: "session", open: (options: ChatTransportOptions) => openSession(options) },
] as const;

describe.each(kinds)("P13: a plain client of a $kind", ({ open }) => {
  it("is answered by the handler", async () => {
    const socket = await open({ onMessage: echo }).connect();
    socket.say("hello");
    const answer = await socket.content("Echo: hello");
    expect(answer).toMatchObject({ type: "message", role: "assistant" });
    expect(answer["id"]).toBeTypeOf("string");
    expect(answer["timestamp"]).toBeTypeOf("number");
  });

  it("is answered 426 where it asks for no upgrade", async () => {
    const answer = await open({ onMessage: echo }).upgrade({ headers: { upgrade: "h2c" } });
    expect(answer.status).toBe(426);
  });

  it("is answered by a pong, however it spells its ping", async () => {
    const socket = await open({ onMessage: echo }).connect();
    socket.send('{"type":"ping"}');
    socket.send('{ "type": "ping" }');
    await socket.find((frame) => frame["type"] === "pong" && socket.frames.length >= 2);
    expect(socket.frames).toEqual([{ type: "pong" }, { type: "pong" }]);
  });

  it("P3: is sent several replies in order, and none where there are none", async () => {
    const socket = await open({
      onMessage: async (_id, { content }) => (content === "none" ? undefined : [1, 2, 3].map((n) => reply(`${n}`))),
    }).connect();
    socket.say("none");
    socket.say("three");
    await socket.content("3");
    expect(socket.contents()).toEqual(["1", "2", "3"]);
  });

  it("P3: is answered in the order in which it asks, also where the first answer takes longer", async () => {
    const socket = await open({
      onMessage: async (_id, { content }) => {
        if (content === "slow") await scheduler.wait(30);
        return reply(`after ${content}`);
      },
    }).connect();
    for (const content of ["slow", "quick", "quicker"]) socket.say(content);
    await socket.content("after quicker");
    expect(socket.contents()).toEqual(["after slow", "after quick", "after quicker"]);
  });

  it("P7: is not sent what a handler throws, sync or async", async () => {
    const socket = await open({
      onMessage: (_id, { content }) => {
        if (content === "sync") throw new Error("secret one");
        return Promise.reject(new TypeError("secret two"));
      },
    }).connect();
    socket.say("sync", { id: "a" });
    socket.say("async", { id: "b" });
    await socket.find((frame) => frame.metadata?.["inReplyTo"] === "b");
    expect(socket.frames.map((frame) => [frame["type"], frame["role"], frame.metadata])).toEqual([
      ["error", "system", { code: "HANDLER_FAILED", inReplyTo: "a" }],
      ["error", "system", { code: "HANDLER_FAILED", inReplyTo: "b" }],
    ]);
    expect(JSON.stringify(socket.frames)).not.toContain("secret");
  });

  it("P7: is sent HANDLER_FAILED when the handler returns what is no envelope", async () => {
    const bad = { type: "message", content: 5 } as unknown;
    const socket = await open({ onMessage: async () => bad as ChatMessage }).connect();
    socket.say("x", { id: "a" });
    expect((await socket.error("HANDLER_FAILED")).metadata).toEqual({ code: "HANDLER_FAILED", inReplyTo: "a" });
  });

  it("P6: speaks as user whatever it claims, and its claims of authorship are dropped", async () => {
    const seen: ChatMessage[] = [];
    const socket = await open({
      onMessage: async (_id, message) => {
        seen.push(message);
        return reply("ok");
      },
    }).connect();
    socket.say("x", { role: "system", timestamp: 5, metadata: { from: { id: "admin" }, kept: true } });
    await socket.content("ok");
    expect(seen[0]).toMatchObject({ role: "user", metadata: { from: { id: "anonymous" }, kept: true } });
    expect(seen[0]?.timestamp).toBeGreaterThan(5);
  });
});
