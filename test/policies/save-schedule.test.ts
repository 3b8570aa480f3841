import { describe, expect, it } from "vitest";
import { SaveSchedule } from "../../src/server/stream/save-schedule.js";

const STEP = { type: "finish-step" };
const result = (toolCallId: number, more = {}) => ({ type: "tool-output-available", toolCallId, ...more });

describe("P11: a reply is saved", () => {
  it("after 5, 10 and 20 seconds, and then every 30", () => {
    const schedule = new SaveSchedule(0);
    const saved: number[] = [];
    for (let ms = 0; ms <= 120_000; ms += 40) if (schedule.isDue("x", ms, ms)) saved.push(ms / 1_000);
    // With its message and its envelope eight rows for two minutes.
    expect(saved).toEqual([5, 10, 20, 50, 80, 110]);
  });

  it("with each first result of a tool, however little the reply has grown, and not with a preliminary one", () => {
    const schedule = new SaveSchedule(0);
    const pieces = [result(1), result(2), result(2), result(3, { preliminary: true }), result(3)];
    expect(pieces.map((piece) => schedule.isDue(piece, 1_000_000, 1))).toEqual([true, true, false, false, true]);
    expect(schedule.steps).toBe(3);
    for (const type of ["tool-output-error", "tool-output-denied"]) {
      expect(schedule.isDue({ type, toolCallId: type }, 1_000_000, 1)).toBe(true);
    }
  });

  it("with a step, once it has grown, or 5 seconds have passed", () => {
    const schedule = new SaveSchedule(0);
    expect(schedule.isDue(STEP, 1_000, 1)).toBe(true);
    expect(schedule.isDue(STEP, 1_100, 2)).toBe(false);
    expect(schedule.isDue(STEP, 1_200, 3)).toBe(true);
    expect(schedule.isDue("text", 9_000, 4)).toBe(false);
    expect(schedule.isDue(STEP, 1_201, 5)).toBe(false);
    // The step that was left out is saved with the next piece after that.
    expect(schedule.isDue("text", 1_202, 5_002)).toBe(false);
    expect(schedule.isDue("text", 1_203, 5_003)).toBe(true);
    expect(schedule.steps).toBe(4);
  });

  it("P12: not without end, whatever its source gives", () => {
    let bytes = 0;
    let written = 0;
    const schedule = new SaveSchedule(0);
    const add = (piece: object, size: number, now: number) => {
      bytes += size;
      if (schedule.isDue(piece, bytes, now)) written += bytes;
    };
    for (let n = 0; n < 40_000; n++) add(STEP, 25, n / 100);
    expect(written).toBeLessThan(10 * bytes);
    for (let n = 0; n < 1_000; n++) add(result(n), 1, 500);
    expect(written).toBeLessThan(64 * 1_048_576 + 10 * bytes);
  });
});
