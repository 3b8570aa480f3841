import { describe, expect, it } from "vitest";
import { ChatError, type MessageHandler } from "../../src/index.js";
import {
  answerTo,
  connect,
  dialects,
  ended,
  openChat,
  openTap,
  said,
  stored,
  toSend,
  user,
} from "../fixtures/ai-sdk-rooms.js";
import { echo, openSession } from "../fixtures/rooms.js";
import type { Frame } from "../fixtures/socket.js";

const chunksOf = (frames: readonly Frame[]) =>
  frames.flatMap(({ chunk }) => (chunk === undefined ? [] : [Object(chunk)]));

/** Sends a message on a connection of its own, and resolves with the answer. */
async function send(room: ReturnType<typeof openSession>, requestId: string, fields: object = {}, text = "Hello") {
  const socket = await connect(room);
  socket.send(toSend(requestId, [user("u1", text)], fields));
  await ended(socket, requestId);
  socket.close();
  return answerTo(socket, requestId);
}

describe("P2: a send that comes again after its turn has ended", () => {
  it("is answered by the reply in the log", async () => {
    const room = openSession({ onMessage: echo, dialects });
    const first = await send(room, "r1");
    await room.hibernate();
    const again = await send(room, "r2");
    expect(chunksOf(again)).toEqual(chunksOf(first));
    expect([said(again), again.at(-1)?.["type"]]).toEqual(["Echo: Hello", "end"]);
    expect(await stored(room)).toHaveLength(2);
  });

  it("is answered by all envelopes of its reply, and by nothing that others said", async () => {
    const onMessage: MessageHandler = async (_, { content }, { post }) => {
      await post({ content: "one", type: "system", role: "system" });
      return [`two ${content}`, "three"];
    };
    const room = openSession({ onMessage, dialects });
    const first = await send(room, "r1");
    await room.session.post({ content: "an announcement" });
    expect(chunksOf(await send(room, "r2"))).toEqual(chunksOf(first));
    expect(said(first)).toBe("two Hellothree");
  });

  it("is answered by the newest reply, as a reload shows it", async () => {
    let turns = 0;
    const room = openSession({ onMessage: async () => `reply ${++turns}`, dialects });
    await send(room, "r1");
    await send(room, "r2", { trigger: "regenerate-message" });
    const again = await send(room, "r3");
    const { messages } = await room.session.history();
    expect(said(again)).toBe("reply 2");
    expect(chunksOf(again)[0]).toEqual({ type: "start", messageId: messages.at(-1)?.id });
  });

  it("is told that the turn has failed, or that it has no reply", async () => {
    const failing: MessageHandler = async (_, { content }) => {
      if (content === "fail") throw new ChatError("x-quota", "Used up.");
      return undefined;
    };
    for (const [text, expected] of [
      ["fail", { type: "error", errorText: "The application failed." }],
      ["pass", { type: "end" }],
    ] as const) {
      const room = openSession({ onMessage: failing, dialects });
      await send(room, "r1", {}, text);
      expect(await send(room, "r2", {}, text)).toMatchObject([expected]);
    }
  });

  it("P12: is charged as work, by the size of the reply", async () => {
    const onMessage = async () => "x".repeat(900_000);
    const room = openSession({ onMessage, dialects, workLimit: { burst: 2_000, perSecond: 1 } });
    const types: unknown[] = [];
    const socket = await connect(room);
    for (let n = 0; n < 10; n++) {
      socket.send(toSend(`r${n}`, [user("u1", "Hello")]));
      types.push((await ended(socket, `r${n}`))["type"]);
    }
    expect(types.slice(0, 3)).toEqual(["end", "end", "end"]);
    expect(types.slice(7)).toEqual(["error", "error", "error"]);
  });
});

describe("P10: a second resume on an open connection", () => {
  it("cancels nothing: the reply goes on", async () => {
    const { room, push, end } = openTap();
    const before = openChat(room);
    void before.chat.sendMessage({ text: "Hello" });
    await push("Hel");
    await before.chat.until(({ texts }) => texts[1] === "Hel");
    const { chat, wire } = openChat(room);
    chat.messages = [...before.chat.messages];
    void chat.resumeStream();
    await chat.until(({ status }) => status === "streaming");
    const resumed = chat.resumeStream();
    await expect.poll(() => wire.sent.map(({ type }) => type)).toEqual(["resume", "abort", "resume"]);
    await scheduler.wait(500);
    await push("lo");
    await end();
    await resumed;
    expect((await stored(room)).at(-1)).toMatchObject({ content: "Hello", metadata: { finish: "stop" } });
    expect([chat.texts, wire.strays]).toEqual([["Hello", "Hello"], []]);
  });

  it("is stopped like the first one", async () => {
    const { room, push } = openTap();
    const { chat } = openChat(room);
    void chat.sendMessage({ text: "Hello" });
    await push("Hel");
    await chat.until(({ texts }) => texts[1] === "Hel");
    void chat.resumeStream();
    const resumed = chat.resumeStream();
    await chat.until(({ status }) => status === "streaming");
    await chat.stop();
    await resumed;
    await expect
      .poll(async () => (await stored(room)).at(-1))
      .toMatchObject({ content: "Hel", metadata: { finish: "cancelled" } });
  });
});
