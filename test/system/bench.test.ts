import { describe, expect, it } from "vitest";
import type { Bench, Plan } from "../../bench/bench.js";
import { toReport } from "../../bench/report.js";
import { compare, holds, isNoisy, takeTurns } from "../../bench/rounds.js";
import { runAll } from "../../bench/run.js";
import { medianBounds, quantile } from "../../bench/statistics.js";
import { command } from "./command.js";

describe("npm run bench", () => {
  it("prints an object a line for each system, with its ratio to the control", async () => {
    const written = await command("npm", [
      "run",
      "--silent",
      "bench",
      "--",
      "--quick",
      "--only",
      "stateless",
      "--json",
    ]);
    const findings = written
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
    expect(findings.map(({ bench, system, rounds }) => ({ bench, system, rounds }))).toEqual([
      { bench: "stateless", system: "raw", rounds: 2 },
      { bench: "stateless", system: "ours", rounds: 2 },
    ]);
    for (const { medianUs, p50Us, p99Us, perSecond, ratioToControl } of findings) {
      for (const figure of [medianUs, p50Us, p99Us, perSecond, ratioToControl]) expect(figure).toBeGreaterThan(0);
    }
  });

  it.each([
    { args: ["--only", "everything"], why: 'There is no bench "everything"' },
    { args: ["--rounds", "none"], why: "--rounds must be a whole number" },
    { args: ["--fast"], why: "npm run bench -- [--only NAME]" },
  ])("refuses $args and says what there is", async ({ args, why }) => {
    await expect(command("npm", ["run", "--silent", "bench", "--", ...args])).rejects.toThrow(why);
  });
});

describe("a run", () => {
  const finding = (bench: string) => ({ bench, system: "ours", value: 7, unit: "µs" });
  const works = (name: string): Bench => ({ name, title: `What ${name} is.`, run: async () => [finding(name)] });
  const fails: Bench = {
    ...works("late"),
    run: () => Promise.reject(new Error("workerd\ndid not start")),
  };
  const plan: Plan = { rounds: 1, unmeasured: 0, haste: 1, peers: false, say: () => undefined };

  it("keeps what the other benches found when one fails, and its results say which", async () => {
    const benches = [works("first"), fails, works("last")];
    const shown: unknown[] = [];
    const outcome = await runAll(benches, plan, (found) => shown.push(...found));
    expect(outcome.findings).toEqual([finding("first"), finding("last")]);
    expect(shown).toEqual(outcome.findings);
    expect(outcome.failures).toEqual([{ bench: "late", reason: "workerd\ndid not start" }]);
    const report = toReport(benches, outcome, "npm run bench");
    expect(report).toContain("**late failed**, and has no figures here: workerd did not start\n");
    expect(report).toMatch(/\| first .*\n\| last /);
  });
});

describe("rounds", () => {
  it("are taken in turn, and the unmeasured ones are dropped", async () => {
    const order: string[] = [];
    const contestants = ["raw", "ours"].map((system) => ({
      system,
      round: async () => ({ value: order.push(system) }),
    }));
    const samples = await takeTurns(contestants, 2, 1);
    expect(order).toEqual(["raw", "ours", "raw", "ours", "raw", "ours"]);
    expect(Object.fromEntries(samples)).toEqual({
      raw: [{ value: 3 }, { value: 5 }],
      ours: [{ value: 4 }, { value: 6 }],
    });
  });

  it("are compared with the control's of the same round", () => {
    // Each time a machine that slows down is slow for both: the ratio does not see it.
    const samples = new Map([
      [
        "raw",
        [
          { value: 1, p50: 7 },
          { value: 10, p50: 9 },
          { value: 100, p50: 8 },
        ],
      ],
      ["ours", [{ value: 2 }, { value: 20 }, { value: 300 }]],
    ]);
    const [raw, ours] = compare(samples, "raw");
    expect(raw).toMatchObject({ system: "raw", value: 10, p50: 8, ratio: 1, rounds: 3 });
    expect(ours).toMatchObject({ system: "ours", value: 20, ratio: 2, bounds: { lower: 2, upper: 3 } });
    expect(ours).not.toHaveProperty("p50");
  });

  it.each([
    { ratio: 1.2, upper: 1.3, verdict: true },
    { ratio: 1.2, upper: 1.31, verdict: false },
    { ratio: 1.21, upper: 1.21, verdict: false },
  ])("hold a bar of 1.2 with a median of $ratio and a bound of $upper: $verdict", ({ ratio, upper, verdict }) => {
    expect(holds({ ratio, bounds: { lower: 1, upper } }, 1.2)).toBe(verdict);
  });

  it("are noisy when the middle half of the control's lies far apart", () => {
    expect(isNoisy([100, 101, 102, 99, 300].map((value) => ({ value })))).toBe(false);
    expect(isNoisy([100, 140, 102, 60, 300].map((value) => ({ value })))).toBe(true);
  });
});

describe("statistics", () => {
  it("find what lies between two values", () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([5, 1, 3], 0.99)).toBeCloseTo(4.96);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it.each([
    { count: 5, lower: 1, upper: 5 },
    { count: 6, lower: 1, upper: 6 },
    { count: 15, lower: 4, upper: 12 },
    { count: 25, lower: 8, upper: 18 },
    { count: 101, lower: 41, upper: 61 },
  ])("bound the median of $count values as the tables of the sign test do", ({ count, lower, upper }) => {
    const values = Array.from({ length: count }, (_, index) => index + 1);
    expect(medianBounds(values)).toEqual({ lower, upper });
  });
});
