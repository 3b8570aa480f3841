import { runInDurableObject } from "cloudflare:test";
import type { UIMessage } from "ai";
import { expect, expectTypeOf, it } from "vitest";
import { chatTransport } from "../../../src/ai/react/chat-transport.js";
import { ShownMessages } from "../../../src/ai/react/shown-messages.js";
import { ChatError, type ChatSessionDOOptions } from "../../../src/index.js";
import { listToolCalls } from "../../../src/page/tool-calls.js";
import { TestChat } from "../../fixtures/ai-sdk.js";
import { openCalling } from "../../fixtures/calls.js";
import { Participant } from "../../fixtures/line.js";
import { echo, openSession } from "../../fixtures/rooms.js";
import { Tap } from "../../fixtures/streams.js";

/** A session whose reply is what the test pushes. */
function openTap(options: Partial<ChatSessionDOOptions> = {}) {
  const tap = new Tap();
  const room = openSession({ onMessage: () => tap.pieces(), ...options });
  const within = (act: () => void) => runInDurableObject(room.stub, act);
  return {
    room,
    push: (...pieces: unknown[]) => within(() => tap.push(...pieces)),
    end: (error?: unknown) => within(() => tap.end(error)),
  };
}

function openChat(participant: Participant) {
  return new TestChat({ id: "chat", transport: chatTransport(participant.client) });
}

it("sends what the AI SDK's chat sends, and follows the reply", async () => {
  const { room, push, end } = openTap();
  const ada = await new Participant(room).live();
  const chat = openChat(ada);
  const sent = chat.sendMessage({ text: "Hello", metadata: { mood: "good" } });
  expect(ada.contents).toEqual([]);
  await push("Hel");
  await chat.until(({ texts }) => texts[1] === "Hel");
  expect(chat.status).toBe("streaming");
  await push("lo");
  await end();
  await sent;
  expect([chat.status, chat.texts]).toEqual(["ready", ["Hello", "Hello"]]);
  const { messages } = await room.session.history();
  expect(messages.map(({ id }) => id)).toEqual(chat.messages.map(({ id }) => id));
  expect(messages[0]?.metadata).toMatchObject({ mood: "good" });
});

it("P10: follows a reply through a lost connection", async () => {
  const { room, push, end } = openTap();
  const ada = await new Participant(room).live();
  const chat = openChat(ada);
  const sent = chat.sendMessage({ text: "Hello" });
  await push("one ");
  await chat.until(({ texts }) => texts[1] === "one ");
  ada.line.cut();
  await push("two ");
  await chat.until(({ texts }) => texts[1] === "one two ");
  await push("three");
  await end();
  await sent;
  expect([chat.status, chat.texts[1]]).toEqual(["ready", "one two three"]);
  expect(chat.lastMessage?.parts).toHaveLength(1);
});

it("P2: keeps what is sent without a connection, and sends it once", async () => {
  const room = openSession({ onMessage: echo });
  const ada = new Participant(room, {}, false);
  const chat = openChat(ada);
  const sent = chat.sendMessage({ text: "Hello" });
  await chat.until(({ status }) => status === "submitted");
  ada.client.connect();
  await sent;
  expect([chat.status, chat.texts]).toEqual(["ready", ["Hello", "Echo: Hello"]]);
});

it("P10: asks for a stop until it is answered", async () => {
  const { room, push } = openTap();
  const ada = await new Participant(room).live();
  const chat = openChat(ada);
  const sent = chat.sendMessage({ text: "Hello" });
  await push("Hel");
  await chat.until(({ texts }) => texts[1] === "Hel");
  ada.line.outward = () => [];
  await chat.stop();
  await sent;
  ada.line.outward = (frame) => [frame];
  ada.line.cut();
  const { messages } = await ada.until(({ messages }) => messages.at(-1)?.metadata?.["finish"] === "cancelled");
  expect(messages.at(-1)).toMatchObject({ state: "sent", content: "Hel" });
});

it("takes back what has not left yet when it is stopped", async () => {
  const ada = new Participant(openSession({ onMessage: echo }), {}, false);
  const chat = openChat(ada);
  void chat.sendMessage({ text: "Hello" });
  await chat.until(({ status }) => status === "submitted");
  await chat.stop();
  expect(ada.contents).toEqual([]);
});

it("resumes the reply to this user after a reload, and nothing where there is none", async () => {
  const { room, push, end } = openTap();
  const ada = await new Participant(room).live();
  const before = openChat(ada);
  await before.resumeStream();
  expect(before.status).toBe("ready");
  void before.sendMessage({ text: "Hello" });
  await push("Hel");
  await before.until(({ texts }) => texts[1] === "Hel");
  const reloaded = openChat(new Participant(room));
  const resumed = reloaded.resumeStream();
  await push("lo");
  await reloaded.until(({ texts }) => texts.at(-1) === "Hello");
  await end();
  await resumed;
  expect([reloaded.status, before.texts[1]]).toEqual(["ready", "Hello"]);
});

it.each<[string, Partial<ChatSessionDOOptions>]>([
  ["a handler that returns nothing", { onMessage: async () => undefined }],
  [
    "a handler that returns nothing after a while",
    {
      onMessage: async () => {
        await scheduler.wait(200);
        return undefined;
      },
    },
  ],
  ["a room of people", {}],
])("is ready again after a message that is not answered: %s", async (_, options) => {
  const ada = await new Participant(openSession(options as ChatSessionDOOptions)).live();
  const chat = openChat(ada);
  for (const text of ["Hello", "Anyone?"]) await chat.sendMessage({ text });
  expect([chat.status, chat.texts]).toEqual(["ready", ["Hello", "Anyone?"]]);
});

