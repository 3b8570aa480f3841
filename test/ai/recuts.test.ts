import { uiMessageChunkSchema } from "ai";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromOpenAIChat, type ModelChunk, ModelError } from "../../src/ai/index.js";
import {
  adapterOf,
  collect,
  outcome,
  recorded,
  replay,
  STREAMS,
  streamOf,
  toMessage,
  WHOLE_STREAMS,
} from "./recorded.js";

describe.each([...STREAMS])("the recorded stream %s", (name, text) => {
  const bytes = new TextEncoder().encode(text);
  const read = (pieces: Iterable<Uint8Array | string>) => withoutNewIds(outcome(adapterOf(name)(streamOf(pieces))));

  it("makes the same chunks wherever its bytes are cut in two", async () => {
    const whole = JSON.stringify(await read([bytes]));
    for (let cut = 1; cut < bytes.length; cut++) {
      const cutOutcome = JSON.stringify(await read([bytes.subarray(0, cut), bytes.subarray(cut)]));
      if (cutOutcome !== whole) expect(cutOutcome, `cut at byte ${cut}`).toBe(whole);
    }
  });

  it.each([1, 2, 3, 7, 64, 200])("makes the same chunks in pieces of %i bytes", async (size) => {
    const pieces: Uint8Array[] = [];
    for (let from = 0; from < bytes.length; from += size) pieces.push(bytes.subarray(from, from + size));
    expect(await read(pieces)).toEqual(await read([text]));
  });

  it("makes the same chunks if its last line has no end", async () => {
    expect(await read([text.trimEnd()])).toEqual(await read([text]));
  });

  it("makes the same chunks in any pieces, of text and of bytes", async () => {
    const whole = await read([bytes]);
    const cuts = fc.array(fc.nat(text.length), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const sorted = [0, ...places.sort((one, other) => one - other), text.length];
        const pieces = sorted.slice(1).map((to, index) => text.slice(sorted[index], to));
        expect(await read(pieces)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it("makes the same chunks of events that a provider's package has parsed", async () => {
    const events = text
      .split(/\r\n|\r|\n/)
      .filter((line) => line.startsWith("data: {"))
      .map((line) => JSON.parse(line.slice("data: ".length)));
    const { chunks } = await withoutNewIds(outcome(adapterOf(name)(streamOf(events))));
    const whole = (await read([bytes])).chunks;
    // Without [DONE] nothing says that a stream in the format of Workers AI is complete.
    expect(chunks).toEqual(name === "workers-ai" ? whole.slice(0, chunks.length) : whole);
  });

  it("makes chunks that the AI SDK takes", async () => {
    const { chunks } = await read([bytes]);
    for (const chunk of chunks) expect(await uiMessageChunkSchema().validate?.(chunk)).toMatchObject({ success: true });
  });
});

it.each(WHOLE_STREAMS)("%s ends with its reason, and every part and call of it has ended before", async (name) => {
  const chunks = await collect(replay(name));
  expect(chunks.at(0)).toEqual({ type: "start-step" });
  expect(chunks.slice(-2).map(({ type }) => type)).toEqual(["finish-step", "finish"]);
  expect(unended(chunks)).toEqual([]);
  expect((await toMessage(replay(name))).parts.length).toBeGreaterThan(1);
});

it("a stream that breaks off is an error after what it has shown, at whatever byte it breaks off", async () => {
  const text = recorded("openai-chat");
  const complete = text.indexOf('"finish_reason":"tool_calls"');
  for (let length = 0; length < complete; length += 5) {
    const { chunks, error } = await outcome(fromOpenAIChat(streamOf([text.slice(0, length)])));
    expect(error, `after ${length} characters`).toBeInstanceOf(ModelError);
    expect(chunks.some(({ type }) => type === "finish")).toBe(false);
  }
});

/** Ids that the adapter makes for calls are new each time. Here they become numbers. */
async function withoutNewIds(
  outcome: Promise<{ chunks: ModelChunk[]; error?: unknown }>,
): Promise<{ chunks: ModelChunk[]; error?: unknown }> {
  const { chunks, error } = await outcome;
  const ids: string[] = [];
  const numbered = JSON.stringify(chunks).replaceAll(/call-[0-9a-f-]{36}/g, (id) => {
    if (!ids.includes(id)) ids.push(id);
    return `call-${ids.indexOf(id)}`;
  });
  return { chunks: JSON.parse(numbered), ...(error !== undefined && { error }) };
}

/** Ids of what has started and not ended. */
function unended(chunks: readonly ModelChunk[]): string[] {
  const open = new Set<string>();
  for (const chunk of chunks) {
    if (chunk.type === "text-start" || chunk.type === "reasoning-start") open.add(chunk.id);
    if (chunk.type === "text-end" || chunk.type === "reasoning-end") open.delete(chunk.id);
    if (chunk.type === "tool-input-start") open.add(chunk.toolCallId);
    if (chunk.type === "tool-input-available" || chunk.type === "tool-input-error") open.delete(chunk.toolCallId);
  }
  return [...open];
}
