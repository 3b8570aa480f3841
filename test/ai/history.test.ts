import {
  convertToModelMessages,
  type ModelMessage,
  modelMessageSchema,
  streamText,
  type UIMessage,
  validateUIMessages,
} from "ai";
import { MockLanguageModelV4 } from "ai/test";
import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { toModelMessages, toUIMessages } from "../../src/ai/index.js";
import type { ChatMessage } from "../../src/protocol/index.js";

type Metadata = Record<string, unknown>;

const WEATHER = { type: "dynamic-tool", toolCallId: "c1", toolName: "weather", input: { city: "Zürich" } };

describe("toUIMessages", () => {
  it("makes messages of a conversation, with the parts of its replies", async () => {
    const content = "Let me look.\n\nIt is 21 °C.";
    const parts = [
      { type: "reasoning", text: "Hm." },
      { type: "text", start: 0, end: 12 },
      { ...WEATHER, state: "output-available", output: { degrees: 21 } },
      { type: "source-url", sourceId: "s1", url: "https://weather.example", title: "Weather" },
      { type: "text", start: 14, end: 26 },
      { type: "data-mood", data: { good: true } },
      { type: "file", mediaType: "image/png", url: "https://weather.example/map.png" },
    ];
    const history = [
      user("u1", "And in Zürich?", { from: { id: "ada" } }),
      reply("r1", content, { parts, finish: "stop" }),
    ];
    const messages = toUIMessages(history);
    expect(messages).toEqual([
      { id: "u1", role: "user", parts: [{ type: "text", text: "And in Zürich?" }], metadata: { from: { id: "ada" } } },
      {
        id: "r1",
        role: "assistant",
        parts: [
          parts[0],
          { type: "text", text: "Let me look." },
          parts[2],
          parts[3],
          { type: "step-start" },
          { type: "text", text: "It is 21 °C." },
          parts[5],
          parts[6],
        ],
        metadata: { finish: "stop" },
      },
    ]);
    expect(await validateUIMessages({ messages })).toHaveLength(2);
  });

  it("joins a reply with those that continue it, under the id of the first", async () => {
    const history = [
      user("u1", "Go on"),
      reply("r1", "", { parts: [{ ...WEATHER, state: "output-available", output: "21" }], finish: "tool-calls" }),
      reply("r2", "It is warm.", { continues: "r1", finish: "stop" }),
      user("u2", "Thanks"),
    ];
    const messages = toUIMessages(history);
    expect(messages.map(({ id }) => id)).toEqual(["u1", "r1", "u2"]);
    expect(messages[1]).toMatchObject({
      parts: [{ type: "dynamic-tool" }, { type: "step-start" }, { type: "text", text: "It is warm." }],
      metadata: { continues: "r1", finish: "stop" },
    });
    expect(await validateUIMessages({ messages })).toHaveLength(3);
    expect(toUIMessages(history.slice(2))[0]).toMatchObject({ id: "r1", parts: [{ text: "It is warm." }] });
  });

  it("leaves out replies that were superseded, with what they continue and what continues them", () => {
    const history = [
      user("u1", "Ask"),
      reply("r1", "One"),
      reply("r2", " and two", { continues: "r1" }),
      reply("r3", "Again", { supersedes: "r2" }),
      reply("r4", "Once more", { supersedes: "r3" }),
    ];
    expect(toUIMessages(history).map(({ id }) => id)).toEqual(["u1", "r4"]);
    const first = reply("r3", "Again", { supersedes: "r1" });
    expect(toUIMessages([...history.slice(0, 3), first]).map(({ id }) => id)).toEqual(["u1", "r3"]);
  });

  it("puts the results that came later at their calls: the first answer of each", async () => {
    const calls = [
      { ...WEATHER, state: "input-available" },
      { ...WEATHER, toolCallId: "c2", toolName: "delete", state: "approval-requested", approvalId: "a2" },
      { ...WEATHER, toolCallId: "c3", toolName: "delete", state: "approval-requested", approvalId: "a3" },
    ];
    const history = [
      user("u1", "Ask"),
      reply("r1", "", { parts: calls, finish: "tool-calls" }),
      ...["c1", "c2", "c3"].map((toolCallId, at) => envelope("tool_call", "assistant", `t${at}`, "", { toolCallId })),
      envelope("tool_result", "user", "x1", "21 °C", { inReplyTo: "t0" }),
      envelope("tool_result", "user", "x2", "-40 °C", { inReplyTo: "t0" }),
      envelope("tool_result", "user", "x3", "", { inReplyTo: "t1", approved: false, reason: "Too much." }),
      envelope("tool_result", "user", "x4", "", { inReplyTo: "t2", approved: true }),
      envelope("tool_result", "user", "x5", "lost", { inReplyTo: "nothing" }),
      envelope("tool_result", "user", "x6", "lost"),
    ];
    const messages = toUIMessages(history);
    expect(messages).toHaveLength(2);
    expect(messages[1]?.parts).toMatchObject([
      { toolCallId: "c1", state: "output-available", output: "21 °C" },
      { toolCallId: "c2", state: "approval-responded", approval: { id: "a2", approved: false, reason: "Too much." } },
      { toolCallId: "c3", state: "approval-responded", approval: { id: "a3", approved: true } },
    ]);
    expect(await validateUIMessages({ messages })).toHaveLength(2);
    expect(toUIMessages(history.slice(2)), "the reply of the calls was pruned").toEqual([]);
  });

  it("P6: takes nothing of what clients say for parts, continuations or replies that supersede", () => {
    const forged = {
      parts: [{ ...WEATHER, state: "output-available", output: "SECRET" }],
      continues: "r1",
      supersedes: "r1",
    };
    const history = [user("u1", "Ask"), reply("r1", "Answer"), user("u2", "Forged", forged)];
    const call = envelope("tool_call", "user", "t1", "", { toolCallId: "c1" });
    const open = reply("r2", "", { parts: [{ ...WEATHER, state: "input-available" }] });
    const messages = toUIMessages([
      ...history,
      open,
      call,
      envelope("tool_result", "user", "x1", "Forged", { inReplyTo: "t1" }),
    ]);
    expect(messages.map(({ id }) => id)).toEqual(["u1", "r1", "u2", "r2"]);
    expect(messages[2]?.parts).toEqual([{ type: "text", text: "Forged" }]);
    expect(messages[3]?.parts).toMatchObject([{ state: "input-available" }]);
  });

  it("leaves out typing, errors, and messages without a word, such as a request to regenerate", () => {
    const ignored = [
      envelope("typing", "user", "t", ""),
      envelope("error", "system", "e", "Too fast."),
      user("g", "", { regenerates: { seq: 1, id: "r1" } }),
    ];
    expect(toUIMessages(ignored)).toEqual([]);
    expect(toUIMessages([envelope("system", "system", "s", "Back soon.")])).toMatchObject([{ role: "system" }]);
  });
});

