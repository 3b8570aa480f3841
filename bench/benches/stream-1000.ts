import { type Bench, type Finding, hastened } from "../bench.js";
import { connectMany } from "../connections.js";
import { measureCpu } from "../load.js";
import { play } from "../match.js";
import { watchReply } from "../reply-load.js";
import { OURS, RAW, viewerPath, wireOf } from "../reply-wire.js";

const VIEWERS = 1_000;
const PIECES = 250;
const ROUNDS = 5;
/** Of one core. */
const MOST_PERCENT = 10;

export const stream1000: Bench = {
  name: "stream-1000",
  title: "A reply of ten seconds with 1,000 viewers. How much of one core it takes.",
  async run(plan) {
    const viewers = hastened(VIEWERS, plan);
    const prompt = { firstMs: 20, gapMs: 40, pieces: hastened(PIECES, plan, 2), size: 16 };
    const findings = await play(
      {
        unit: "% of a core",
        systems: [RAW, { ...OURS, variables: { OPTIONS: { maxConnections: VIEWERS } } }],
        bars: [{ bench: "stream-1000", control: RAW.system, ours: OURS.system, most: 1.2 }],
        async prepare(system) {
          const all = await connectMany(system, viewers, viewerPath("large"));
          return async () => {
            const { value, firstMs, durationMs } = await measureCpu(system.pid, 1, () =>
              watchReply(all, wireOf(system), prompt),
            );
            return { value: value / 10 / (firstMs + durationMs) };
          };
        },
      },
      { ...plan, rounds: Math.min(plan.rounds, ROUNDS), unmeasured: Math.min(plan.unmeasured, 1) },
    );
    return [...findings, ...findings.filter(({ system }) => system === OURS.system).map(judgeShare)];
  },
};

function judgeShare({ system, value, unit }: Finding): Finding {
  const holds = value <= MOST_PERCENT;
  return { bench: "stream-1000, share of a core", system, value, unit, bar: MOST_PERCENT, holds };
}
