import { describe, expect, it } from "vitest";
import { clientTextFrame, FrameSplitter } from "../../torture/frames.js";
import { type FrameRule, Lane } from "../../torture/lane.js";

const HEAD = Buffer.from("GET / HTTP/1.1\r\nSec-WebSocket-Extensions: permessage-deflate\r\nHost: a\r\n\r\n");
const BARE_HEAD = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/** A lane past its head, and the texts of the frames that came out of it. */
function lane(): { lane: Lane; texts: () => string[] } {
  let out = Buffer.alloc(0);
  const passing = new Lane({
    deliver: (bytes) => {
      out = Buffer.concat([out, bytes]);
    },
    passed: () => undefined,
  });
  passing.push(HEAD);
  expect(out.toString()).toBe(BARE_HEAD);
  return {
    lane: passing,
    texts: () => new FrameSplitter().push(out.subarray(BARE_HEAD.length)).map(({ text }) => text),
  };
}

describe("the frames of the torture run", () => {
  it.each([0, 1, 125, 126, 65_535])("are cut out of a stream wherever it breaks, with %i bytes in them", (size) => {
    const text = "é".padEnd(size - 1, "x").slice(0, Math.max(0, size - 1));
    const bytes = Buffer.concat([clientTextFrame(text), clientTextFrame("next")]);
    for (const at of [1, 2, 3, 5, 6, 7, bytes.length - 12, bytes.length - 1]) {
      const splitter = new FrameSplitter();
      const frames = [...splitter.push(bytes.subarray(0, at)), ...splitter.push(bytes.subarray(at))];
      expect(frames.map((frame) => frame.text)).toEqual([text, "next"]);
    }
  });
});

describe("a lane of the torture run", () => {
  it("passes on a head without extensions, then frames, in order", () => {
    const { lane: passing, texts } = lane();
    for (const text of ["1", "2"]) passing.push(clientTextFrame(text));
    expect(texts()).toEqual(["1", "2"]);
  });

  it("holds what comes and delivers it on release, before its end", () => {
    const { lane: passing, texts } = lane();
    passing.hold();
    passing.push(clientTextFrame("1"));
    const ends: string[][] = [];
    passing.end(() => ends.push(texts()));
    expect([texts(), ends]).toEqual([[], []]);
    passing.release();
    expect(ends).toEqual([["1"]]);
  });

  it.each<[string, FrameRule["copies"], string[]]>([
    ["loses", 0, ["1", "2"]],
    ["repeats", 2, ["1", "2", "2", "2"]],
  ])("%s the next frame that matches, once", (_does, copies, expected) => {
    const { lane: passing, texts } = lane();
    let applied = 0;
    passing.arm({ matches: (text) => text === "2", copies, applied: () => applied++ });
    for (const text of ["1", "2", "2"]) passing.push(clientTextFrame(text));
    expect([texts(), applied]).toEqual([expected, 1]);
  });

  it("swallows all that comes", () => {
    const { lane: passing, texts } = lane();
    passing.swallow();
    passing.push(clientTextFrame("1"));
    expect(texts()).toEqual([]);
  });

  it("tears the next frame in two and then cuts", () => {
    const { lane: passing, texts } = lane();
    let cut = 0;
    passing.tear(() => cut++);
    passing.push(clientTextFrame("1"));
    expect([texts(), cut]).toEqual([[], 1]);
  });
});
