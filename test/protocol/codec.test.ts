import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { type ChatMessage, decodeMessage, encodeMessage } from "../../src/protocol/index.js";
import { complete, decodedMessage, message, text } from "./arbitraries.js";
import { expectedEnvelope, parseJson } from "./oracle.js";
import { refusal } from "./refusal.js";

// Thousands of runs each: a slow machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const hello: ChatMessage = {
  id: "0199c1d2-0000-7000-8000-000000000001",
  type: "message",
  role: "user",
  content: "hello",
  metadata: { from: { id: "u1" } },
  timestamp: 1_764_000_000_000,
};

// Properties use Node's deepStrictEqual, for expect takes a data field named "constructor" for the real one.

/** A value that no type allows, as a caller without types would give it. */
function untyped(value: unknown): never {
  return value as never;
}

describe("decodeMessage", () => {
  it("gives back every envelope that encodeMessage wrote, timestamp included", () => {
    fc.assert(
      fc.property(message, (original) => {
        deepStrictEqual(decodeMessage(encodeMessage(original)), original);
      }),
      { numRuns: 2_000, examples: [[hello]] },
    );
  });

  it("gives back an envelope whose optional fields a client left out, and adds none", () => {
    fc.assert(
      fc.property(decodedMessage, (original) => {
        deepStrictEqual(decodeMessage(JSON.stringify(original)), original);
      }),
      { numRuns: 2_000, examples: [[{ type: "message", content: "" }]] },
    );
  });

  it("answers any value at all with an envelope or an INVALID_MESSAGE", () => {
    const anything = fc.oneof(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true, withTypedArray: true }),
      fc.json(),
      text,
    );
    fc.assert(
      fc.property(anything, (value) => {
        const expected = typeof value === "string" ? expectedEnvelope(parseJson(value)) : undefined;
        if (expected !== undefined) deepStrictEqual(decodeMessage(value), expected);
        else expect(refusal(() => decodeMessage(value)).code).toBe("INVALID_MESSAGE");
      }),
      { numRuns: 3_000 },
    );
  });

  it("agrees with PROTOCOL.md about objects whose fields have every kind of value", () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom("message", "typing", "user", "system", "", "a".repeat(129), "\ud800", -1, 1e308, null, {}, []),
    );
    const shape = fc.record(
      { id: value, type: value, role: value, content: value, metadata: value, timestamp: value },
      { requiredKeys: [] },
    );
    const nearly = fc.tuple(decodedMessage, shape, fc.subarray(["id", "type", "role", "content", "metadata"] as const));
    fc.assert(
      fc.property(nearly, ([valid, odd, kept]) => {
        const keptFields = Object.fromEntries(kept.map((field) => [field, valid[field]]));
        const frame = JSON.stringify({ ...odd, ...valid, ...odd, ...keptFields });
        const expected = expectedEnvelope(JSON.parse(frame));
        if (expected !== undefined) deepStrictEqual(decodeMessage(frame), expected);
        else expect(refusal(() => decodeMessage(frame)).code).toBe("INVALID_MESSAGE");
      }),
      { numRuns: 3_000 },
    );
  });

  it("drops the fields that are not an envelope's", () => {
    const frame = JSON.stringify({ ...hello, seq: 7, after: "e:1", from: { id: "admin" } });
    expect(decodeMessage(frame)).toStrictEqual(hello);
  });

  it("returns objects of its own: what is done to one does not show in the next", () => {
    const frame = encodeMessage(hello);
    const first = decodeMessage(frame);
    first.content = "changed";
    Object.assign(first.metadata ?? {}, { from: "changed" });
    expect(decodeMessage(frame)).toStrictEqual(hello);
  });
});

describe("encodeMessage", () => {
  it("writes one JSON object with the envelope's fields", () => {
    expect(JSON.parse(encodeMessage(hello))).toStrictEqual(hello);
  });

  it("writes the same text again for what it wrote", () => {
    fc.assert(
      fc.property(decodedMessage, (original) => {
        const frame = encodeMessage(complete(original));
        expect(encodeMessage(complete(decodeMessage(frame)))).toBe(frame);
      }),
      { numRuns: 1_000 },
    );
  });

  it("refuses a metadata that JSON cannot carry", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    for (const metadata of [cycle, { count: 1n }]) {
      const error = refusal(() => encodeMessage({ ...hello, metadata }));
      expect(error.code).toBe("INVALID_MESSAGE");
      expect(error.cause).toBeInstanceOf(TypeError);
    }
  });

  it("refuses a metadata nested too deep for JSON to be written", () => {
    const frame = `{"type":"message","content":"","metadata":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`;
    const decoded = decodeMessage(frame);
    expect(refusal(() => encodeMessage(complete(decoded))).code).toBe("INVALID_MESSAGE");
  });

  it("refuses a metadata that would be written as something other than an object", () => {
    for (const metadata of [new Date(0), { toJSON: () => "text" }, { toJSON: () => undefined }]) {
      expect(refusal(() => encodeMessage({ ...hello, metadata: untyped(metadata) })).code).toBe("INVALID_MESSAGE");
    }
  });

  it("writes the envelope's fields and no others, a toJSON of the message among them", () => {
    const extended = { ...hello, seq: 7, toJSON: () => "text" };
    expect(JSON.parse(encodeMessage(extended))).toStrictEqual(hello);
  });

  it("refuses a message that throws when it is read", () => {
    const failure = new Error("not for you");
    const throws = () => {
      throw failure;
    };
    const getter = Object.defineProperty({ ...hello }, "content", { get: throws });
    const metadata = Object.defineProperty({}, "inner", { get: throws, enumerable: true });
    for (const value of [getter, new Proxy(hello, { get: throws }), { ...hello, metadata }]) {
      expect(refusal(() => encodeMessage(value))).toMatchObject({ code: "INVALID_MESSAGE", cause: failure });
    }
  });

  it("refuses what is no envelope, whatever a caller without types gives it", () => {
    const wrong = [undefined, null, 5, "text", [hello], {}, { ...hello, timestamp: Number.NaN }];
    const wrongFields = [{ timestamp: Infinity }, { timestamp: "now" }, { role: "admin" }, { type: "ping" }];
    for (const value of [...wrong, ...wrongFields.map((field) => ({ ...hello, ...field }))]) {
      expect(refusal(() => encodeMessage(untyped(value))).code).toBe("INVALID_MESSAGE");
    }
  });
});
