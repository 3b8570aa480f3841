import { expect, it } from "vitest";
import { connectTimeoutAfter, pauseAfterRefusal, renewalDelay } from "../../src/client/connection/delays.js";

it("P9: each timeout gives the next connection twice the time, up to eight times", () => {
  expect([0, 1, 2, 3, 4, 99].map((timeouts) => connectTimeoutAfter(timeouts, 100))).toEqual([
    100, 200, 400, 800, 800, 800,
  ]);
});

it("P7: a refused message waits for as long as the server asks, from half a second to a minute", () => {
  expect([0, 499, 500, 501, 60_000, 60_001, 1e9].map(pauseAfterRefusal)).toEqual([
    500, 500, 500, 501, 60_000, 60_000, 60_000,
  ]);
});

it("P6: a new token is sent a minute before the old one expires, half-way if that is later, and not within a second", () => {
  expect([0, 1_000, 3_000, 60_000, 120_000, 180_000].map(renewalDelay)).toEqual([
    1_000, 1_000, 1_500, 30_000, 60_000, 120_000,
  ]);
});
