import { describe, expect, it } from "vitest";
import { COMPLETES_TURN, NO_TURN, TURN_QUEUED, TURN_STARTED } from "../../src/session/log/entry.js";
import { isInteger, readMarkers, unfinishedSeqs } from "../../src/session/log/markers.js";

describe("the markers of a row", () => {
  it("are read where they can be true, at their bounds, too", () => {
    expect(readMarkers({ settled: 0, tail: 1 }, 9)).toEqual({ settled: 0, tail: 1 });
    expect(readMarkers({ settled: 9, tail: 9 }, 9)).toEqual({ settled: 9, tail: 9 });
  });

  it.each([
    { settled: -1, tail: 1 },
    { settled: 10, tail: 1 },
    { settled: 0, tail: 0 },
    { settled: 0, tail: 10 },
    { settled: 0.5, tail: 1 },
    { settled: 0, tail: "1" },
    { settled: null, tail: 1 },
    {},
  ])("P19: are unknown where they cannot be true: %j", (row) => {
    expect(readMarkers(row, 9)).toBeUndefined();
  });
});

describe("a whole number within bounds", () => {
  it("may be as great as a number can be counted, where no other bound is given", () => {
    expect(isInteger(Number.MAX_SAFE_INTEGER, 0)).toBe(true);
    expect(isInteger(Number.MAX_SAFE_INTEGER + 1, 0)).toBe(false);
    expect(isInteger(Number.NaN, 0)).toBe(false);
    expect(isInteger(7n, 0)).toBe(false);
  });
});

describe("P11: turns that are not complete", () => {
  it("are those that are queued or have started, in order", () => {
    const rows: [number, number | null, number | null][] = [
      [12, null, TURN_STARTED],
      [11, null, TURN_QUEUED],
      [13, null, NO_TURN],
      [14, null, TURN_STARTED + 1],
    ];
    expect(unfinishedSeqs([], rows)).toEqual([11, 12, 14]);
  });

  it("are not those with a last reply, which may stand before or after them and in other rows", () => {
    const rows: [number, number | null, number | null][] = [
      [20, 11, COMPLETES_TURN],
      [11, null, TURN_STARTED],
      [12, null, TURN_QUEUED],
      [21, 3, COMPLETES_TURN],
    ];
    expect(unfinishedSeqs([3, 4], rows)).toEqual([4, 12]);
  });

  it("are each named once, in the order of numbers", () => {
    expect(unfinishedSeqs([100, 9], [[9, null, TURN_QUEUED]])).toEqual([9, 100]);
  });
});
