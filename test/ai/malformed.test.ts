import { uiMessageChunkSchema } from "ai";
import fc from "fast-check";
import { expect, it } from "vitest";
import { fromAgentLoop, ModelError } from "../../src/ai/index.js";
import { adapterOf, outcome, recorded, streamOf, toMessage, WHOLE_STREAMS } from "./recorded.js";

/*
 * What providers send is not what they document, sooner or later. Whatever it is, it makes chunks that the AI SDK takes, or a ModelError.
 */

const junk = fc.oneof(fc.jsonValue(), fc.constantFrom(null, "", 0, [], {}, [null], [[]], "stop", { type: "text" }));

it.each(WHOLE_STREAMS)("%s with any value in any place makes valid chunks or a ModelError", async (name) => {
  const events = recorded(name)
    .split(/\r\n|\r|\n/)
    .filter((line) => line.startsWith("data: {"))
    .map((line) => line.slice("data: ".length));
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), junk, async (which, place, value) => {
      const changed = events.map((event, index) =>
        index === which % events.length ? replaceIn(event, place, value) : event,
      );
      const data = changed.map((event) => `data: ${event}\n\n`);
      const { chunks, error } = await outcome(adapterOf(name)(streamOf([...data, "data: [DONE]\n\n"])));
      if (error !== undefined) expect(error, changed[which % events.length]).toBeInstanceOf(ModelError);
      for (const chunk of chunks)
        expect(await uiMessageChunkSchema().validate?.(chunk)).toMatchObject({ success: true });
      if (error === undefined) await toMessage(generate(chunks));
    }),
    { numRuns: 150 },
  );
});

it.each(WHOLE_STREAMS)("%s with an event that is no JSON, or no object, is a ModelError", async (name) => {
  for (const data of ["nonsense", "null", '{"choices":', '{"type":'] as const) {
    const { error } = await outcome(adapterOf(name)(streamOf([`data: ${data}\n\n`])));
    expect(error, data).toBeInstanceOf(ModelError);
  }
});

it("a citation is valid, whatever the provider says of it", async () => {
  const delta = { type: "response.output_text.delta", item_id: "m", content_index: 0, delta: "x" };
  const junk = { url: 5, title: {}, filename: [], start_index: "x", end_index: null };
  const negative = { ...junk, filename: undefined, start_index: -1, end_index: 2 ** 53 };
  const annotations = [junk, { ...junk, url: "" }, { filename: 5 }, negative].map((annotation) => ({
    type: "response.output_text.annotation.added",
    annotation,
  }));
  const data = [delta, ...annotations, { type: "response.completed" }].map(
    (event) => `data: ${JSON.stringify(event)}\n\n`,
  );
  const { chunks, error } = await outcome(adapterOf("openai-responses")(streamOf(data)));
  expect(error).toBeUndefined();
  expect(chunks.find(({ type }) => type === "text-end")).toMatchObject({
    citations: [
      { source: { url: "5" } },
      { source: { sourceType: "document" } },
      { source: { title: "5" } },
      { source: { url: "5" } },
    ],
  });
  for (const chunk of chunks) expect(await uiMessageChunkSchema().validate?.(chunk)).toMatchObject({ success: true });
});

it("an agent loop with any value in any place makes valid chunks or a ModelError", async () => {
  const type = fc.constantFrom(
    "step-start",
    "text-delta",
    "tool-start",
    "tool-end",
    "tool-rejected",
    "handoff",
    "step-complete",
    "done",
  );
  const fields = {
    type,
    delta: junk,
    call: junk,
    result: junk,
    isError: junk,
    reason: junk,
    usage: junk,
    stopReason: junk,
  };
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record(fields)), async (events) => {
      const { chunks, error } = await outcome(fromAgentLoop(generate(JSON.parse(JSON.stringify(events)))));
      if (error !== undefined) expect(error).toBeInstanceOf(ModelError);
      for (const chunk of chunks)
        expect(await uiMessageChunkSchema().validate?.(chunk)).toMatchObject({ success: true });
    }),
    { numRuns: 500 },
  );
});

/** JSON with another value in one of its places. */
function replaceIn(json: string, place: number, value: unknown): string {
  let places = 0;
  JSON.parse(json, () => {
    places++;
  });
  let index = 0;
  return JSON.stringify(JSON.parse(json, (_, old) => (index++ === place % places ? value : old)));
}

async function* generate<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}
