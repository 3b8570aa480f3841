import { expect, it } from "vitest";
import { ATTACKS } from "../../siege/attacks/all.js";
import { playTogether, ROUNDS } from "../../siege/siege.js";
import { harmOf } from "../../siege/table.js";

/** MiB of memory that a workerd may take at most: some 70 are its own, and of what it once had it gives little back. */
const MAX_PEAK_MIB = 512;
/** Attacks in workerds of their own at the same time. */
const AT_ONCE = 4;

const seed = Number(process.env["SIEGE_SEED"] ?? 1 + Math.floor(Math.random() * 1e6));

it("P12: no attack of the siege shows others an error, an end, a hole, a duplicate or another order", async () => {
  process.stdout.write(`SIEGE_SEED=${seed}\n`);
  const rounds = await playTogether(ATTACKS, AT_ONCE, { ...ROUNDS.short, seed });
  expect(rounds).toHaveLength(ATTACKS.length);
  const harm = rounds
    .filter((round) => harmOf(round).length > 0)
    .map((round) => [round.attack, harmOf(round).slice(0, 5)]);
  expect(harm).toEqual([]);
  const peaks = rounds.map(({ attack, peakMib }) => ({ attack, peakMib })).sort((a, b) => b.peakMib - a.peakMib);
  process.stdout.write(`the most memory: ${JSON.stringify(peaks.slice(0, 5))}\n`);
  expect(peaks.filter(({ peakMib }) => peakMib > MAX_PEAK_MIB)).toEqual([]);
});
