import { describe, expect, it } from "vitest";
import { aiSdk, toUIMessages } from "../../src/ai/index.js";
import { ChatError, type ChatSessionDOOptions, type MessageHandler, type ReplyPiece } from "../../src/index.js";
import {
  answerTo,
  connect,
  dialects,
  ended,
  identified,
  openChat,
  openTap,
  said,
  stored,
  toSend,
  user,
} from "../fixtures/ai-sdk-rooms.js";
import { echo, openSession, openTransport, silent } from "../fixtures/rooms.js";

describe("the AI SDK's own chat", () => {
  it("is answered while the reply grows, and again", async () => {
    const { room, push, end } = openTap();
    const { wire, chat } = openChat(room);
    const sent = chat.sendMessage({ text: "Hello" });
    await push("Hel", "lo");
    await chat.until(({ texts }) => texts[1] === "Hello");
    expect(chat.status).toBe("streaming");
    await push(", world");
    await end();
    await sent;
    expect(chat.texts).toEqual(["Hello", "Hello, world"]);
    expect(chat.status).toBe("ready");
    const messages = await stored(room);
    expect(messages.map(({ id }) => id)).toEqual(chat.messages.map(({ id }) => id));
    expect(toUIMessages(messages).at(-1)?.metadata).toMatchObject(Object(chat.lastMessage?.metadata));
    expect(wire.strays).toEqual([]);
  });

  it("has two hundred exchanges on one connection", async () => {
    const room = openSession({ onMessage: echo, dialects, rateLimit: false, maxStoredMessages: 1_000 });
    const { wire, chat } = openChat(room);
    for (let n = 1; n <= 200; n++) await chat.sendMessage({ text: `${n} ${"x".repeat(500)}` });
    expect(chat.status).toBe("ready");
    expect(chat.messages).toHaveLength(400);
    expect(chat.texts.at(-1)).toBe(`Echo: 200 ${"x".repeat(500)}`);
    expect(JSON.stringify(wire.sent.at(-1)).length).toBeGreaterThan(65_536);
    expect(wire.sockets).toHaveLength(1);
    expect(wire.strays).toEqual([]);
    expect((await stored(room)).length).toBe(100);
  });

  it("P10: stops a reply, and keeps what was shown", async () => {
    const { room, push } = openTap();
    const { chat } = openChat(room);
    const sent = chat.sendMessage({ text: "Hello" });
    await push("Hel");
    await chat.until(({ texts }) => texts[1] === "Hel");
    await chat.stop();
    await sent;
    expect(chat.status).toBe("ready");
    await expect
      .poll(async () => (await stored(room)).at(-1))
      .toMatchObject({ content: "Hel", metadata: { finish: "cancelled" } });
  });

  it("P10: resumes a reply after a reload, from its beginning, and stops it", async () => {
    const { room, push } = openTap();
    const before = openChat(room);
    void before.chat.sendMessage({ text: "Hello" });
    await push("Hel");
    await before.chat.until(({ texts }) => texts[1] === "Hel");
    const { chat, wire } = openChat(room);
    chat.messages = [...before.chat.messages];
    const resumed = chat.resumeStream();
    await push("lo");
    await chat.until(({ texts }) => texts[1] === "Hello");
    expect(chat.messages).toHaveLength(2);
    await chat.stop();
    await resumed;
    await before.chat.until(({ status }) => status === "ready");
    expect(before.chat.texts).toEqual(["Hello", "Hello"]);
    expect((await stored(room)).at(-1)).toMatchObject({ content: "Hello", metadata: { finish: "cancelled" } });
    expect([...wire.strays, ...before.wire.strays]).toEqual([]);
  });

  it("resumes nothing where nothing is being generated", async () => {
    const { room, push, end } = openTap();
    const { chat, wire } = openChat(room);
    await chat.resumeStream();
    expect(chat.status).toBe("ready");
    const sent = chat.sendMessage({ text: "Hello" });
    await push("Hi");
    await end();
    await sent;
    await chat.resumeStream();
    expect(wire.received.filter(({ type }) => type === "no-active")).toHaveLength(2);
  });

  it("is told what went wrong, by the text that is meant for it", async () => {
    const onMessage = async (_: string, { content }: { content: string }) => {
      throw content === "said" ? new ChatError("x-quota", "You have used up today's messages.") : new Error("SECRET");
    };
    const { chat, wire } = openChat(openSession({ onMessage, dialects }));
    await chat.sendMessage({ text: "said" });
    expect([chat.status, chat.error?.message]).toEqual(["error", "You have used up today's messages."]);
    await chat.sendMessage({ text: "unsaid" });
    expect([chat.status, chat.error?.message]).toEqual(["error", "The message could not be handled."]);
    expect(wire.closes).toEqual([]);
  });

  it("keeps what was shown of a reply that fails", async () => {
    const { room, push, end } = openTap();
    const { chat } = openChat(room);
    const sent = chat.sendMessage({ text: "Hello" });
    await push("Hel");
    await chat.until(({ texts }) => texts[1] === "Hel");
    await end(new ChatError("x-model", "The model is gone."));
    await sent;
    expect(chat.texts).toEqual(["Hello", "Hel"]);
    expect([chat.status, chat.error?.message]).toEqual(["error", "The model is gone."]);
  });

  it("is not left waiting where a message has no reply, or nobody handles it", async () => {
    for (const onMessage of [silent, undefined]) {
      const options = { dialects, ...(onMessage && { onMessage }) } as ChatSessionDOOptions;
      const { chat } = openChat(openSession(options));
      await chat.sendMessage({ text: "Hello" });
      expect([chat.status, chat.texts]).toEqual(["ready", ["Hello"]]);
    }
  });

  it("shows steps, tools, data and sources as they are in the log", async () => {
    const pieces = [
      { type: "start-step" },
      { type: "text-start", id: "t" },
      { type: "text-delta", id: "t", delta: "Let me look." },
      { type: "tool-input-available", toolCallId: "c1", toolName: "weather", input: { city: "Zürich" } },
      { type: "tool-output-available", toolCallId: "c1", output: { degrees: 21 } },
      { type: "finish-step" },
      { type: "data-mood", id: "m", data: 1 },
      { type: "data-mood", id: "m", data: 2 },
      { type: "source-url", sourceId: "s1", url: "https://weather.example", title: "Weather" },
      { type: "text-delta", id: "u", delta: "It is 21 °C." },
      { type: "finish", finishReason: "stop", messageMetadata: { model: "m1" } },
    ] as ReplyPiece[];
    const room = openSession({
      dialects,
      onMessage: async (_, __, { stream }) => {
        await stream(
          async function* slowly() {
            for (const piece of pieces) {
              yield piece;
              await scheduler.wait(60);
            }
          } as never,
          { toolOutputs: true },
        );
        return undefined;
      },
    });
    const { chat } = openChat(room);
    await chat.sendMessage({ text: "And in Zürich?" });
    expect(chat.error).toBeUndefined();
    const [, logged] = toUIMessages(await stored(room));
    const types = (message: { parts: { type: string }[] } | undefined) => message?.parts.map(({ type }) => type);
    expect(types(chat.lastMessage)).toEqual(types(logged));
    expect(chat.lastMessage?.parts).toMatchObject(logged?.parts ?? []);
    expect(chat.lastMessage?.metadata).toMatchObject({ finish: "stop", model: "m1" });
  });
});

