import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { aiSdk } from "../../../src/ai/index.js";
import { chatTransport } from "../../../src/ai/react/chat-transport.js";
import { ShownMessages } from "../../../src/ai/react/shown-messages.js";
import { listToolCalls } from "../../../src/page/tool-calls.js";
import { TestChat, Wire } from "../../fixtures/ai-sdk.js";
import { openCalling } from "../../fixtures/calls.js";
import { Participant } from "../../fixtures/line.js";
import type { Room } from "../../fixtures/rooms.js";

const ASK = JSON.stringify({ calls: ["c1"] });
const ASK_TWO = JSON.stringify({ calls: ["c1", "c2"] });

/** A session whose replies go on until `end`. @param first what they go on with at once */
function openEndless(first = "More") {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const { room } = openCalling({ maxStoredMessages: 1_000 }, async function* goOn() {
    if (first) yield first;
    await ended;
    yield " to come.";
  });
  return { room, end: () => runInDurableObject(room.stub, () => end()) };
}

/** A page of a user in a room. */
async function openPage(room: Room) {
  const participant = await new Participant(room).live();
  const { client } = participant;
  return { participant, client, chat: new TestChat({ id: "chat", transport: chatTransport(client) }) };
}

type Page = Awaited<ReturnType<typeof openPage>>;

const send = ({ chat }: Page, text: string) =>
  chat.sendMessage({ id: "m", role: "user", parts: [{ type: "text", text }] });

/** Answers the first open call there is, on a page. */
async function answer({ participant, client }: Page) {
  const open = (messages: Parameters<typeof listToolCalls>[0]) => listToolCalls(messages).find(({ isOpen }) => isOpen);
  const { messages } = await participant.until((now) => open(now.messages) !== undefined);
  const id = client.answer(String(open(messages)?.id), "paid");
  await participant.until((now) => now.messages.some((one) => one.id === id && one.state === "sent"));
}

const says = ({ participant }: Page, content: string) =>
  participant.until(({ messages }) => messages.some((one) => one.content === content));

/** Of parts what a page and the log have in common. */
const outline = (message: { id: string; parts: readonly object[] } | undefined) => [
  message?.id,
  message?.parts.map((part) => {
    const { type, text, toolCallId, state } = part as Record<string, unknown>;
    return { type, text, ...(toolCallId !== undefined && { toolCallId, state }) };
  }),
];

/** That the chat of a page shows what the log has. */
function expectLogged({ chat, client }: Page) {
  const [, logged] = new ShownMessages().update(client.getSnapshot().messages);
  expect([chat.status, chat.error]).toEqual(["ready", undefined]);
  expect(outline(chat.lastMessage)).toEqual(outline(logged));
}

/** Its connection delivers again, and is made anew. */
function reconnect({ participant: { line } }: Page): void {
  line.inward = (frame) => [frame];
  line.cut();
}

describe("P2: a message that is sent again, after its reply has gone on", () => {
  it("is answered by all of the reply", async () => {
    const { room, end } = openEndless();
    const [first, again] = [await openPage(room), await openPage(room)];
    await send(first, ASK);
    await answer(first);
    await end();
    await says(again, "More to come.");
    await send(again, ASK);
    expect(again.chat.texts.at(-1)).toBe("Let me see.\n\nMore to come.");
    expectLogged(again);
  });

  it("is answered to the end of the turn that goes on", async () => {
    const { room, end } = openEndless();
    const [first, again] = [await openPage(room), await openPage(room)];
    await send(first, ASK);
    await answer(first);
    await says(again, "More");
    const sent = send(again, ASK);
    await again.chat.until(({ texts }) => texts.at(-1) === "Let me see.\n\nMore");
    await end();
    await sent;
    expect(again.chat.texts.at(-1)).toBe("Let me see.\n\nMore to come.");
    expectLogged(again);
  });

  it("is answered to the end of a turn that goes on, and has said nothing yet", async () => {
    const { room, end } = openEndless("");
    const [first, again] = [await openPage(room), await openPage(room)];
    await send(first, ASK);
    await answer(first);
    await again.participant.until(({ messages }) => messages.at(-1)?.type === "tool_result");
    const sent = send(again, ASK);
    await again.chat.until(({ lastMessage }) => lastMessage?.parts[1]?.type === "dynamic-tool");
    await end();
    await sent;
    expect(again.chat.texts.at(-1)).toBe("Let me see.\n\n to come.");
    expectLogged(again);
  });

  it("is stopped like the first one", async () => {
    const { room } = openEndless();
    const [first, again] = [await openPage(room), await openPage(room)];
    await send(first, ASK);
    await answer(first);
    await says(again, "More");
    const sent = send(again, ASK);
    await again.chat.until(({ texts }) => texts.at(-1)?.endsWith("More") === true);
    await again.chat.stop();
    await sent;
    const { messages } = await first.participant.until(({ messages }) => messages.at(-1)?.state === "sent");
    expect(messages.at(-1)).toMatchObject({ content: "More", metadata: { finish: "cancelled" } });
  });

  it("is answered by what there is, where other calls wait", async () => {
    const { room } = openEndless();
    const [first, again] = [await openPage(room), await openPage(room)];
    await send(first, ASK_TWO);
    await answer(first);
    await again.participant.until(({ messages }) => messages.at(-1)?.type === "tool_result");
    await send(again, ASK_TWO);
    expect(again.chat.lastMessage?.parts.slice(1)).toMatchObject([
      { toolCallId: "c1", state: "output-available" },
      { toolCallId: "c2", state: "input-available" },
    ]);
    expectLogged(again);
  });

  it("is answered by what there is, where the turn that goes on has failed", async () => {
    const { room } = openCalling({}, async () => Promise.reject(new Error("out of order")));
    const [first, again] = [await openPage(room), await openPage(room)];
    await send(first, ASK);
    await answer(first);
    await again.participant.until(({ messages }) => messages.some(({ type }) => type === "tool_result"));
    await send(again, ASK);
    expect(again.chat.lastMessage?.parts).toMatchObject([{}, { toolCallId: "c1", state: "output-available" }]);
    expectLogged(again);
  });

  it("is answered by all that went on, more than once", async () => {
    let rounds = 0;
    const { room } = openCalling({}, async function* goOn() {
      if (++rounds > 1) return yield "Done.";
      yield "And more.";
      yield { type: "tool-input-available", toolCallId: "c1", toolName: "pay", input: {} };
      yield { type: "finish", finishReason: "tool-calls" };
    });
    const [first, again] = [await openPage(room), await openPage(room)];
    await send(first, ASK);
    await answer(first);
    await says(first, "And more.");
    await answer(first);
    await says(again, "Done.");
    await send(again, ASK);
    expect(again.chat.texts.at(-1)).toBe("Let me see.\n\nAnd more.\n\nDone.");
    expectLogged(again);
  });
});

