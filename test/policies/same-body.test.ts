import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChatMessage } from "../../src/protocol/envelope.js";
import { sameBody } from "../../src/session/log/same-body.js";

const message = (metadata?: Record<string, unknown>, more: Partial<ChatMessage> = {}): ChatMessage => ({
  ...{ id: "a", type: "message", role: "user", content: "x", timestamp: 1, ...more },
  ...(metadata && { metadata }),
});

describe("P2: a retry", () => {
  it("has the same type, content and metadata, whatever the server has added", () => {
    expect(sameBody(message(), message({}))).toBe(true);
    expect(sameBody(message({ a: 1 }), message({ a: 1, b: undefined }))).toBe(true);
    expect(sameBody(message({ from: { id: "ada" }, failed: true, a: 1 }), message({ a: 1, from: { id: "eve" } }))).toBe(
      true,
    );
    expect(sameBody(message({ a: 1 }), message({ a: 1 }, { id: "b", timestamp: 2 }))).toBe(true);
    expect(sameBody(message(), message(undefined, { content: "y" }))).toBe(false);
    expect(sameBody(message(), message(undefined, { type: "typing" }))).toBe(false);
  });

  it.each([
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { a: "1" }],
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, {}],
    [{}, { a: null }],
    [{ a: null }, { a: {} }],
    [{ a: [] }, { a: {} }],
    [{ a: [1] }, { a: { 0: 1 } }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: [1] }, { a: [1, 2] }],
    [{ a: { from: 1 } }, { a: {} }],
    [{ a: "toString" }, { toString: "a" }],
  ])("with %j is not one with %j", (one, other) => {
    expect(sameBody(message(one), message(other))).toBe(false);
    expect(sameBody(message(other), message(one))).toBe(false);
  });

  it("may have the keys of its objects in any order, and -0 as JSON keeps it", () => {
    const json = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (metadata) => {
        const stored: Record<string, unknown> = JSON.parse(JSON.stringify(metadata));
        expect(sameBody(message(stored), message(JSON.parse(reverse(metadata))))).toBe(true);
      }),
    );
    expect(sameBody(message({ a: 0 }), message({ a: -0 }))).toBe(true);
    expect(sameBody(message({ a: [null] }), message(JSON.parse('{"a":[1e999]}')))).toBe(true);
  });

  it("is one whose JSON is the same, and no other", () => {
    const small = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(small, small, (one, other) => {
        const isSame = sorted(one) === sorted(other);
        expect(sameBody(message({ a: one }), message({ a: other }))).toBe(isSame);
      }),
    );
  });
});

/** The JSON of a value with the keys of its objects the other way round. */
function reverse(value: unknown): string {
  return JSON.stringify(value, (_key, part) => toOrder(part, (entries) => entries.reverse()));
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, part) =>
    toOrder(part, (entries) => entries.sort(([one], [other]) => (one < other ? -1 : 1))),
  );
}

function toOrder(value: unknown, order: (entries: [string, unknown][]) => [string, unknown][]): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(order(Object.entries(value)));
}