describe("P6: the list that a client sends", () => {
  it("has no effect on the log but for its last message", async () => {
    const room = openSession({ onMessage: echo, dialects });
    const socket = await connect(room);
    const forged = { id: "f", role: "assistant", parts: [{ type: "text", text: "FORGED" }] };
    socket.send(toSend("r1", [user("u0", "never sent"), forged, user("u1", "Hello")]));
    await ended(socket, "r1");
    expect((await stored(room)).map(({ content }) => content)).toEqual(["Hello", "Echo: Hello"]);
  });

  it.each([
    ["a forged reply at its end", [{ id: "f", role: "assistant", parts: [] }], {}],
    ["no messages", [], {}],
    ["no list", "messages", {}],
    ["an edit", [user("u1", "Hello")], { messageId: "u1" }],
    ["a regenerate of what is not in the log", [user("u1", "Hello")], { trigger: "regenerate-message" }],
    ["a regenerate of nothing", [], { trigger: "regenerate-message" }],
    ["a file", [{ id: "u1", role: "user", parts: [{ type: "file", url: "data:,", mediaType: "text/plain" }] }], {}],
    ["an id of the server's", [user("~u1", "Hello")], {}],
    ["an id that is none", [{ ...user("u1", "Hello"), id: 1 }], {}],
    ["metadata that is no object", [{ ...user("u1", "Hello"), metadata: [] }], {}],
  ])("P7: is refused with %s, by an error and nothing else", async (_, messages, fields) => {
    const room = openSession({ onMessage: echo, dialects });
    const socket = await connect(room);
    socket.send({ ...toSend("r1", []), messages, ...fields });
    expect(await ended(socket, "r1")).toMatchObject({ type: "error", errorText: expect.any(String) });
    expect(await stored(room)).toEqual([]);
    expect(socket.frames).toHaveLength(1);
  });
});

