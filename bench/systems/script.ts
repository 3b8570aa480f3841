import type { Scenario } from "../scenarios/scenario.js";

/** The words of a reply: no two are the same, and each has a letter of more than one byte. */
export function wordsOf(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `wörd${n + 1} `);
}

/** What a stand-in for a model says of a script, a word at a time. */
export async function* say({ words, gapMs }: Scenario): AsyncGenerator<string, void> {
  for (const word of wordsOf(words)) {
    await scheduler.wait(gapMs);
    yield word;
  }
}

/** What the AI SDK makes of a text, as events. */
export async function* toEvents(pieces: AsyncIterable<string>): AsyncGenerator<string, void> {
  for (const type of ["start", "start-step"]) yield toEvent({ type });
  yield toEvent({ type: "text-start", id: "0" });
  for await (const delta of pieces) yield toEvent({ type: "text-delta", id: "0", delta });
  yield toEvent({ type: "text-end", id: "0" });
  for (const type of ["finish-step", "finish"]) yield toEvent({ type });
  yield "data: [DONE]\n\n";
}

/** A body of events that arrives in reads of so many bytes, as a network may cut it. */
export function cut(events: AsyncIterable<string>, bytes: number): ReadableStream<Uint8Array> {
  const reads = readsOf(events, bytes);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reads.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

async function* readsOf(events: AsyncIterable<string>, bytes: number): AsyncGenerator<Uint8Array, void> {
  let rest = new Uint8Array();
  for await (const event of events) {
    rest = new Uint8Array([...rest, ...new TextEncoder().encode(event)]);
    for (; rest.length >= bytes; rest = rest.subarray(bytes)) {
      await scheduler.wait(0);
      yield rest.slice(0, bytes);
    }
  }
  if (rest.length > 0) yield rest;
}

function toEvent(chunk: object): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

export const HEADERS = { "content-type": "text/event-stream", "x-vercel-ai-ui-message-stream": "v1" };

/** How often a model was asked, by all objects of this worker since it started. */
export const asked = { times: 0 };