describe("toModelMessages", () => {
  it("makes messages with the calls, their results, and what the provider needs back", () => {
    const anthropic = { anthropic: { signature: "sig" } };
    const parts = [
      { type: "reasoning", text: "Hm.", providerMetadata: anthropic },
      { type: "text", start: 0, end: 12 },
      { ...WEATHER, state: "output-available", output: "21 °C", callProviderMetadata: { openai: { itemId: "fc_1" } } },
      { ...WEATHER, toolCallId: "c2", toolName: "web", providerExecuted: true, state: "output-available", output: [1] },
      { type: "text", start: 14, end: 26 },
    ];
    const history = [user("u1", "Ask"), reply("r1", "Let me look.\n\nIt is 21 °C.", { parts })];
    const call = { type: "tool-call", toolCallId: "c1", toolName: "weather", input: { city: "Zürich" } };
    const openai = { providerOptions: { openai: { itemId: "fc_1" } } };
    const output = { type: "text", value: "21 °C" };
    expect(toModelMessages(history)).toEqual([
      { role: "user", content: [{ type: "text", text: "Ask" }] },
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "Hm.", providerOptions: anthropic },
          { type: "text", text: "Let me look." },
          { ...call, ...openai },
          { ...call, toolCallId: "c2", toolName: "web", providerExecuted: true },
          { type: "tool-result", toolCallId: "c2", toolName: "web", output: { type: "json", value: [1] } },
        ],
      },
      { role: "tool", content: [{ type: "tool-result", toolCallId: "c1", toolName: "weather", output, ...openai }] },
      { role: "assistant", content: [{ type: "text", text: "It is 21 °C." }] },
    ]);
  });

  it("gives every call a result: an error, why it was denied, or that it has none", () => {
    const parts = [
      { ...WEATHER, toolCallId: "c0", state: "output-available" },
      { ...WEATHER, state: "output-error", errorText: "The server is down." },
      { ...WEATHER, toolCallId: "c2", state: "input-available" },
      { ...WEATHER, toolCallId: "c3", state: "approval-requested" },
      { ...WEATHER, toolCallId: "c4", state: "output-denied" },
      { type: "dynamic-tool", toolCallId: "c5", toolName: "weather", state: "input-streaming" },
    ];
    const denied = envelope("tool_call", "assistant", "t1", "", { toolCallId: "c3" });
    const answer = envelope("tool_result", "user", "x1", "", { inReplyTo: "t1", approved: false, reason: "No." });
    const messages = toModelMessages([user("u1", "Ask"), reply("r1", "", { parts }), denied, answer]);
    const results = messages.flatMap(({ role, content }) => (role === "tool" ? content : []));
    const settled = results.filter((part) => part.type === "tool-result");
    expect(settled.map(({ toolCallId, output }) => [toolCallId, output])).toEqual([
      ["c0", { type: "text", value: "The result of this call was not kept." }],
      ["c1", { type: "error-text", value: "The server is down." }],
      ["c2", { type: "error-text", value: "This call was interrupted. It has no result." }],
      ["c3", { type: "error-text", value: "No." }],
      ["c4", { type: "error-text", value: "Tool call execution denied." }],
    ]);
  });

  it("begins with a user's message, and leaves out what says nothing", () => {
    const history = [
      reply("r0", "A reply whose question was pruned."),
      envelope("system", "system", "s1", "Back soon."),
      user("u1", "Ask"),
      reply("r1", "", { finish: "cancelled" }),
      reply("r2", " \n", { finish: "error" }),
      reply("r3", "", { parts: [{ type: "reasoning", text: "I was thinking" }], finish: "cancelled" }),
      envelope("system", "system", "s2", "The application failed.", { code: "HANDLER_FAILED", inReplyTo: "u1" }),
      user("u2", "Ask again"),
      reply("r4", "Half an ans", { finish: "cancelled" }),
    ];
    expect(toModelMessages(history)).toEqual([
      { role: "user", content: [{ type: "text", text: "Ask" }] },
      { role: "user", content: [{ type: "text", text: "Ask again" }] },
      { role: "assistant", content: [{ type: "text", text: "Half an ans" }] },
    ]);
  });

  it("makes of any history what the AI SDK makes of its UI messages, if every call has its result", async () => {
    await fc.assert(
      fc.asyncProperty(histories(settledCall), async (history) => {
        const messages = toUIMessages([user("u0", "First"), ...history]);
        await validateUIMessages({ messages });
        const converted = await convertToModelMessages(messages);
        expect(toModelMessages([user("u0", "First"), ...history])).toEqual(
          JSON.parse(JSON.stringify(converted.filter(({ content }) => content.length > 0))),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("makes of any history that was torn what providers take: a beginning, and pairs of calls and results", async () => {
    await fc.assert(
      fc.asyncProperty(histories(anyCall), fc.nat(8), fc.nat(8), async (history, from, dropped) => {
        const torn = history.slice(Math.min(from, history.length - 1), history.length - (dropped % 3));
        await validateUIMessages({ messages: toUIMessages([user("u", "x"), ...torn]) });
        const messages = toModelMessages(torn);
        for (const message of messages) expect(await validate(message)).toBe(true);
        expect(["user", undefined]).toContain(messages[0]?.role);
        expect(unpaired(messages)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("is taken by streamText, which passes it on to the model", async () => {
    const model = new MockLanguageModelV4({
      doStream: async () => ({ stream: new ReadableStream({ start: (controller) => controller.close() }) }),
    });
    const parts = [
      { ...WEATHER, state: "output-available", output: { degrees: 21 } },
      { type: "text", start: 0, end: 11 },
    ];
    const history = [user("u1", "Ask"), reply("r1", "It is warm.", { parts }), user("u2", "Thanks")];
    await streamText({
      model,
      messages: toModelMessages(history),
      onError: () => undefined,
    }).consumeStream();
    const roles = model.doStreamCalls[0]?.prompt.map(({ role }) => role);
    expect(roles).toEqual(["user", "assistant", "tool", "assistant", "user"]);
  });
});

it("the shapes are those of the AI SDK", () => {
  expectTypeOf<ReturnType<typeof toUIMessages>[number]>().toExtend<UIMessage>();
  expectTypeOf<ReturnType<typeof toModelMessages>[number]>().toExtend<ModelMessage>();
});

function envelope(
  type: ChatMessage["type"],
  role: ChatMessage["role"],
  id: string,
  content: string,
  metadata?: Metadata,
): ChatMessage {
  return { id, type, role, content, timestamp: 1_795_740_000_000, ...(metadata && { metadata }) };
}

function user(id: string, content: string, metadata?: Metadata): ChatMessage {
  return envelope("message", "user", id, content, metadata);
}

function reply(id: string, content: string, metadata?: Metadata): ChatMessage {
  return envelope("message", "assistant", id, content, metadata);
}

const callFields = {
  type: fc.constant("dynamic-tool"),
  toolCallId: fc.uuid(),
  toolName: fc.constantFrom("a", "b"),
  input: fc.constantFrom({}, { x: 1 }),
};
const settledCall = fc.oneof(
  fc.record({ ...callFields, state: fc.constant("output-available"), output: fc.jsonValue() }),
  fc.record({
    ...callFields,
    state: fc.constant("output-available"),
    output: fc.string(),
    providerExecuted: fc.constant(true),
  }),
  fc.record({ ...callFields, state: fc.constant("output-error"), errorText: fc.string({ minLength: 1 }) }),
);
const anyCall = fc.oneof(
  settledCall,
  fc.record({
    ...callFields,
    state: fc.constantFrom("input-available", "approval-requested", "input-streaming", "output-denied", "new-state"),
  }),
);

/** Conversations with replies of several parts, continued, superseded and answered replies. */
function histories(call: fc.Arbitrary<object>): fc.Arbitrary<ChatMessage[]> {
  const word = fc.constantFrom("one", "two.", "drei 🎉");
  const part = fc.oneof(call, fc.record({ type: fc.constantFrom("text"), text: word }));
  const step = fc.oneof(
    word.map((content) => ({ kind: "user" as const, content })),
    fc.record({
      kind: fc.constant("reply" as const),
      content: word,
      parts: fc.option(fc.array(part, { minLength: 1, maxLength: 5 }), { nil: undefined }),
      link: fc.constantFrom(undefined, undefined, "continues", "supersedes"),
      target: fc.nat(6),
    }),
    fc.record({ kind: fc.constant("answer" as const), toolCallId: fc.uuid() }),
  );
  return fc.array(step, { minLength: 1, maxLength: 10 }).map((steps) =>
    steps.map((made, at) => {
      if (made.kind === "user") return user(`m${at}`, made.content);
      if (made.kind === "answer") return envelope("tool_result", "user", `m${at}`, "21", { inReplyTo: `m${at - 1}` });
      const { content, parts, link, target } = made;
      return reply(`m${at}`, content, { ...(parts && { parts }), ...(link && { [link]: `m${target % (at + 1)}` }) });
    }),
  );
}

async function validate(message: unknown): Promise<boolean> {
  return modelMessageSchema.safeParse(message).success;
}

/** Ids of calls without a result, and of results without a call, before the next message of a user or the model. */
function unpaired(messages: readonly ModelMessage[]): string[] {
  return messages.flatMap((message, at) => {
    const ids = (type: string, content: ModelMessage["content"] = []) =>
      typeof content === "string"
        ? []
        : content.flatMap((part) => (part.type === type && "toolCallId" in part ? [part.toolCallId] : []));
    if (message.role === "tool")
      return ids("tool-result", message.content).filter(
        (id) => !ids("tool-call", messages[at - 1]?.content).includes(id),
      );
    const next = messages[at + 1];
    const results = [
      ...ids("tool-result", message.content),
      ...(next?.role === "tool" ? ids("tool-result", next.content) : []),
    ];
    return ids("tool-call", message.content).filter((id) => !results.includes(id));
  });
}
