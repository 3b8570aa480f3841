import { describe, expect, it } from "vitest";
import { ModelError } from "../../src/ai/index.js";
import { collect, outcome, replay, toMessage } from "./recorded.js";

const MODEL = "claude-opus-5-20260901";

describe("fromAnthropic", () => {
  it("makes parts of thinking, text with citations, and calls, with what Anthropic needs back", async () => {
    const { parts, finish } = await toMessage(replay("anthropic"));
    const anthropic = (more: object) => ({ providerMetadata: { anthropic: more } });
    expect(parts).toMatchObject([
      { type: "step-start" },
      { type: "reasoning", text: "Let me überlegen.", ...anthropic({ signature: "EqQBsig" }) },
      { type: "reasoning", text: "", ...anthropic({ redactedData: "EmwKredacted" }) },
      { type: "text", text: "I search for it. 🔎" },
      {
        type: "tool-web_search",
        toolCallId: "srvtoolu_1",
        state: "output-available",
        providerExecuted: true,
        input: { query: "Zürich" },
        output: [{ type: "web_search_result", url: "https://zurich.example", encrypted_content: "Eqgf" }],
      },
      { type: "tool-web_fetch", toolCallId: "srvtoolu_2", state: "output-error", errorText: "url_not_accessible" },
      { type: "text", text: "Zürich ist groß. And now:" },
      { type: "tool-weather", toolCallId: "toolu_1", state: "input-available", input: { city: "Zürich" } },
      { type: "tool-clock", toolCallId: "toolu_2", state: "input-available", input: {} },
    ]);
    const usage = {
      inputTokens: 1030,
      outputTokens: 143,
      totalTokens: 1173,
      reasoningTokens: 20,
      cachedInputTokens: 900,
    };
    expect(finish).toEqual({ type: "finish", finishReason: "tool-calls", messageMetadata: { usage, model: MODEL } });
  });

  it("says which text a citation supports, for blocks of text that follow each other are one part", async () => {
    const { parts } = await toMessage(replay("anthropic"));
    const place = { startIndex: 0, endIndex: "Zürich ist groß.".length };
    expect(parts[6]).toMatchObject({
      citations: [
        {
          source: {
            sourceType: "url",
            url: "https://zurich.example",
            title: "Zürich",
            providerMetadata: { anthropic: { encrypted_index: "Eo8B" } },
          },
          citedText: "Zürich is a city",
          ...place,
        },
        { source: { sourceType: "document", title: "Atlas" }, citedText: "large", ...place },
      ],
    });
  });

  it("makes a chunk of a ping, which shows nothing, so that a turn is not taken for stalled", async () => {
    const chunks = await collect(replay("anthropic"));
    expect(chunks.filter(({ type }) => type === "message-metadata")).toEqual([
      { type: "message-metadata", messageMetadata: {} },
      { type: "message-metadata", messageMetadata: {} },
    ]);
  });

  it.each([
    ["anthropic-refusal", { finishReason: "content-filter" }],
    ["anthropic-max-tokens", { finishReason: "length" }],
    ["anthropic-model-context-window-exceeded", { finishReason: "length" }],
    ["anthropic-pause-turn", { finishReason: "other", messageMetadata: { rawFinishReason: "pause_turn" } }],
  ])("says of %s why it ended", async (name, reason) => {
    const { parts, finish } = await toMessage(replay(name));
    expect(parts.at(-1)).toMatchObject({ type: "text", text: "So far." });
    expect(finish).toMatchObject(reason);
    expect(finish).toMatchObject({
      messageMetadata: { usage: { inputTokens: 1025, outputTokens: 143 }, model: MODEL },
    });
  });

  it("throws an error of the stream after what came before it, without its text in the message", async () => {
    const { chunks, error } = await outcome(replay("anthropic-error"));
    expect(chunks.at(-1)).toMatchObject({ type: "text-delta", delta: "Half of" });
    expect(error).toBeInstanceOf(ModelError);
    expect(String(error)).not.toContain("SECRET");
    expect(error).toMatchObject({ cause: { type: "overloaded_error", message: expect.stringContaining("SECRET") } });
  });
});
