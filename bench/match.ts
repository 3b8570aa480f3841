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
  for (const description of [...systems, ...(plan.peers ? peers : [])]) {
    plan.say(`${bars[0]?.bench}: ${description.system}`);
    const system = running.use(await startSystem(description));
    contestants.push({ system: description.system, round: await prepare(system) });
  }
  return judge(await takeTurns(contestants, plan.rounds, plan.unmeasured), bars, unit);
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
