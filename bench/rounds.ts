import { type Bounds, median, medianBounds, spread } from "./statistics.js";

/** What one system did in one round. */
export interface Sample {
  /** What is compared: microseconds of CPU for each message, unless the bench says otherwise. */
  value: number;
  /** Microseconds from a message to its answer. */
  p50?: number;
  p99?: number;
  perSecond?: number;
}

/** A system that takes part in a bench. */
export interface Contestant {
  system: string;
  round(): Promise<Sample>;
}

/** What the rounds said of one system. */
export interface Standing extends Sample {
  system: string;
  rounds: number;
  /** The median of the ratios to the control in the same round, with its 95 % bounds. */
  ratio: number;
  bounds: Bounds;
}

/** How far the middle half of the control's rounds may lie apart before a run is called noisy. */
const NOISY = 0.15;

/**
 * Lets the contestants take turns, round by round, so that what disturbs the machine disturbs them alike. What the first
 * `unmeasured` rounds say is dropped: the runtime is still compiling.
 */
export async function takeTurns(
  contestants: readonly Contestant[],
  rounds: number,
  unmeasured: number,
): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>(contestants.map(({ system }) => [system, []]));
  for (let round = -unmeasured; round < rounds; round++) {
    for (const { system, round: run } of contestants) {
      const sample = await run();
      if (round >= 0) samples.get(system)?.push(sample);
    }
  }
  return samples;
}

/** How each system stands against the control. */
export function compare(samples: ReadonlyMap<string, readonly Sample[]>, control: string): Standing[] {
  const base = samples.get(control) ?? [];
  return [...samples].map(([system, own]) => {
    const ratios = own.map(({ value }, round) => value / (base[round]?.value ?? Number.NaN));
    return { system, rounds: own.length, ratio: median(ratios), bounds: medianBounds(ratios), ...middle(own) };
  });
}

/** Whether the control's own rounds differ so much that ratios to it say little. */
export function isNoisy(control: readonly Sample[]): boolean {
  return spread(control.map(({ value }) => value)) > NOISY;
}

/** How far above a bar the upper bound may lie. */
const ALLOWANCE = 0.1;

/** Whether a ratio keeps below its bar: the median meets it, and the upper bound is not far above. */
export function holds({ ratio, bounds }: Pick<Standing, "ratio" | "bounds">, bar: number): boolean {
  return ratio <= bar && bounds.upper <= bar + ALLOWANCE;
}

function middle(samples: readonly Sample[]): Sample {
  const of = (name: keyof Sample) => {
    const values = samples.flatMap((sample) => sample[name] ?? []);
    return values.length > 0 ? { [name]: median(values) } : {};
  };
  return { value: Number.NaN, ...of("value"), ...of("p50"), ...of("p99"), ...of("perSecond") };
}
