import { describe, expect, it } from "vitest";
import { fromWorkersAI, ModelError } from "../../src/ai/index.js";
import { outcome, replay, streamOf, toMessage } from "./recorded.js";

describe("fromWorkersAI", () => {
  it("reads the native format, numbers and whole calls included", async () => {
    const { parts, finish } = await toMessage(replay("workers-ai"));
    expect(parts).toMatchObject([
      { type: "step-start" },
      { type: "text", text: "Guten Tag, 42 🎉" },
      { type: "tool-weather", state: "input-available", input: { city: "Zürich" } },
      { type: "tool-clock", state: "input-available", input: {} },
    ]);
    const usage = { inputTokens: 20, outputTokens: 9, totalTokens: 29 };
    expect(finish).toEqual({ type: "finish", finishReason: "tool-calls", messageMetadata: { usage } });
  });

  it("gives native calls ids that no other reply has", async () => {
    const ids = async () =>
      (await toMessage(replay("workers-ai"))).parts.flatMap((part) => ("toolCallId" in part ? [part.toolCallId] : []));
    const all = [...(await ids()), ...(await ids())];
    expect(new Set(all).size).toBe(4);
  });

  it("reads both formats in one stream, and says once what an event says in both", async () => {
    const { parts, finish } = await toMessage(replay("workers-ai-mixed"));
    expect(parts).toMatchObject([
      { type: "step-start" },
      { type: "reasoning", text: "Hmm, ja." },
      { type: "text", text: "Hallo!" },
      { type: "tool-weather", toolCallId: "chatcmpl-tool-1", input: { city: "Bern" } },
    ]);
    const usage = { inputTokens: 11, outputTokens: 5, totalTokens: 16 };
    const messageMetadata = { usage, model: "@cf/qwen/qwen3-30b-a3b-fp8" };
    expect(finish).toEqual({ type: "finish", finishReason: "tool-calls", messageMetadata });
  });

  it("reads fragments of calls beside the native text, and a response that is an object", async () => {
    const events = [
      { response: { city: "Bern" } },
      { tool_calls: [{ index: 0, id: "one", function: { name: "weather", arguments: '{"city":' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '"Bern"}' } }] },
      { response: null, finish_reason: null, choices: [{ finish_reason: "tool_calls" }] },
    ];
    const { parts } = await toMessage(fromWorkersAI(streamOf(events)));
    expect(parts.slice(1)).toMatchObject([
      { type: "text", text: '{"city":"Bern"}' },
      { type: "tool-weather", toolCallId: "one", input: { city: "Bern" } },
    ]);
  });

  it("throws an error of the stream after what came before it, without its text in the message", async () => {
    const { chunks, error } = await outcome(replay("workers-ai-error"));
    expect(chunks.at(-1)).toMatchObject({ type: "text-delta", delta: "Half" });
    expect(error).toBeInstanceOf(ModelError);
    expect(String(error)).not.toContain("SECRET");
    expect(error).toMatchObject({ cause: [{ code: 3043, message: expect.stringContaining("SECRET") }] });
  });

  it("throws where the native format ends without [DONE]", async () => {
    const { error } = await outcome(fromWorkersAI(streamOf(['data: {"response":"Half"}\n\n'])));
    expect(error).toBeInstanceOf(ModelError);
  });
});
