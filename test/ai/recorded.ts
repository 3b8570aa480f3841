/// <reference types="vite/types/importMeta.d.ts" />
import { readUIMessageStream, type UIMessage, type UIMessageChunk } from "ai";
import {
  fromAnthropic,
  fromOpenAIChat,
  fromOpenAIResponses,
  fromWorkersAI,
  type ModelChunk,
  type ModelReply,
} from "../../src/ai/index.js";

/** A reply's stream as bytes, by any of the adapters that read one. */
export type FromBytes = (source: Response | ReadableStream<Uint8Array | string>) => ModelReply;

const ADAPTERS: Record<string, FromBytes> = {
  "openai-chat": fromOpenAIChat,
  "openai-responses": fromOpenAIResponses,
  anthropic: fromAnthropic,
  "workers-ai": fromWorkersAI,
};

const FILES = import.meta.glob<string>("./streams/*.txt", { query: "?raw", import: "default", eager: true });

/** Every recorded stream by its name, as its provider sends it. */
export const STREAMS: ReadonlyMap<string, string> = new Map(
  Object.entries(FILES).map(([path, text]) => [path.slice("./streams/".length, -".txt".length), text]),
);

/** The names of the streams that end as they should. */
export const WHOLE_STREAMS = [...STREAMS.keys()].filter((name) => !/-(error|failed|cut)$/.test(name));

export function recorded(name: string): string {
  const text = STREAMS.get(name);
  if (text === undefined) throw new Error(`There is no test/ai/streams/${name}.txt.`);
  return text;
}

/** The adapter for a recorded stream: streams are named after theirs. */
export function adapterOf(name: string): FromBytes {
  const [, adapter] = Object.entries(ADAPTERS).find(([prefix]) => name.startsWith(prefix)) ?? [];
  if (adapter === undefined) throw new Error(`The name ${name} begins with none of ${Object.keys(ADAPTERS)}.`);
  return adapter;
}

/** A stream of these pieces, each of which is read by itself. */
export function streamOf<Piece>(pieces: Iterable<Piece>): ReadableStream<Piece> {
  const iterator = pieces[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** The chunks of a recorded stream that arrives in one piece. */
export function replay(name: string): ModelReply {
  return adapterOf(name)(streamOf([recorded(name)]));
}

export async function collect(reply: AsyncIterable<ModelChunk>): Promise<ModelChunk[]> {
  const chunks: ModelChunk[] = [];
  for await (const chunk of reply) chunks.push(chunk);
  return chunks;
}

/** What the chunks are, and what ended them. */
export async function outcome(reply: AsyncIterable<ModelChunk>): Promise<{ chunks: ModelChunk[]; error?: unknown }> {
  const chunks: ModelChunk[] = [];
  try {
    for await (const chunk of reply) chunks.push(chunk);
    return { chunks };
  } catch (error) {
    return { chunks, error };
  }
}

/** The message that the AI SDK makes of the chunks, and the last of them. It throws for what it cannot read. */
export async function toMessage(
  reply: AsyncIterable<ModelChunk>,
): Promise<{ parts: UIMessage["parts"]; finish: unknown }> {
  const chunks = await collect(reply);
  const stream: ReadableStream<UIMessageChunk> = streamOf(chunks);
  let message: UIMessage | undefined;
  for await (const state of readUIMessageStream({ stream, terminateOnError: true })) message = state;
  return { parts: message?.parts ?? [], finish: chunks.at(-1) };
}
