import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventStreamParser, MAX_EVENT_LENGTH } from "../../src/ai/adapters/event-stream.js";
import { ModelError } from "../../src/ai/index.js";
import { STREAMS } from "./recorded.js";

describe("an event stream", () => {
  it("yields the same data wherever it is cut in two", () => {
    for (const text of STREAMS.values()) {
      const whole = parse([text]);
      expect(whole.length).toBeGreaterThan(1);
      for (let cut = 1; cut < text.length; cut++) {
        const data = parse([text.slice(0, cut), text.slice(cut)]);
        if (JSON.stringify(data) !== JSON.stringify(whole)) expect(data, `cut at ${cut}`).toEqual(whole);
      }
    }
  });

  it("yields what a reader of the whole text yields, for any text in any pieces", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fragment).map((fragments) => fragments.join(""))), (pieces) => {
        expect(parse(pieces)).toEqual(readWhole(pieces.join("")));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ["LF", "\n"],
    ["CR", "\r"],
    ["CRLF", "\r\n"],
  ])("ends a line with %s", (_, end) => {
    expect(parse([`data: 1${end}data:2${end}${end}data:  3${end}${end}`])).toEqual(["1\n2", " 3"]);
  });

  it("takes CR and LF in two pieces for one end of a line, also with an empty piece between them", () => {
    expect(parse(["data: 1\r", "\ndata: 2\r", "", "\n\r", "\n"])).toEqual(["1\n2"]);
    expect(parse(["data: 1\r", "\rdata: 2\n\n"])).toEqual(["1", "2"]);
  });

  it("leaves out comments, other fields, a byte order mark at the beginning, and events without data", () => {
    const text =
      "\uFEFFdata: 1\n\n: data: 2\nevent: data\nid: 3\nretry: 4\n\ndata\n\ndata:\n\ndatabase: 5\n data: 6\n\n\uFEFFdata: 7\n\ndata: 8\n\n";
    expect(parse([text])).toEqual(["1", "8"]);
  });

  it("ends the last line and the last event with the stream", () => {
    expect(parse(["data: 1\n\ndata: 2"])).toEqual(["1", "2"]);
    expect(parse(["data: 1\n"])).toEqual(["1"]);
    expect(parse([])).toEqual([]);
  });

  it("takes an event of the largest size, and none with one character more, however it is cut", () => {
    const line = `data: ${"x".repeat(MAX_EVENT_LENGTH - "data: ".length)}`;
    expect(parse([line])[0]).toHaveLength(MAX_EVENT_LENGTH - "data: ".length);
    for (const pieces of [[`data: 1\n\n${line}x`], [`data: 1\n\n${line}`, "x"], ["data: 1\n\n", line, "x\n\n"]]) {
      const seen: string[] = [];
      expect(() => parse(pieces, seen)).toThrow(ModelError);
      expect(seen, "what came before it").toEqual(["1"]);
    }
  });

  it("counts all lines of an event", () => {
    const half = `data: ${"x".repeat(MAX_EVENT_LENGTH / 2)}\n`;
    expect(() => parse([half, half])).toThrow(ModelError);
    expect(parse([half, "\n", half])).toHaveLength(2);
  });

  it("keeps nothing of an endless comment or of endless empty events", () => {
    const comment = `:${"x".repeat(1_000_000)}\n`;
    expect(parse([...Array(20).fill(comment), ...Array(1_000).fill("data:\n\n"), "data: 1\n\n"])).toEqual(["1"]);
  });
});

const fragment = fc.constantFrom(
  "data",
  "data:",
  "data: ",
  ":",
  " ",
  "\n",
  "\n",
  "\r",
  "\r\n",
  "\uFEFF",
  "x",
  "é",
  "event: e",
  "\u2028",
);

function parse(pieces: readonly string[], data: string[] = []): string[] {
  const parser = new EventStreamParser();
  for (const piece of pieces) for (const event of parser.push(piece)) data.push(event);
  for (const event of parser.end()) data.push(event);
  return data;
}

/** A second reading of the format, from a text that is there as a whole. */
function readWhole(text: string): string[] {
  const unmarked = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const lines = unmarked.replaceAll("\r\n", "\n").replaceAll("\r", "\n").split("\n");
  const events: string[][] = [[]];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1);
    if (line === "") events.push([]);
    else if (field === "data") events.at(-1)?.push(value.startsWith(" ") ? value.slice(1) : value);
  }
  return events.map((event) => event.join("\n")).filter((data) => data !== "");
}
