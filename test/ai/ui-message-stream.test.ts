import { createUIMessageStreamResponse, streamText, toUIMessageStream, type UIMessageChunk } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { describe, expect, it } from "vitest";
import { fromUIMessageStream, ModelError } from "../../src/ai/index.js";
import { streamOf } from "./recorded.js";

const CHUNKS: UIMessageChunk[] = [
  { type: "start", messageId: "m1" },
  { type: "start-step" },
  { type: "text-start", id: "1" },
  { type: "text-delta", id: "1", delta: "Grüße 🎉" },
  { type: "text-end", id: "1" },
  { type: "data-mood", data: { good: true }, transient: true },
  { type: "finish-step" },
  { type: "finish", finishReason: "stop" },
];

const respond = (chunks: readonly UIMessageChunk[]) => createUIMessageStreamResponse({ stream: streamOf(chunks) });

async function read(
  source: Parameters<typeof fromUIMessageStream>[0],
): Promise<{ chunks: unknown[]; error?: unknown }> {
  const chunks: unknown[] = [];
  try {
    for await (const chunk of fromUIMessageStream(source)) chunks.push(chunk);
    return { chunks };
  } catch (error) {
    return { chunks, error };
  }
}

describe("fromUIMessageStream", () => {
  it("passes on the chunks of a response that the AI SDK has made, as they are", async () => {
    expect(await read(respond(CHUNKS))).toEqual({ chunks: CHUNKS });
    expect(await read(respond(CHUNKS).body ?? streamOf([]))).toEqual({ chunks: CHUNKS });
    const aborted: UIMessageChunk[] = [...CHUNKS.slice(0, 4), { type: "abort" }];
    expect(await read(respond(aborted))).toEqual({ chunks: aborted });
  });

  it("makes the same chunks wherever the response is cut in two", async () => {
    const bytes = new Uint8Array(await respond(CHUNKS).arrayBuffer());
    for (let cut = 1; cut < bytes.length; cut++) {
      expect((await read(streamOf([bytes.subarray(0, cut), bytes.subarray(cut)]))).chunks).toEqual(CHUNKS);
    }
  });

  it("reads what streamText streams", async () => {
    const parts = [
      { type: "text-start", id: "1" },
      { type: "text-delta", id: "1", delta: "Hello" },
      { type: "text-end", id: "1" },
    ] as const;
    const tokens = { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 };
    const usage = { inputTokens: tokens, outputTokens: { total: 1, text: 1, reasoning: 0 } };
    const finish = { type: "finish", finishReason: { unified: "stop", raw: "stop" }, usage } as const;
    const model = new MockLanguageModelV4({ doStream: async () => ({ stream: streamOf([...parts, finish]) }) });
    const { stream } = streamText({ model, prompt: "Hi" });
    const { chunks, error } = await read(createUIMessageStreamResponse({ stream: toUIMessageStream({ stream }) }));
    expect(error).toBeUndefined();
    expect(chunks).toContainEqual(expect.objectContaining({ type: "text-delta", delta: "Hello" }));
    expect(chunks.at(-1)).toMatchObject({ type: "finish", finishReason: "stop" });
  });

  it("throws an error of the stream after what came before it, without its text in the message", async () => {
    const { chunks, error } = await read(respond([...CHUNKS.slice(0, 4), { type: "error", errorText: "SECRET" }]));
    expect(chunks).toEqual(CHUNKS.slice(0, 4));
    expect(error).toBeInstanceOf(ModelError);
    expect(String(error)).not.toContain("SECRET");
    expect(error).toMatchObject({ cause: "SECRET" });
  });

  it("throws where the stream breaks off, is refused, or is another format", async () => {
    const text = CHUNKS.slice(0, 4).map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
    expect(await read(streamOf(text))).toMatchObject({ chunks: CHUNKS.slice(0, 4), error: { name: "ModelError" } });
    expect((await read(new Response("", { status: 503 }))).error).toMatchObject({ name: "ModelError", status: 503 });
    expect((await read(streamOf(['data: {"choices":[]}\n\n']))).error).toBeInstanceOf(ModelError);
  });
});
