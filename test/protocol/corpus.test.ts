import { deepStrictEqual } from "node:assert/strict";
import { describe, expect, it } from "vitest";
import { decodeMessage } from "../../src/protocol/index.js";
import { corpus, type Outcome } from "./corpus.js";
import { decodeClientFrame } from "./decode.js";
import { refusal } from "./refusal.js";

const entries = corpus();

/** Runs a decoder and holds what comes of it against the outcome that the corpus has. */
function check(decode: () => object | undefined, outcome: Outcome): void {
  if ("frame" in outcome) return deepStrictEqual(decode(), outcome.frame);
  if ("ignored" in outcome) return expect(decode()).toBeUndefined();
  if ("deep" in outcome) {
    const { metadata, ...rest } = { metadata: undefined, ...decode() };
    expect(depth(metadata)).toBe(outcome.metadataDepth);
    return deepStrictEqual(rest, outcome.deep);
  }
  const error = refusal(decode);
  expect(error.code).toBe("INVALID_MESSAGE");
  expect(error.message).toContain(outcome.refused);
  expect(error.inReplyTo).toBe(outcome.inReplyTo);
}

/** Objects and arrays inside each other, counted along the first of each; no recursion, for it is deep. */
function depth(value: unknown): number {
  let levels = 0;
  for (let inner = value; typeof inner === "object" && inner !== null; [inner] = Object.values(inner)) levels++;
  return levels;
}

it("has a name for each frame of the corpus, and no frame twice", () => {
  expect(entries.length).toBeGreaterThan(100);
  expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
  expect(new Set(entries.map(({ frame }) => frame)).size).toBe(entries.length);
});

describe.each(entries)("$name", ({ frame, decodeMessage: outcome, plain, v1 }) => {
  it("decodes as the corpus says", () => {
    check(() => decodeMessage(frame), outcome);
    check(() => decodeClientFrame(frame, "plain"), plain);
    check(() => decodeClientFrame(frame, "v1"), v1);
  });

  it("leaves the prototypes of all objects as they are", () => {
    const before = Reflect.ownKeys(Object.prototype);
    const decoders = [() => decodeMessage(frame), () => decodeClientFrame(frame, "v1")];
    for (const decode of decoders) {
      const decoded = attempt(decode);
      expect(Object.getPrototypeOf(decoded ?? {})).toBe(Object.prototype);
      const { metadata = {} } = { metadata: undefined, ...decoded };
      expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
    }
    expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
  });
});

function attempt(decode: () => object | undefined): object | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}
