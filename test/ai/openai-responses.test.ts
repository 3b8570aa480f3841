import { describe, expect, it } from "vitest";
import { ModelError } from "../../src/ai/index.js";
import { outcome, replay, toMessage } from "./recorded.js";

const usage = { inputTokens: 320, outputTokens: 88, totalTokens: 408, reasoningTokens: 40, cachedInputTokens: 256 };
const messageMetadata = { usage, model: "gpt-5.2-2026-08-14" };

describe("fromOpenAIResponses", () => {
  it("makes parts of summaries, text with citations, and calls, with what OpenAI needs back", async () => {
    const { parts, finish } = await toMessage(replay("openai-responses"));
    const openai = (itemId: string, more = {}) => ({ providerMetadata: { openai: { itemId, ...more } } });
    const page = { sourceType: "url", url: "https://weather.example/zurich", title: "Zürich today" };
    expect(parts).toMatchObject([
      { type: "step-start" },
      { type: "reasoning", text: "**Reading** the map", ...openai("rs_1") },
      { type: "reasoning", text: "**Deciding**", ...openai("rs_1", { reasoningEncryptedContent: "gAAA-first" }) },
      {
        type: "text",
        text: "Über Zürich 🌧️ weiß ich etwas.",
        ...openai("msg_1"),
        citations: [
          { source: page, startIndex: 5, endIndex: 11 },
          {
            source: {
              sourceType: "document",
              title: "notes.pdf",
              ...{ providerMetadata: { openai: { file_id: "file-9" } } },
            },
          },
        ],
      },
      { type: "reasoning", text: "", ...openai("rs_2", { reasoningEncryptedContent: "gAAA-second" }) },
      { type: "tool-weather", toolCallId: "call_W1", state: "input-available", input: { city: "Zürich" } },
      { type: "tool-sql", toolCallId: "call_S2", state: "input-available", input: "select 1" },
    ]);
    expect(parts.slice(5)).toMatchObject([
      { callProviderMetadata: { openai: { itemId: "fc_1" } } },
      { callProviderMetadata: { openai: { itemId: "ctc_1" } } },
    ]);
    expect(finish).toEqual({ type: "finish", finishReason: "tool-calls", messageMetadata });
  });

  it("makes a part of its own of a refusal, and its reason content-filter", async () => {
    const { parts, finish } = await toMessage(replay("openai-responses-refusal"));
    expect(parts.slice(1)).toMatchObject([{ text: "Hm. " }, { type: "text", text: "I can't do that." }]);
    expect(finish).toEqual({ type: "finish", finishReason: "content-filter", messageMetadata });
  });

  it("says of an incomplete reply why it is", async () => {
    const { parts, finish } = await toMessage(replay("openai-responses-incomplete"));
    expect(parts.at(-1)).toMatchObject({ text: "A long  answer" });
    expect(finish).toEqual({ type: "finish", finishReason: "length", messageMetadata });
  });

  it.each([
    ["openai-responses-failed", "server_error"],
    ["openai-responses-error", "rate_limit_exceeded"],
  ])("throws the error of %s after what came before it, without its text in the message", async (name, code) => {
    const { chunks, error } = await outcome(replay(name));
    expect(chunks.at(-1)).toMatchObject({ type: "text-delta", delta: "  answer" });
    expect(error).toBeInstanceOf(ModelError);
    expect(String(error)).not.toContain("SECRET");
    expect(error).toMatchObject({ cause: { code, message: expect.stringContaining("SECRET") } });
  });
});
