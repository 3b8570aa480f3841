import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createMessageId, decodeMessage } from "../../src/protocol/index.js";
import { MAX_ID_LENGTH } from "../../src/protocol/limits.js";

const IN_ONE_MILLISECOND = 20_000;
const DAY = 86_400_000;
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

vi.setConfig({ testTimeout: 60_000 });

// Ids never go back, so each test begins later than every clock of the one before it.
let today = Date.UTC(2026, 0, 1);

beforeEach(() => {
  today += 1_000 * DAY;
  vi.useFakeTimers({ toFake: ["Date"], now: today });
});

afterEach(() => {
  vi.useRealTimers();
});

function create(count: number): string[] {
  return Array.from({ length: count }, createMessageId);
}

/** The places where an id is not greater, as a string, than the one before it. */
function disorder(ids: string[]): string[] {
  return ids.filter((id, index) => index > 0 && id <= (ids[index - 1] ?? ""));
}

it("makes UUIDs of version 7, in lower case", () => {
  for (const id of create(1_000)) expect(id).toMatch(UUID_V7);
});

it("makes them where there is no crypto, too, each another", () => {
  vi.stubGlobal("crypto", undefined);
  const ids = create(1_000);
  vi.unstubAllGlobals();
  for (const id of ids) expect(id).toMatch(UUID_V7);
  const random = ids.map((id) => id.slice(-16));
  expect(new Set(random).size).toBe(ids.length);
  expect(disorder(ids)).toEqual([]);
});

it("writes the time into the first 48 bits", () => {
  for (const offset of [0, 1, 999, DAY]) {
    vi.setSystemTime(today + offset);
    const time = createMessageId().replaceAll("-", "").slice(0, 12);
    expect(Number.parseInt(time, 16)).toBe(today + offset);
  }
});

it("makes 20,000 ids within one millisecond of a frozen clock in strictly increasing order", () => {
  const ids = create(IN_ONE_MILLISECOND);
  expect(Date.now()).toBe(today);
  expect(disorder(ids)).toEqual([]);
  expect(new Set(ids).size).toBe(IN_ONE_MILLISECOND);
  expect([...ids].sort()).toEqual(ids);
});

it("stays in order when the clock steps back, also by a day", () => {
  const ids = create(IN_ONE_MILLISECOND);
  for (const back of [1, 1_000, DAY]) {
    vi.setSystemTime(today - back);
    ids.push(...create(IN_ONE_MILLISECOND));
  }
  vi.setSystemTime(today + 1);
  ids.push(...create(IN_ONE_MILLISECOND));
  expect(disorder(ids)).toEqual([]);
});

it("stays in order whatever the clock does", () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: -10_000, max: 10_000 }), fc.integer({ min: 1, max: 50 })));
  const ids: string[] = [];
  fc.assert(
    fc.property(steps, (moves) => {
      for (const [step, count] of moves) {
        vi.setSystemTime(Date.now() + step);
        ids.push(...create(count));
      }
    }),
  );
  expect(disorder(ids)).toEqual([]);
});

it("sorts ids of later milliseconds after those of earlier ones", () => {
  const ids = Array.from({ length: 1_000 }, (_, index) => {
    vi.setSystemTime(today + index);
    return createMessageId();
  });
  expect(disorder(ids)).toEqual([]);
});

it("makes ids that an envelope may have and that the server does not keep for itself", () => {
  const id = createMessageId();
  expect(decodeMessage(JSON.stringify({ id, type: "message", content: "" })).id).toBe(id);
  expect(id.length).toBeLessThanOrEqual(MAX_ID_LENGTH);
  expect(id.startsWith("~")).toBe(false);
});
