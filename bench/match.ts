import type { Finding, Plan } from "./bench.js";
import { type Contestant, compare, holds, isNoisy, type Sample, takeTurns } from "./rounds.js";
import { type System, type SystemDescription, startSystem } from "./system.js";

/** A bar: how far ours may be above a control. */
export interface Bar {
  /** The finding's name. */
  bench: string;
  control: string;
  ours: string;
  most: number;
}

export interface Match {
  /** What the compared value is in. */
  unit: string;
  systems: readonly SystemDescription[];
  /** Workers of the peers, left out where there are none. */
  peers?: readonly SystemDescription[];
  bars: readonly Bar[];
  /** Makes a running system ready for its rounds. */
  prepare(system: System): Promise<Contestant["round"]>;
}

/** Starts the systems, lets them take turns, and sets the results against the bars. */
export async function play({ unit, systems, peers = [], bars, prepare }: Match, plan: Plan): Promise<Finding[]> {
  await using running = new AsyncDisposableStack();
  const contestants: Contestant[] = [];
  const { against } = plan;
  const earlier = against === undefined ? [] : systems.filter(isOurs).map((ours) => atCheckout(ours, against));
  for (const description of [...systems, ...earlier, ...(plan.peers ? peers : [])]) {
    plan.say(`${bars[0]?.bench}: ${description.system}`);
    const system = running.use(await startSystem(description));
    contestants.push({ system: description.system, round: await prepare(system) });
  }
  const samples = await takeTurns(contestants, plan.rounds, plan.unmeasured);
  return [...judge(samples, bars, unit), ...earlier.flatMap(({ system }) => judgeChange(samples, system, unit))];
}

const BEFORE = ", before";

function isOurs({ worker }: SystemDescription): boolean {
  return worker.startsWith("ours");
}

function atCheckout(description: SystemDescription, checkout: string): SystemDescription {
  return { ...description, system: `${description.system}${BEFORE}`, checkout };
}

/** Sets one of our systems against its earlier state. It holds unless all of the 95 % bounds lie above 1. */
function judgeChange(samples: ReadonlyMap<string, readonly Sample[]>, before: string, unit: string): Finding[] {
  const after = before.slice(0, -BEFORE.length);
  const pair = new Map([before, after].map((system) => [system, samples.get(system) ?? []]));
  return compare(pair, before)
    .filter(({ system }) => system === after)
    .map((standing) => ({
      bench: "against the earlier state",
      unit,
      ...standing,
      bar: 1,
      holds: standing.bounds.lower <= 1,
    }));
}

/** Sets what the rounds said against the bars. */
export function judge(samples: ReadonlyMap<string, readonly Sample[]>, bars: readonly Bar[], unit: string): Finding[] {
  return bars.flatMap(({ bench, control, ours, most }) => {
    const noisy = isNoisy(samples.get(control) ?? []);
    return compare(samples, control).map((standing) => ({
      bench,
      unit,
      ...standing,
      ...(standing.system === ours && { bar: most, holds: holds(standing, most) }),
      ...(noisy && { noisy }),
    }));
  });
}
