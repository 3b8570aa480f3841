import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findNewest, lapOf, type Place, slotOf } from "../../src/session/log/ring.js";

/** The rows of a log of `head` entries in a ring, from the first slot to the last that has one. */
function rowsOf(head: number, capacity: number): Place[] {
  const rows: Place[] = [];
  for (let seq = 1; seq <= head; seq++) rows[slotOf(seq, capacity)] = { slot: slotOf(seq, capacity), seq };
  return rows;
}

function newestOf(rows: readonly Place[], capacity: number): { newest: number | undefined; reads: number } {
  let reads = 0;
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) throw new Error("A log without rows is asked nothing.");
  const newest = findNewest(first, last, capacity, (slot) => {
    reads += 1;
    return rows[slot];
  });
  return { newest, reads };
}

describe("the newest entry of a ring", () => {
  it("is found, however often the ring has wrapped, with the reads of a binary search", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 400 }), (capacity, head) => {
        const { newest, reads } = newestOf(rowsOf(head, capacity), capacity);
        expect(newest).toBe(head);
        expect(reads).toBeLessThanOrEqual(Math.ceil(Math.log2(capacity)));
      }),
    );
  });

  it("is found where a row between is missing, if that is of the lap before", () => {
    const rows = rowsOf(11, 8);
    delete rows[3];
    expect(newestOf(rows, 8).newest).toBe(11);
  });

  it("P19: is unknown where a row that is read is not in its place", () => {
    const misplaced: [slot: number, seq: unknown][] = [
      [0, 2],
      [0, 25],
      [0, -7],
      [0, 1.5],
      [0, "9"],
      [0, null],
      [0, 1e15 + 8],
      [7, 9],
      [7, 24],
      [3, 20],
      [3, 13],
      [3, "text"],
    ];
    for (const [slot, seq] of misplaced) {
      const rows = rowsOf(11, 8);
      rows[slot] = { slot, seq };
      expect(newestOf(rows, 8).newest, `${slot}: ${seq}`).toBeUndefined();
    }
  });

  it("P19: is unknown where only the first row of a full ring is not in its place", () => {
    for (const seq of [2, 17, 25, "9", null]) {
      const rows = rowsOf(8, 8);
      rows[0] = { slot: 0, seq };
      expect(newestOf(rows, 8).newest, String(seq)).toBeUndefined();
    }
  });

  it("P19: is unknown where a ring that has wrapped does not reach its last slot", () => {
    expect(newestOf(rowsOf(11, 8).slice(0, 7), 8).newest).toBeUndefined();
  });

  it("is unknown where neither the first nor the last row is in its place", () => {
    const rows = [
      { slot: 0, seq: 2 },
      { slot: 1, seq: 1 },
    ];
    expect(newestOf(rows, 8).newest).toBeUndefined();
  });
});

describe("the lap of a row", () => {
  it("counts how often the ring had wrapped, up to the greatest seq of a cursor", () => {
    expect([1, 9, 17].map((seq) => lapOf({ slot: 0, seq }, 8))).toEqual([0, 1, 2]);
    expect(lapOf({ slot: slotOf(1e15 - 1, 8), seq: 1e15 - 1 }, 8)).toBe(Math.floor((1e15 - 2) / 8));
    expect(lapOf({ slot: slotOf(1e15, 8), seq: 1e15 }, 8)).toBeUndefined();
  });

  it("is unknown for a seq from before the first", () => {
    expect(lapOf({ slot: 0, seq: -7 }, 8)).toBeUndefined();
  });

  it("is unknown for what is no number, though it reads like one", () => {
    expect(lapOf({ slot: 0, seq: "9" }, 8)).toBeUndefined();
    expect(lapOf({ slot: 0, seq: 9n }, 8)).toBeUndefined();
  });
});
