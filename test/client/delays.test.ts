import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffDelay } from "../../src/client/index.js";

const CLIENTS = 10_000;
const SECOND = 1_000;

/** A generator of numbers in [0, 1) that is the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Every client is cut off at 0; a server that is back at `backAt` lets `perSecond` of them in. Attempts by tenths of a second. */
function deploy(backAt: number, perSecond: number): { attempts: number[]; allBackAt: number } {
  const random = seeded(7);
  const attempts: number[] = [];
  const admitted: number[] = [];
  let allBackAt = 0;
  const due = Array.from({ length: CLIENTS }, () => ({ at: backoffDelay(0, random()), attempt: 1 }));
  for (let tenth = 0; due.some(({ at }) => at !== Number.POSITIVE_INFINITY); tenth++) {
    for (const client of due) {
      if (client.at >= (tenth + 1) * 100) continue;
      attempts[tenth] = (attempts[tenth] ?? 0) + 1;
      const isIn = client.at >= backAt && (admitted[tenth] ?? 0) < perSecond / 10;
      if (isIn) {
        admitted[tenth] = (admitted[tenth] ?? 0) + 1;
        allBackAt = client.at;
        client.at = Number.POSITIVE_INFINITY;
      } else client.at = Math.max(client.at, (tenth + 1) * 100) + backoffDelay(client.attempt++, random());
    }
  }
  return { attempts: Array.from(attempts, (count) => count ?? 0), allBackAt };
}

describe("the back-off", () => {
  it("draws from the whole range up to a ceiling that doubles from 0.5 to 20 seconds", () => {
    const ceilings = Array.from({ length: 8 }, (_, attempt) => backoffDelay(attempt, 1));
    expect(ceilings).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const delay = backoffDelay(attempt, random);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(20_000);
      }),
    );
  });

  it("spreads 10,000 clients that a deploy disconnects in one instant", () => {
    const { attempts } = deploy(0, 1e9);
    expect(attempts).toHaveLength(5);
    for (const count of attempts) expect(count).toBeLessThan((CLIENTS / 5) * 1.1);
  });

  it("sends no herd to a server that returns after a while, or accepts few clients at a time", () => {
    for (const { attempts, allBackAt } of [deploy(10 * SECOND, 2_000), deploy(0, 500)]) {
      const later = attempts.slice(20);
      expect(Math.max(...later)).toBeLessThan(CLIENTS / 10);
      expect(allBackAt).toBeLessThan(90 * SECOND);
    }
  });
});
