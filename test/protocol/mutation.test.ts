import { setImmediate } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ChatError, type Dialect, decodeMessage, encodeMessage } from "../../src/protocol/index.js";
import { complete } from "./arbitraries.js";
import { corpus } from "./corpus.js";
import { decodeClientFrame } from "./decode.js";
import { mutant } from "./mutation.js";
import { expectedClientFrame, expectedEnvelope, parseJson } from "./oracle.js";
import { Random } from "./random.js";

const MUTANTS = 1_000_000;
const BATCH = 50_000;
const LEAST_SHARE_OF_JSON = 0.3;

/** What is wrong with how a frame is decoded, by PROTOCOL.md; undefined if nothing is. `value` is the frame as JSON. */
function faultOf(frame: string, value: unknown, dialect: Dialect): string | undefined {
  const envelope = outcome(() => decodeMessage(frame));
  const clientFrame = outcome(() => decodeClientFrame(frame, dialect) ?? "ignored");
  if (!same(envelope, expectedEnvelope(value))) return `decodeMessage reads it as ${envelope}`;
  if (!same(clientFrame, expectedClientFrame(value, dialect))) return `${dialect} reads it as ${clientFrame}`;
  if (envelope === undefined) return undefined;
  const written = encodeMessage(complete(decodeMessage(frame)));
  const again = encodeMessage(complete(decodeMessage(written)));
  return again === written ? undefined : `it is written as ${written}, and that as ${again}`;
}

/** Whether JSON text tells the expected value; key order carries no meaning. */
function same(text: string | undefined, expected: unknown): boolean {
  const expectedText = JSON.stringify(expected);
  if (text === expectedText || text === undefined || expectedText === undefined) return text === expectedText;
  return isDeepStrictEqual(parseJson(text), parseJson(expectedText));
}

/** What `decode` returns, as JSON, or undefined where it refuses the frame as it should. Says what it throws otherwise. */
function outcome(decode: () => unknown): string | undefined {
  try {
    return JSON.stringify(decode());
  } catch (error) {
    return error instanceof ChatError && error.code === "INVALID_MESSAGE" ? undefined : `a thrown ${String(error)}`;
  }
}

// Most frames are refused, and taking down the stack each time would take longer than all the rest.
const { stackTraceLimit } = Error;

beforeAll(() => {
  Error.stackTraceLimit = 0;
});

afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

/** The corpus without its long frames; envelopes four times, so that many mutants begin close to valid. */
function seedFrames(): string[] {
  const entries = corpus().filter(({ frame }) => frame.length > 2 && frame.length < 1_000);
  return entries.flatMap(({ frame, decodeMessage }) =>
    "frame" in decodeMessage ? [frame, frame, frame, frame] : [frame],
  );
}

it("holds a million mutated frames to the page, and refuses what is no envelope as INVALID_MESSAGE", {
  timeout: 600_000,
}, async () => {
  const seed = Number(process.env["MUTATION_SEED"] ?? Date.now() % 2 ** 31);
  const random = new Random(seed);
  const seeds = seedFrames();
  let parsed = 0;
  let accepted = 0;
  for (let count = 0; count < MUTANTS; count++) {
    const frame = mutant(random, seeds);
    const value = parseJson(frame);
    const fault = faultOf(frame, value, random.pick(["plain", "v1"]));
    if (fault !== undefined) expect.fail(`MUTATION_SEED=${seed}, mutant ${count}: ${JSON.stringify(frame)}: ${fault}.`);
    if (value !== undefined) parsed++;
    if (expectedEnvelope(value) !== undefined) accepted++;
    // The runner hears from a test only between turns of the event loop.
    if (count % BATCH === 0) await setImmediate();
  }
  const share = (part: number) => `${((100 * part) / MUTANTS).toFixed(1)} %`;
  const figures = `${share(parsed)} of ${MUTANTS} parse as JSON, ${share(accepted)} are envelopes`;
  process.stdout.write(`MUTATION_SEED=${seed}: ${figures}\n`);
  expect(parsed / MUTANTS).toBeGreaterThanOrEqual(LEAST_SHARE_OF_JSON);
});
