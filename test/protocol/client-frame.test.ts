import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { type Dialect, PING_FRAME, PONG_FRAME } from "../../src/protocol/index.js";
import { clientEnvelope, decodedMessage } from "./arbitraries.js";
import { decodeClientFrame } from "./decode.js";
import { refusal } from "./refusal.js";

// Thousands of runs each: a slow machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const dialects: Dialect[] = ["plain", "v1"];
const envelopeTypes = ["message", "typing", "error", "tool_call", "tool_result", "system"];
const controlTypes = ["ping", "pong", "next", "history", "auth", "cancel", "await"];

describe.each(dialects)("decodeClientFrame on %s", (dialect) => {
  it("reads both heartbeats, with anything else in them dropped", () => {
    expect(decodeClientFrame(PING_FRAME, dialect)).toStrictEqual({ type: "ping" });
    expect(decodeClientFrame(PONG_FRAME, dialect)).toStrictEqual({ type: "pong" });
    expect(decodeClientFrame('{ "type": "ping", "id": "a" }', dialect)).toStrictEqual({ type: "ping" });
  });

  it("reads every envelope", () => {
    fc.assert(
      fc.property(decodedMessage, (envelope) => {
        deepStrictEqual(decodeClientFrame(JSON.stringify(envelope), dialect), envelope);
      }),
      { numRuns: 1_000 },
    );
  });

  it("refuses a known type without its content, and names the envelope at fault", () => {
    for (const type of envelopeTypes) {
      const error = refusal(() => decodeClientFrame(JSON.stringify({ id: "a1", type }), dialect));
      expect(error).toMatchObject({ code: "INVALID_MESSAGE", inReplyTo: "a1" });
    }
  });

  it("refuses a type that is missing or no string", () => {
    for (const type of [undefined, null, 1, true, [], {}, ["message"], { type: "message" }]) {
      const error = refusal(() => decodeClientFrame(JSON.stringify({ type, content: "x" }), dialect));
      expect(error.code).toBe("INVALID_MESSAGE");
    }
  });

  it("refuses what is no text frame with a JSON object", () => {
    for (const frame of [undefined, null, 7, new ArrayBuffer(2), "", "{", "[]", "null", '"ping"', "ping"]) {
      expect(refusal(() => decodeClientFrame(frame, dialect)).code).toBe("INVALID_MESSAGE");
    }
  });
});

describe("decodeClientFrame on plain", () => {
  it("refuses every control frame but the heartbeats and a cancel", () => {
    for (const type of [
      "next",
      "history",
      "auth",
      "await",
      "hello",
      "ack",
      "cancelled",
      "over",
      "__proto__",
      "toString",
      "",
    ]) {
      const error = refusal(() => decodeClientFrame(JSON.stringify({ id: "a1", type, seq: 1, content: "" }), "plain"));
      expect(error).toMatchObject({ code: "INVALID_MESSAGE", inReplyTo: "a1" });
    }
  });

  it("drops the cursor of a resend, which is v1's", () => {
    const frame = '{"type":"message","content":"x","after":"e:1"}';
    expect(decodeClientFrame(frame, "plain")).toStrictEqual({ type: "message", content: "x" });
    expect(decodeClientFrame(frame.replace('"e:1"', "5"), "plain")).toStrictEqual({ type: "message", content: "x" });
  });
});

describe("decodeClientFrame on v1", () => {
  it("ignores control frames of every type it does not know", () => {
    const unknown = fc.string().filter((type) => !envelopeTypes.includes(type) && !controlTypes.includes(type));
    fc.assert(
      fc.property(unknown, fc.jsonValue(), (type, seq) => {
        expect(decodeClientFrame(JSON.stringify({ type, seq }), "v1")).toBeUndefined();
      }),
      {
        examples: [
          ["__proto__", 1],
          ["constructor", 1],
          ["toString", 1],
          ["Message", 1],
          ["", null],
        ],
      },
    );
  });

  it("keeps the cursor of a resend as it stands", () => {
    fc.assert(
      fc.property(clientEnvelope, (envelope) => {
        deepStrictEqual(decodeClientFrame(JSON.stringify(envelope), "v1"), envelope);
      }),
      { numRuns: 1_000, examples: [[{ type: "message", content: "x", after: "epoch:12" }]] },
    );
  });

  it("refuses a cursor that is no string, and names the envelope at fault", () => {
    for (const after of [null, 5, true, {}, ["e:1"]]) {
      const frame = JSON.stringify({ id: "a1", type: "message", content: "x", after });
      const error = refusal(() => decodeClientFrame(frame, "v1"));
      expect(error).toMatchObject({ code: "INVALID_MESSAGE", inReplyTo: "a1" });
      expect(error.message).toContain('"after"');
    }
  });

  it("reads what a history asks for, and refuses what is no whole number", () => {
    const read = (fields: object) => decodeClientFrame(JSON.stringify({ type: "history", ...fields }), "v1");
    expect(read({ before: 7, limit: 0, seq: 1 })).toStrictEqual({ type: "history", before: 7, limit: 0 });
    for (const value of [-1, 0.5, "1", null, undefined]) {
      expect(refusal(() => read({ before: value, limit: 1 })).message).toContain('"before"');
      expect(refusal(() => read({ before: 1, limit: value })).message).toContain('"limit"');
    }
  });

  it("reads the token of an auth, and refuses one without", () => {
    const read = (token: unknown) => decodeClientFrame(JSON.stringify({ type: "auth", token }), "v1");
    expect(read("a.b.c")).toStrictEqual({ type: "auth", token: "a.b.c" });
    for (const token of ["", 1, null, undefined, {}]) {
      const error = refusal(() => read(token));
      expect(error.code).toBe("INVALID_MESSAGE");
      expect(error.message).toContain('"token"');
    }
  });

  it("reads the seq that a next asks for", () => {
    for (const seq of [0, 1, 200, Number.MAX_SAFE_INTEGER]) {
      expect(decodeClientFrame(JSON.stringify({ type: "next", seq, more: 1 }), "v1")).toStrictEqual({
        type: "next",
        seq,
      });
    }
  });

  it("refuses a next whose seq is no whole number", () => {
    for (const seq of ["-1", "0.5", "9007199254740992", "1e400", '"1"', "null", "true", "[1]", "{}"]) {
      const error = refusal(() => decodeClientFrame(`{"type":"next","seq":${seq}}`, "v1"));
      expect(error.code).toBe("INVALID_MESSAGE");
      expect(error.message).toContain('"seq"');
    }
    expect(refusal(() => decodeClientFrame('{"type":"next"}', "v1")).code).toBe("INVALID_MESSAGE");
  });
});
