import { jsonSchema, streamText, tool, toUIMessageStream, validateUIMessages } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { describe, expect, it } from "vitest";
import { toModelMessages, toUIMessages } from "../../src/ai/index.js";
import type { ReplySource } from "../../src/index.js";
import { answer, connectAs, replyTo } from "../fixtures/calls.js";
import { openSession } from "../fixtures/rooms.js";

type Prompt = MockLanguageModelV4["doStreamCalls"][number]["prompt"];

const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };
const inputSchema = jsonSchema<{ amount: number }>({ type: "object", properties: { amount: { type: "number" } } });

/** A session with the AI SDK's `streamText`, and a scripted model: it calls both tools, then says what it was given. */
function openAssistant(names: readonly string[]) {
  const paid: number[] = [];
  const prompts: Prompt[] = [];
  const model = new MockLanguageModelV4({
    doStream: async ({ prompt }: { prompt: Prompt }) => {
      prompts.push(prompt);
      const results = prompt.at(-1)?.role === "tool" ? prompt.at(-1)?.content : undefined;
      const said = Array.isArray(results) ? results.map((part) => JSON.stringify(Object(part).output)).join() : "";
      const parts = results
        ? [
            { type: "text-start", id: "t" },
            { type: "text-delta", id: "t", delta: said },
            { type: "text-end", id: "t" },
          ]
        : names.map((toolName, at) => ({
            type: "tool-call",
            toolCallId: `call-${at}`,
            toolName,
            input: '{"amount":5}',
          }));
      const unified = results ? "stop" : "tool-calls";
      const chunks = [
        { type: "stream-start", warnings: [] },
        ...parts,
        { type: "finish", finishReason: { unified }, usage },
      ];
      return {
        stream: new ReadableStream({ start: (to) => void [chunks.map((chunk) => to.enqueue(chunk)), to.close()] }),
      };
    },
  } as never);
  const tools = {
    pay: tool({
      inputSchema,
      needsApproval: true,
      execute: async ({ amount }) => {
        paid.push(amount);
        return { receipt: paid.length };
      },
    }),
    locate: tool({ inputSchema }) as never,
  };
  const room = openSession({
    authenticate: () => ({ id: "ann" }),
    onMessage: async (_id, { type }, { continues, history, signal }) => {
      if (type !== "message" && !continues) return undefined;
      const messages = toModelMessages(await history());
      const { stream } = streamText({ model, tools, messages, abortSignal: signal });
      return toUIMessageStream({ stream }) as unknown as ReplySource;
    },
  });
  return { room, paid, prompts };
}

describe("the AI SDK goes on with a reply whose calls are answered", () => {
  it.each([
    { approved: true, result: '{"type":"json","value":{"receipt":1}}', state: "output-available" },
    { approved: false, result: '{"type":"error-text","value":"Too much."}', state: "approval-responded" },
  ])("approved: $approved, and a result of a client", async ({ approved, result, state }) => {
    const { room, paid, prompts } = openAssistant(["pay", "locate"]);
    const socket = await connectAs(room);
    socket.say("Pay, and say where I am.", { id: "m" });
    const pay = await socket.find(({ type, content }) => type === "tool_call" && content === "pay");
    const locate = await socket.find(({ type, content }) => type === "tool_call" && content === "locate");
    expect(paid).toEqual([]);
    expect([pay.metadata?.["needsApproval"], locate.metadata?.["needsApproval"]]).toEqual([true, undefined]);
    await answer(socket, locate, "r1", "Zürich");
    await answer(socket, pay, "r2", { approved, reason: "Too much." });
    const reply = await replyTo(socket, "r2");
    expect(reply.metadata).toMatchObject({ finish: "stop", continues: expect.any(String) });
    expect(paid).toEqual(approved ? [5] : []);
    expect(
      String(reply["content"])
        .split(/,(?=\{)/)
        .sort(),
    ).toEqual([result, '{"type":"text","value":"Zürich"}'].sort());
    expect(prompts).toHaveLength(2);
    const { messages } = await room.session.history();
    const shown = toUIMessages(messages);
    expect(await validateUIMessages({ messages: shown })).toHaveLength(2);
    expect(shown[1]?.parts.filter(({ type }) => type === "dynamic-tool")).toMatchObject([
      { toolName: "pay", state },
      { toolName: "locate", state: "output-available", output: "Zürich" },
    ]);
    socket.say("Thanks", { id: "m2" });
    await replyTo(socket, "m2");
    expect(paid).toHaveLength(approved ? 1 : 0);
  });
});
