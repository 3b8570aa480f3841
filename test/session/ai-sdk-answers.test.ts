import { runInDurableObject } from "cloudflare:test";
import { lastAssistantMessageIsCompleteWithApprovalResponses, lastAssistantMessageIsCompleteWithToolCalls } from "ai";
import { describe, expect, it } from "vitest";
import { aiSdk, toUIMessages } from "../../src/ai/index.js";
import type { ChatSessionDOOptions } from "../../src/index.js";
import { SUBPROTOCOL, TestChat, Wire } from "../fixtures/ai-sdk.js";
import { answer, connectAs, openCalling } from "../fixtures/calls.js";
import { openTransport, type Room, type SessionRoom, silent } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";

const dialects = [aiSdk()];

/** The AI SDK's chat as an application has it that asks people, and whose tools run on the page. */
function openChat(room: Room, as = "ann", isAutomatic = true) {
  const wire = new Wire(room, { query: { as } });
  const chat = new TestChat({
    id: room.name,
    transport: wire.transport(),
    sendAutomaticallyWhen: (now) =>
      isAutomatic &&
      (lastAssistantMessageIsCompleteWithToolCalls(now) || lastAssistantMessageIsCompleteWithApprovalResponses(now)),
  });
  return { wire, chat };
}

const open = (options: Partial<ChatSessionDOOptions> = {}, goOn?: Parameters<typeof openCalling>[1]) =>
  openCalling({ dialects, ...options }, goOn);
const askFor = (calls: string[], needsApproval = false) => ({ text: JSON.stringify({ calls, needsApproval }) });
const stored = async (room: SessionRoom) => (await room.session.history()).messages;
const answersIn = async (room: SessionRoom) => (await stored(room)).filter(({ type }) => type === "tool_result");
const statesOf = (chat: TestChat) => chat.lastMessage?.parts.flatMap((part) => ("state" in part ? [part.state] : []));
const isDone = ({ status }: TestChat) => status === "ready" || status === "error";

describe("P6: calls answered by the AI SDK's own chat", () => {
  it("go on with the same message: results of the page, as it has them", async () => {
    const { room, continued } = open();
    const { chat, wire } = openChat(room);
    await chat.sendMessage(askFor(["c1", "c2", "c3"]));
    const first = chat.lastMessage?.id;
    await chat.addToolOutput({ tool: "pay", toolCallId: "c1", output: "Zürich" });
    await chat.addToolOutput({ tool: "pay", toolCallId: "c2", output: { degrees: 21 } });
    expect(continued).toEqual([]);
    await chat.addToolOutput({ tool: "pay", toolCallId: "c3", state: "output-error", errorText: "No network." });
    await chat.until(({ texts }) => texts.at(-1)?.includes("Goes on") === true);
    await chat.until(isDone);
    expect([chat.status, chat.messages.length, chat.lastMessage?.id]).toEqual(["ready", 2, first]);
    expect(chat.texts.at(-1)).toBe('Let me see.\n\nGoes on: Zürich,{"degrees":21},No network.');
    expect(continued[0]?.context.continues?.calls).toMatchObject([
      { content: "Zürich", isError: false, input: { amount: 5, toolCallId: "c1" } },
      { content: '{"degrees":21}', isError: false },
      { content: "No network.", isError: true },
    ]);
    const [, logged] = toUIMessages(await stored(room));
    expect(logged?.parts).toMatchObject(chat.lastMessage?.parts.map(({ type }) => ({ type })) ?? []);
    expect(logged?.parts.slice(1, 4)).toMatchObject([
      { state: "output-available", output: "Zürich" },
      { state: "output-available", output: { degrees: 21 } },
      { state: "output-error", errorText: "No network." },
    ]);
    expect(wire.strays).toEqual([]);
  });

  it.each([true, false])(
    "approved: %s, with the reason, and what became of it stands at the call",
    async (approved) => {
      const { room, continued } = open({}, async function* goOn(_sessionId, _message, { continues }) {
        const [call] = continues?.calls ?? [];
        if (call?.approved) yield { type: "tool-output-available", toolCallId: "c1", output: "paid" } as never;
        yield `So be it.`;
      });
      const { chat } = openChat(room);
      await chat.sendMessage(askFor(["c1"], true));
      expect(statesOf(chat)).toContain("approval-requested");
      await chat.addToolApprovalResponse({ id: "a-c1", approved, reason: "Because." });
      await chat.until(({ texts }) => texts.at(-1)?.includes("So be it.") === true);
      await chat.until(isDone);
      expect([chat.status, chat.texts.at(-1)]).toEqual(["ready", "Let me see.\n\nSo be it."]);
      expect(continued[0]?.context.continues?.calls).toMatchObject([{ approved, reason: "Because." }]);
      expect(statesOf(chat)).toContain(approved ? "output-available" : "approval-responded");
      expect(chat.lastMessage?.parts.filter(({ type }) => type === "dynamic-tool")).toHaveLength(1);
      expect(await answersIn(room)).toHaveLength(1);
    },
  );

  it("that a reply goes on to make are answered, too, and a reload shows all of it", async () => {
    let rounds = 0;
    const { room } = open({}, async function* goOn() {
      if (++rounds > 1) return yield "Done.";
      yield "And more.";
      yield { type: "tool-input-available", toolCallId: "c1", toolName: "pay", input: {} } as never;
      yield { type: "tool-approval-request", toolCallId: "c1", approvalId: "a2" } as never;
      yield { type: "finish", finishReason: "tool-calls" } as never;
    });
    const { chat } = openChat(room);
    await chat.sendMessage(askFor(["c1"], true));
    await chat.addToolApprovalResponse({ id: "a-c1", approved: true });
    await chat.until(({ texts }) => texts.at(-1)?.includes("And more.") === true);
    await chat.until(isDone);
    await chat.addToolApprovalResponse({ id: "a2", approved: true });
    await chat.until(({ texts }) => texts.at(-1)?.includes("Done.") === true);
    await chat.until(isDone);
    expect([chat.status, chat.texts]).toEqual(["ready", [chat.texts[0], "Let me see.\n\nAnd more.\n\nDone."]]);
    const types = (message: { parts: { type: string }[] } | undefined) => message?.parts.map(({ type }) => type);
    expect(types(toUIMessages(await stored(room)).at(-1))).toEqual(types(chat.lastMessage));
  });

  it("P10: are shown from the first envelope of the reply to one who resumes", async () => {
    let goOn = (): void => undefined;
    const { room } = open({}, async function* answered() {
      yield "More";
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      yield " to come.";
    });
    const before = openChat(room).chat;
    await before.sendMessage(askFor(["c1"], true));
    await before.addToolApprovalResponse({ id: "a-c1", approved: true });
    await before.until(({ texts }) => texts.at(-1)?.includes("More") === true);
    const { chat } = openChat(room);
    chat.messages = toUIMessages(await stored(room)) as never;
    const resumed = chat.resumeStream();
    await chat.until(({ texts }) => texts.at(-1) === "Let me see.\n\nMore");
    expect([chat.messages.length, chat.lastMessage?.id]).toEqual([2, before.lastMessage?.id]);
    expect(statesOf(chat)).toContain("approval-responded");
    await runInDurableObject(room.stub, () => goOn());
    await resumed;
    expect([chat.status, chat.texts.at(-1)]).toEqual(["ready", "Let me see.\n\nMore to come."]);
  });
});