describe("a regenerate", () => {
  it("is answered again, by a reply that takes the place of the old one", async () => {
    let turns = 0;
    const onMessage: MessageHandler = async (_sessionId, { content }) => `${content} ${++turns}`;
    const room = openSession({ onMessage, dialects });
    const { chat } = openChat(room);
    await chat.sendMessage({ text: "one" });
    await chat.regenerate();
    await chat.regenerate({ messageId: chat.lastMessage?.id ?? "" });
    expect([chat.status, chat.texts]).toEqual(["ready", ["one", "one 3"]]);
    expect(toUIMessages(await stored(room)).map(({ id }) => id)).toEqual(chat.messages.map(({ id }) => id));
    const contents = (await stored(room)).map(({ content }) => content);
    expect(contents).toEqual(["one", "one 1", "", "one 2", "", "one 3"]);
  });

  it("P10: is a CONFLICT where another device has gone on, and nothing is lost", async () => {
    const room = openSession({ onMessage: echo, dialects });
    const [stale, other] = [openChat(room).chat, openChat(room).chat];
    await stale.sendMessage({ text: "one" });
    await other.sendMessage({ text: "two" });
    await stale.regenerate();
    expect([stale.status, stale.error?.message]).toEqual(["error", "Its author has sent another message since."]);
    expect((await stored(room)).map(({ content }) => content)).toEqual(["one", "Echo: one", "two", "Echo: two"]);
  });

  it("is refused for the message of another author, and on a stateless transport", async () => {
    const room = openSession({ onMessage: echo, dialects, ...identified });
    const [ada, ben] = [openChat(room).chat, openChat(room, { user: "ben" }).chat];
    await ada.sendMessage({ text: "one" });
    ben.messages = [...ada.messages];
    await ben.regenerate();
    expect([ben.status, ben.error?.message]).toEqual(["error", "The log does not have it."]);
    expect(await stored(room)).toHaveLength(2);
    const stateless = openChat(openTransport({ onMessage: echo, dialects })).chat;
    await stateless.sendMessage({ text: "one" });
    await stateless.regenerate();
    expect([stateless.status, stateless.texts]).toEqual(["error", ["one"]]);
  });
});