it.each([
  ["on one page of the log", 0],
  ["on two", 200],
])(
  "P4: shows a reply that came and was answered while the connection was lost as the log has it: %s",
  async (_, notices) => {
    const { room, end } = openEndless();
    const [page, other] = [await openPage(room), await openPage(room)];
    page.participant.line.inward = () => [];
    const sent = send(page, ASK);
    await other.participant.until(({ messages }) => messages.some(({ type }) => type === "tool_call"));
    for (let n = 0; n < notices; n++)
      await room.session.post({ content: `Notice ${n}`, type: "system", role: "system" });
    await answer(other);
    await end();
    await says(other, "More to come.");
    reconnect(page);
    await sent;
    expect(page.chat.texts.at(-1)).toBe("Let me see.\n\nMore to come.");
    expectLogged(page);
  },
);

it("P4: shows what came of a reply while the connection was lost in the middle of it as the log has it", async () => {
  let rounds = 0;
  let goOn = (): void => undefined;
  const lost = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const { room } = openCalling({}, async function* answered() {
    if (++rounds > 1) return yield "Done.";
    yield "And";
    await lost;
    yield " more.";
    yield { type: "tool-input-available", toolCallId: "c2", toolName: "pay", input: {} };
    yield { type: "finish", finishReason: "tool-calls" };
  });
  const [page, other] = [await openPage(room), await openPage(room)];
  await send(page, ASK);
  await page.participant.until(({ messages }) => messages.some(({ type }) => type === "tool_call"));
  await page.chat.addToolOutput({ tool: "pay", toolCallId: "c1", output: "paid" });
  const followed = page.chat.sendMessage();
  await page.chat.until(({ texts }) => texts.at(-1) === "Let me see.\n\nAnd");
  page.participant.line.inward = () => [];
  await runInDurableObject(room.stub, () => goOn());
  await answer(other);
  await says(other, "Done.");
  reconnect(page);
  await followed;
  expect(page.chat.texts.at(-1)).toBe("Let me see.\n\nAnd more.\n\nDone.");
  expectLogged(page);
});

it.each(["client", "dialect"])(
  "is read with its calls by the AI SDK, and the answer of the log counts: by the %s",
  async (way) => {
    const { room } = openCalling({ dialects: [aiSdk()] });
    const first = await openPage(room);
    await send(first, ASK);
    await answer(first);
    await says(first, "Goes on: paid");
    const { client } = first;
    const wire = new Wire(room, { query: { as: "ann" } });
    const ran: string[] = [];
    const chat: TestChat = new TestChat({
      id: "chat",
      transport: way === "client" ? chatTransport(client) : wire.transport(),
      onToolCall: ({ toolCall: { toolCallId } }) => {
        ran.push(toolCallId);
        void chat.addToolOutput({ tool: "pay", toolCallId, output: "paid twice" });
      },
    });
    await send({ ...first, chat }, ASK);
    // docs/guides/use-chat.md says that tools are not to be run there.
    expect(ran).toEqual(["c1"]);
    expect(chat.lastMessage?.parts).toContainEqual(expect.objectContaining({ toolCallId: "c1", output: "paid" }));
    expectLogged({ ...first, chat });
  },
);