describe("P2: an answer that comes again", () => {
  it("ten times over three connections begins one turn, and each is answered", async () => {
    const { room, continued } = open({}, async () => {
      await scheduler.wait(100);
      return "Once.";
    });
    const { chat } = openChat(room, "ann", false);
    await chat.sendMessage(askFor(["c1"], true));
    await chat.addToolApprovalResponse({ id: "a-c1", approved: true });
    const sockets = await Promise.all([1, 2, 3].map(() => connect(room)));
    for (let n = 0; n < 10; n++) sockets[n % 3]?.send(toSend(`r${n}`, [chat.lastMessage]));
    for (let n = 0; n < 10; n++) {
      const socket = sockets[n % 3] as TestSocket;
      expect(await ended(socket, `r${n}`)).toMatchObject({ type: "end" });
      const chunks = socket.frames
        .filter(({ requestId, chunk }) => requestId === `r${n}` && chunk)
        .map(({ chunk }) => chunk);
      expect(chunks[0]).toEqual({ type: "start", messageId: chat.lastMessage?.id });
      expect(chunks.filter((chunk) => Object(chunk).type === "text-delta")).toMatchObject([{ delta: "Once." }]);
    }
    expect(continued).toHaveLength(1);
    expect(await answersIn(room)).toHaveLength(1);
  });

  it("after its turn is an error, so that the AI SDK stops resending it", async () => {
    const { room, continued } = open({}, async () => undefined as never);
    const { chat, wire } = openChat(room);
    await chat.sendMessage(askFor(["c1"]));
    await chat.addToolOutput({ tool: "pay", toolCallId: "c1", output: "5" });
    await chat.until(({ status }) => status === "error");
    expect(chat.error?.message).toBe("None of these calls waits for an answer.");
    expect(wire.sent.filter(({ type }) => type === "send")).toHaveLength(3);
    expect(continued).toHaveLength(1);
  });

  it("with another content, while the first is worked on, is answered already", async () => {
    const { room } = open({}, async () => {
      await scheduler.wait(100);
      return "Once.";
    });
    const [{ chat }, other] = [openChat(room), openChat(room)];
    await chat.sendMessage(askFor(["c1"], true));
    other.chat.messages = structuredClone(chat.messages);
    await chat.addToolApprovalResponse({ id: "a-c1", approved: true });
    await chat.until(({ status }) => status === "submitted");
    await other.chat.addToolApprovalResponse({ id: "a-c1", approved: false });
    await other.chat.until(({ status }) => status === "error");
    expect(other.chat.error?.message).toBe("This was answered already.");
    await chat.until(({ texts }) => texts.at(-1)?.includes("Once.") === true);
  });
});

