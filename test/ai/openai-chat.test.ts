import { describe, expect, it } from "vitest";
import { type ChatCompletionEvent, fromOpenAIChat, ModelError } from "../../src/ai/index.js";
import { collect, outcome, replay, streamOf, toMessage } from "./recorded.js";

const MODEL = "gpt-5.2-2026-08-14";

describe("fromOpenAIChat", () => {
  it("makes parts of text and of interleaved calls, with the usage that follows the reason", async () => {
    const { parts, finish } = await toMessage(replay("openai-chat"));
    expect(parts).toMatchObject([
      { type: "step-start" },
      { type: "text", text: "Grüße aus 東京 👩‍👩‍👧, I look it up.\n", state: "done" },
      { type: "tool-weather", toolCallId: "call_Ab1", state: "input-available", input: { city: "Zürich" } },
      { type: "tool-clock", toolCallId: "call_Cd2", state: "input-available", input: {} },
      { type: "tool-sql", toolCallId: "call_Ef3", state: "input-available", input: "select 1" },
    ]);
    const usage = { inputTokens: 212, outputTokens: 61, totalTokens: 273, reasoningTokens: 16, cachedInputTokens: 128 };
    expect(finish).toEqual({ type: "finish", finishReason: "tool-calls", messageMetadata: { usage, model: MODEL } });
  });

  it("passes on each fragment of text and of input as it arrives", async () => {
    const chunks = await collect(replay("openai-chat"));
    const deltas = chunks.flatMap((chunk) => (chunk.type === "text-delta" ? [chunk.delta] : []));
    expect(deltas).toEqual(["Grüße", " aus 東京 👩‍👩‍👧, ", "I look it up.\n"]);
    const inputs = chunks.flatMap((chunk) => (chunk.type === "tool-input-delta" ? [chunk.inputTextDelta] : []));
    expect(inputs).toEqual(['{"city":', '"Zürich"}', "{}", "select ", "1"]);
  });

  it("makes a text of a refusal, and its reason content-filter", async () => {
    const { parts, finish } = await toMessage(replay("openai-chat-refusal"));
    expect(parts).toMatchObject([{ type: "step-start" }, { type: "text", text: "I can't help with that." }]);
    expect(finish).toEqual({ type: "finish", finishReason: "content-filter", messageMetadata: { model: MODEL } });
    expect((await toMessage(replay("openai-chat-filtered"))).finish).toMatchObject({ finishReason: "content-filter" });
  });

  it("reads what other providers do: reasoning, citations, one index for every call, and a call that is not JSON", async () => {
    const { parts, finish } = await toMessage(replay("openai-chat-compatible"));
    const url = "https://weather.example/zurich";
    expect(parts).toMatchObject([
      { type: "step-start" },
      { type: "reasoning", text: "First, the sources." },
      {
        type: "text",
        text: "It is 21 °C.",
        citations: [{ source: { sourceType: "url", url, title: "Zürich today" }, startIndex: 0, endIndex: 12 }],
      },
      { type: "tool-note", toolCallId: "c-1", input: { a: 1 } },
      { type: "tool-note", toolCallId: "c-2", state: "output-error", errorText: expect.stringContaining("not JSON") },
    ]);
    const usage = { inputTokens: 9, outputTokens: 7, totalTokens: 16 };
    expect(finish).toMatchObject({ finishReason: "tool-calls", messageMetadata: { usage } });
  });

  it("gives calls without an id ids of their own, and does not start a call again whose name or id is repeated", async () => {
    const call = (...calls: { name?: string; arguments: string; id?: string; index?: number }[]) => ({
      choices: [{ delta: { tool_calls: calls.map(({ id, index, ...called }) => ({ id, index, function: called })) } }],
    });
    const events: ChatCompletionEvent[] = [
      call({ name: "a", arguments: "{" }, { name: "b", arguments: "[" }),
      call({ name: "a", arguments: "}" }, { arguments: "]" }),
      call({ index: 7, id: "same", name: "c", arguments: "1" }),
      call({ index: 7, id: "same", name: "c", arguments: "2" }),
      { choices: [{ delta: {}, finish_reason: "tool_calls" }] },
    ];
    const chunks = await collect(fromOpenAIChat(streamOf(events)));
    const calls = chunks.flatMap((chunk) => (chunk.type === "tool-input-available" ? [chunk] : []));
    expect(calls.map(({ toolName, input }) => [toolName, input])).toEqual([
      ["a", {}],
      ["b", []],
      ["c", 12],
    ]);
    expect(new Set(calls.map(({ toolCallId }) => toolCallId)).size).toBe(3);
    expect(calls.every(({ toolCallId }) => toolCallId.length > 3)).toBe(true);
  });

  it("reads the first of several choices, and events without any", async () => {
    const choice = (index: number, content: string, finish_reason?: string) => ({
      index,
      delta: { content },
      finish_reason,
    });
    const events: ChatCompletionEvent[] = [
      { choices: null },
      {},
      { choices: [choice(1, "other"), choice(0, "first")] },
      { choices: [choice(1, "other", "stop")] },
      { choices: [choice(0, " choice", "length")] },
    ];
    const { parts, finish } = await toMessage(fromOpenAIChat(streamOf(events)));
    expect(parts.at(-1)).toMatchObject({ text: "first choice" });
    expect(finish).toMatchObject({ finishReason: "length" });
  });

  it("ends with tool-calls where a call is to be answered, whatever the provider's word is, and also beside a refusal", async () => {
    const delta = { refusal: "Not that.", tool_calls: [{ index: 0, id: "c", function: { name: "f", arguments: "" } }] };
    const events: ChatCompletionEvent[] = [{ choices: [{ delta, finish_reason: "stop" }] }];
    expect((await toMessage(fromOpenAIChat(streamOf(events)))).finish).toMatchObject({ finishReason: "tool-calls" });
  });

  it("keeps a provider's own word for a reason that is another", async () => {
    const events: ChatCompletionEvent[] = [
      { choices: [{ delta: { content: "x" }, finish_reason: "insufficient_system_resource" }] },
    ];
    const { finish } = await toMessage(fromOpenAIChat(streamOf(events)));
    const messageMetadata = { rawFinishReason: "insufficient_system_resource" };
    expect(finish).toEqual({ type: "finish", finishReason: "other", messageMetadata });
  });

  it("throws an error of the stream after what came before it, without its text in the message", async () => {
    const { chunks, error } = await outcome(replay("openai-chat-error"));
    expect(chunks.at(-1)).toMatchObject({ type: "text-delta", delta: "Half of an ans" });
    expect(error).toBeInstanceOf(ModelError);
    expect(String(error)).not.toContain("SECRET");
    expect(error).toMatchObject({ cause: { type: "server_error", message: expect.stringContaining("SECRET") } });
  });

  it("throws where the stream ends without a reason", async () => {
    const { chunks, error } = await outcome(replay("openai-chat-cut"));
    expect(chunks.at(-1)).toMatchObject({ type: "text-delta", delta: "Half of an ans" });
    expect(error).toMatchObject({
      name: "ModelError",
      message: expect.stringContaining("before the reply was complete"),
    });
  });
});
