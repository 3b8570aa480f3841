import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteLength, exceedsBytes, stringify } from "../../src/protocol/codec.js";
import { sizeOf } from "../../src/server/stream/reply-stream.js";
import { text } from "./arbitraries.js";
import { refusal } from "./refusal.js";

describe("byteLength", () => {
  it("counts the bytes of UTF-8, three for a lone surrogate", () => {
    expect(["", "a", "é", "€", "😀", "\ud800", "\udc00a"].map(byteLength)).toEqual([0, 1, 2, 3, 4, 3, 4]);
  });

  it("counts as Node does", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(byteLength(value)).toBe(Buffer.byteLength(value));
      }),
    );
  });
});

describe("exceedsBytes", () => {
  it("accepts a text exactly at the limit and refuses one byte more", () => {
    for (const unit of ["a", "é", "€", "😀", "\ud800"]) {
      const value = unit.repeat(100);
      expect(exceedsBytes(value, byteLength(value))).toBe(false);
      expect(exceedsBytes(value, byteLength(value) - 1)).toBe(true);
    }
  });

  it("agrees with the bytes of the text at every limit", () => {
    fc.assert(
      fc.property(text, fc.nat({ max: 64 }), (value, limit) => {
        expect(exceedsBytes(value, limit)).toBe(Buffer.byteLength(value) > limit);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("stringify", () => {
  it("writes JSON", () => {
    expect(stringify({ type: "ping" })).toBe('{"type":"ping"}');
    expect(stringify("\ud800")).toBe('"\\ud800"');
  });

  it("refuses what JSON cannot carry, and says why", () => {
    const error = refusal(() => stringify({ count: 1n }));
    expect(error.code).toBe("INVALID_MESSAGE");
    expect(error.message).toContain("JSON");
    expect(error.cause).toBeInstanceOf(TypeError);
  });
});

it("sizeOf counts the bytes of a piece as JSON, whatever its length and letters", () => {
  const pieces = [61, 62, 63, 64].flatMap((length) =>
    ["a", "é", '"', "\n", "😀"].map((end) => "a".repeat(length) + end),
  );
  expect(pieces.map(sizeOf)).toEqual(pieces.map((piece) => Buffer.byteLength(JSON.stringify(piece))));
});
