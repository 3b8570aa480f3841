import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fullBucket, spend, waitFor } from "../../src/server/access/rate-limit.js";

const RATE = { burst: 10, perSecond: 4 };

describe("P12: a token bucket", () => {
  it("is full at first: a burst waits for nothing, and one token more waits for one to drip in", () => {
    const bucket = fullBucket();
    expect(waitFor(bucket, RATE, 10, 1_000)).toBe(0);
    expect(waitFor(bucket, RATE, 11, 1_000)).toBe(250);
  });

  it("gains tokens with time up to a burst, and none where the clock steps back", () => {
    const bucket = fullBucket();
    waitFor(bucket, RATE, 10, 0);
    spend(bucket, RATE, 10);
    expect(waitFor(bucket, RATE, 1, 0)).toBe(250);
    expect(waitFor(bucket, RATE, 4, 500)).toBe(500);
    expect(waitFor(bucket, RATE, 2, 100)).toBe(0);
    expect(waitFor(bucket, RATE, 3, 100)).toBe(250);
    expect(waitFor(bucket, RATE, 10, 1e9)).toBe(0);
    expect(waitFor(bucket, RATE, 11, 1e9)).toBe(250);
  });

  it("waits for whole milliseconds, and not one less than it takes", () => {
    const bucket = fullBucket();
    waitFor(bucket, { burst: 1, perSecond: 3 }, 1, 0);
    spend(bucket, { burst: 1, perSecond: 3 }, 1);
    expect(waitFor(bucket, { burst: 1, perSecond: 3 }, 1, 0)).toBe(334);
  });

  it("goes into debt by a burst at most", () => {
    const bucket = fullBucket();
    waitFor(bucket, RATE, 1, 0);
    spend(bucket, RATE, 1_000);
    expect(bucket.tokens).toBe(-10);
    expect(waitFor(bucket, RATE, 10, 0)).toBe(5_000);
  });

  it("regains from the first debt on", () => {
    const bucket = fullBucket();
    spend(bucket, RATE, 1_000);
    expect(waitFor(bucket, RATE, 10, Date.now() + 5_000)).toBe(0);
  });

  it("is off for a rate of false: it neither waits nor spends", () => {
    const bucket = fullBucket();
    expect(waitFor(bucket, false, 1e9, 0)).toBe(0);
    spend(bucket, false, 1e9);
    expect(bucket).toEqual(fullBucket());
  });

  it("lets through no more than a burst and what drips in, whatever is asked for and when", () => {
    const steps = fc.array(fc.record({ pause: fc.nat(2_000), cost: fc.integer({ min: 1, max: 10 }) }));
    fc.assert(
      fc.property(steps, (asked) => {
        const bucket = fullBucket();
        let now = 0;
        let spent = 0;
        for (const { pause, cost } of asked) {
          now += pause;
          if (waitFor(bucket, RATE, cost, now) > 0) continue;
          spend(bucket, RATE, cost);
          spent += cost;
        }
        expect(spent).toBeLessThanOrEqual(RATE.burst + (now / 1_000) * RATE.perSecond + 1e-6);
      }),
    );
  });
});