describe("P6: who answers, and what", () => {
  it("is decided by the server: others are refused, and one whom the application allows is answered", async () => {
    const { room } = open({ mayAnswer: ({ id }) => id === "boss" });
    const { chat } = openChat(room);
    await chat.sendMessage(askFor(["c1"], true));
    for (const [as, outcome] of [
      ["eve", ["error", "This identity may not do this."]],
      ["boss", ["ready", undefined]],
    ] as const) {
      const other = openChat(room, as).chat;
      other.messages = structuredClone(chat.messages);
      await other.addToolApprovalResponse({ id: "a-c1", approved: true });
      await other.until((now) => now.status === "error" || now.texts.at(-1)?.includes("Goes on") === true);
      await other.until(isDone);
      expect([other.status, other.error?.message]).toEqual(outcome);
    }
  });

  it("takes two people: the reply goes on for who answers last", async () => {
    const { room, continued } = open();
    const { chat } = openChat(room);
    const boss = await connectAs(room);
    await chat.sendMessage(askFor(["c1", "c2"], true));
    const call = await boss.find(({ type, metadata }) => type === "tool_call" && metadata?.["toolCallId"] === "c1");
    await answer(boss, call, "r1", { approved: false });
    await chat.addToolApprovalResponse({ id: "a-c1", approved: true });
    await chat.addToolApprovalResponse({ id: "a-c2", approved: true });
    await chat.until(({ texts }) => texts.at(-1)?.includes("Goes on") === true);
    await chat.until(isDone);
    expect([chat.status, chat.error]).toEqual(["ready", undefined]);
    expect(continued[0]?.context.continues?.calls).toMatchObject([{ approved: false }, { approved: true }]);
    expect(chat.lastMessage?.parts).toContainEqual(
      expect.objectContaining({ toolCallId: "c1", approval: { id: "a-c1", approved: false } }),
    );
  });

  it("is neither a forged input nor a result in place of an approval, nor a call that nobody made", async () => {
    const { room, continued } = open();
    const { chat } = openChat(room, "ann", false);
    await chat.sendMessage(askFor(["c1"], true));
    const reply = chat.lastMessage;
    const tool = { type: "dynamic-tool", toolName: "pay", toolCallId: "c1", input: { amount: 5_000 } };
    const socket = await connect(room);
    const send = async (id: string, messageId: string | undefined, part: object) => {
      socket.send(toSend(id, [{ id: messageId, role: "assistant", parts: [{ ...tool, ...part }] }]));
      return ended(socket, id);
    };
    const refused = { type: "error", errorText: "None of these calls waits for an answer." };
    const given = { state: "approval-responded", approval: { id: "a-c1", approved: true } };
    expect(await send("r1", reply?.id, { state: "output-available", output: "paid" })).toMatchObject(refused);
    expect(await send("r2", reply?.id, { ...given, toolCallId: "c9" })).toMatchObject(refused);
    expect(await send("r3", "another", given)).toMatchObject(refused);
    expect(await send("r4", reply?.id, { state: "approval-responded", approval: {} })).toMatchObject({ type: "error" });
    expect(await answersIn(room)).toEqual([]);
    expect(await send("r5", reply?.id, given)).toMatchObject({ type: "end" });
    expect(continued[0]?.context.continues?.calls).toMatchObject([{ approved: true, input: { amount: 5 } }]);
  });

  it("names a reply that is not the last message, and has no calls on a stateless transport", async () => {
    const { room } = open();
    const ben = await connectAs(room, "ben");
    const { chat } = openChat(room, "ann", false);
    await chat.sendMessage(askFor(["c1"], true));
    const reply = chat.lastMessage;
    ben.say("Meanwhile", { id: "b1" });
    await ben.content("Echo: Meanwhile");
    chat.messages = [...chat.messages, { id: "b1", role: "user", parts: [{ type: "text", text: "Meanwhile" }] }];
    await chat.addToolApprovalResponse({ id: "a-c1", approved: true });
    await chat.sendMessage();
    expect([chat.status, chat.messages[1]?.id]).toEqual(["ready", reply?.id]);
    expect(chat.texts[1]).toBe("Let me see.\n\nGoes on: true");
    const socket = await openTransport({ onMessage: silent, dialects }).connect({ protocol: SUBPROTOCOL });
    socket.send(toSend("r1", [chat.messages[1]]));
    expect(await ended(socket, "r1")).toMatchObject({ type: "error" });
  });
});

const connect = (room: SessionRoom) => room.connect({ protocol: SUBPROTOCOL, query: { as: "ann" } });
const toSend = (requestId: string, messages: unknown[]) => {
  return { type: "send", requestId, id: "chat", trigger: "submit-message", messages, headers: {}, body: {} };
};
const ended = (socket: TestSocket, id: string) =>
  socket.find(({ type, requestId }) => requestId === id && (type === "end" || type === "error"));