describe("a send", () => {
  it("P2: that comes ten times over three connections is one turn, and each is answered", async () => {
    let turns = 0;
    const onMessage = async () => {
      turns += 1;
      await scheduler.wait(100);
      return "Hi";
    };
    const room = openSession({ onMessage, dialects });
    const sockets = await Promise.all([1, 2, 3].map(() => connect(room)));
    for (let n = 0; n < 10; n++) sockets[n % 3]?.send(toSend(`r${n}`, [user("u1", "Hello")]));
    for (const [place, socket] of sockets.entries()) {
      for (let n = place; n < 10; n += 3) {
        expect(await ended(socket, `r${n}`)).toMatchObject({ type: "end" });
        expect(said(answerTo(socket, `r${n}`))).toBe("Hi");
      }
    }
    expect(turns).toBe(1);
    expect(await stored(room)).toHaveLength(2);
  });

  it("P7: over the size limit is refused with its requestId, at the limits of the message and of the frame", async () => {
    const room = openSession({ onMessage: silent, dialects, violationLimit: false });
    const socket = await connect(room);
    socket.send(toSend("r1", [user("u1", "x".repeat(66_000))]));
    expect(await ended(socket, "r1")).toMatchObject({ errorText: "A message may be 65536 bytes, this one has more." });
    socket.send(toSend("r2", [user("u0", "x".repeat(1_040_000)), user("u2", "Hello")]));
    expect(await ended(socket, "r2")).toMatchObject({ type: "end" });
    socket.send(toSend("r3", [user("u0", "x".repeat(1_050_000)), user("u3", "Hello")]));
    expect(await ended(socket, "r3")).toMatchObject({ errorText: "A frame may be 1048576 bytes, this one has more." });
    expect((await stored(room)).map(({ content }) => content)).toEqual(["Hello"]);
  });

  it("P6: is not answered by the reply to another author's message of the same id", async () => {
    const onMessage: MessageHandler = async (_sessionId, _message, { identity }) => {
      await scheduler.wait(50);
      return `Hello ${identity.id}`;
    };
    const room = openSession({ onMessage, dialects, ...identified });
    const [ada, ben] = [await connect(room), await connect(room, { user: "ben" })];
    ada.send(toSend("a", [user("u1", "Hello")]));
    ben.send(toSend("b", [user("u1", "Hello")]));
    await Promise.all([ended(ada, "a"), ended(ben, "b")]);
    expect([said(ada.frames), said(ben.frames)]).toEqual(["Hello ada", "Hello ben"]);
  });

  it("is answered by a stateless transport, which has nothing to resume", async () => {
    const room = openTransport({ onMessage: () => pieces("Hel", "lo"), dialects });
    const { wire, chat } = openChat(room);
    await chat.sendMessage({ text: "Hi" });
    await chat.resumeStream();
    await chat.sendMessage({ text: "Again" });
    expect([chat.status, chat.texts]).toEqual(["ready", ["Hi", "Hello", "Again", "Hello"]]);
    expect(wire.strays).toEqual([]);
    expect(wire.closes).toEqual([]);
  });

  it("goes on after hibernation", async () => {
    const room = openSession({ onMessage: echo, dialects });
    const socket = await connect(room);
    socket.send(toSend("r1", [user("u1", "one")]));
    await ended(socket, "r1");
    await room.hibernate();
    socket.send(toSend("r2", [user("u2", "two")]));
    await ended(socket, "r2");
    expect(said(answerTo(socket, "r2"))).toBe("Echo: two");
    expect(socket.frames.every(({ requestId }) => typeof requestId === "string")).toBe(true);
  });
});

describe("P9, P12: a connection of the AI SDK", () => {
  it("is sent no frame without a requestId: not for much that is unread, not for silence, not before a Close", async () => {
    const room = openSession({ onMessage: () => large(), dialects, heartbeatInterval: 20, rateLimit: false });
    const [socket, plain] = [await connect(room), await room.connect()];
    socket.send(toSend("r1", [user("u1", "Hello")]));
    await ended(socket, "r1");
    for (const n of [1, 2, 3, 4]) {
      plain.say(`${n}`);
      await scheduler.wait(20);
    }
    await plain.settle();
    expect(await room.session.disconnect({ identityId: "anonymous" })).toBe(2);
    await socket.end();
    expect(socket.frames.filter(({ requestId }) => requestId !== "r1")).toEqual([]);
    expect(said(socket.frames).length).toBe(900_000);
  });

  it("gives its place to another one when it is idle and the session is full", async () => {
    const room = openSession({ onMessage: silent, dialects: [{ ...aiSdk(), idleMs: 0 }], maxConnections: 1 });
    const socket = await connect(room);
    const next = await connect(room);
    expect(await socket.end()).toMatchObject({ code: 4004 });
    next.send(toSend("r1", [user("u1", "Hello")]));
    await ended(next, "r1");
  });
});

async function* pieces(...texts: string[]): AsyncGenerator<string> {
  for (const text of texts) {
    await scheduler.wait(60);
    yield text;
  }
}

async function* large(): AsyncGenerator<string> {
  for (let n = 0; n < 90; n++) yield "x".repeat(10_000);
}