it("is ready again where the turn ends while the connection is lost, and after a regenerate without a reply", async () => {
  let goOn = (): void => undefined;
  const onMessage = () => new Promise<undefined>((resolve) => (goOn = () => resolve(undefined)));
  const room = openSession({ onMessage });
  const ada = await new Participant(room).live();
  const chat = openChat(ada);
  const sent = chat.sendMessage({ text: "Hello" });
  await ada.until(({ messages }) => messages.at(-1)?.state === "sent");
  ada.line.inward = () => [];
  await runInDurableObject(room.stub, () => goOn());
  ada.line.inward = (frame) => [frame];
  ada.line.cut();
  await sent;
  expect([chat.status, chat.texts]).toEqual(["ready", ["Hello"]]);
  let turns = 0;
  const once = openSession({ onMessage: async () => (++turns === 1 ? "reply" : undefined) });
  const regenerating = openChat(await new Participant(once).live());
  await regenerating.sendMessage({ text: "Hello" });
  await regenerating.regenerate();
  expect([regenerating.status, turns]).toEqual(["ready", 2]);
});

it("shows a reply and what goes on with it as one message with steps", async () => {
  const { room } = openCalling();
  const ada = await new Participant(room, { url: "https://chat.example/room?as=ann" }).live();
  ada.client.send({ id: "m", content: JSON.stringify({ calls: ["c1"] }) });
  const { messages: asked } = await ada.until(({ messages }) => listToolCalls(messages).length === 1);
  ada.client.answer(listToolCalls(asked)[0]?.id ?? "", "paid");
  const { messages } = await ada.until(
    (now) => now.messages.filter(({ metadata }) => metadata?.["continues"]).length === 1,
  );
  const shown = new ShownMessages().update(messages);
  expect(shown.map(({ id, role, parts }) => ({ id, role, parts: parts.map(({ type }) => type) }))).toEqual([
    { id: "m", role: "user", parts: ["text"] },
    { id: asked[1]?.id, role: "assistant", parts: ["text", "dynamic-tool", "step-start", "text"] },
  ]);
  expect(messages.map(({ type }) => type)).toEqual(["message", "message", "tool_call", "tool_result", "message"]);
});

it("tells what went wrong: before the log, in the turn, in the middle of a reply", async () => {
  const onMessage = async (_: string, { content }: { content: string }) => {
    if (content === "fails") throw new ChatError("x-quota", "You have used up today's messages.");
    return cutOff();
  };
  const ada = await new Participant(openSession({ onMessage })).live();
  const chat = openChat(ada);
  const outcome = async (text: string) => {
    await chat.sendMessage({ text });
    return [chat.status, chat.error?.message];
  };
  expect(await outcome("fails")).toEqual(["error", "You have used up today's messages."]);
  expect(await outcome("x".repeat(70_000))).toEqual([
    "error",
    expect.stringContaining("maxMessageSize is 65536 bytes"),
  ]);
  expect(await outcome("streams")).toEqual(["error", "The model is gone."]);
  expect(chat.texts.at(-1)).toBe("Hel");
  await chat.sendMessage({ text: "edited", messageId: chat.messages[0]?.id ?? "" });
  expect([chat.status, chat.error?.message]).toEqual(["error", "A message that was sent cannot be edited."]);
});

it("has a message answered again, and shows the new reply in place of the old one", async () => {
  let turns = 0;
  const ada = await new Participant(
    openSession({ onMessage: async (_session, { content }) => `${content} ${++turns}` }),
  ).live();
  const chat = openChat(ada);
  await chat.sendMessage({ text: "one" });
  await chat.regenerate();
  await chat.regenerate();
  expect([chat.status, chat.texts]).toEqual(["ready", ["one", "one 3"]]);
  expect(ada.contents).toEqual(["one", "one 3"]);
});

it("P10: refuses to have something answered again where another device has gone on", async () => {
  const room = openSession({ onMessage: echo });
  const [ada, other] = [await new Participant(room).live(), await new Participant(room).live()];
  const chat = openChat(ada);
  await chat.sendMessage({ text: "one" });
  // What the other device says does not arrive here before.
  ada.line.inward = (frame) => (frame.includes("two") ? [] : [frame]);
  other.client.send("two");
  await other.shows(["one", "Echo: one", "two", "Echo: two"]);
  await chat.regenerate();
  expect([chat.status, chat.error?.message]).toEqual(["error", "Its author has sent another message since."]);
  expect(other.contents).toEqual(["one", "Echo: one", "two", "Echo: two"]);
});

it("converts what a client shows, and keeps the objects of what has not changed", async () => {
  const { room, push } = openTap();
  const [ada, ben] = [await new Participant(room).live(), await new Participant(room).live()];
  ben.client.send("From another tab");
  await push("Hel");
  const shown = new ShownMessages();
  const first = await ada.until(({ messages }) => messages[1]?.content === "Hel");
  const before = shown.update(first.messages);
  expect(before.map(({ role, metadata }) => [role, metadata["delivery"]])).toEqual([
    ["user", undefined],
    ["assistant", "streaming"],
  ]);
  await push("lo");
  const after = shown.update((await ada.until(({ messages }) => messages[1]?.content === "Hello")).messages);
  expect(after[0]).toBe(before[0]);
  expect(after[1]).not.toBe(before[1]);
  expect(after[1]?.parts).toEqual([{ type: "text", text: "Hello" }]);
  expect(shown.update(ada.client.getSnapshot().messages)[1]).toBe(after[1]);
  expectTypeOf(after).toExtend<UIMessage[]>();
});

async function* cutOff(): AsyncGenerator<string> {
  yield "Hel";
  await scheduler.wait(100);
  throw new ChatError("x-model", "The model is gone.");
}
