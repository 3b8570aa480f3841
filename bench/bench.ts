import type { Standing } from "./rounds.js";

/** How much a run takes upon itself. */
export interface Plan {
  rounds: number;
  /** Rounds before those, which are not measured. */
  unmeasured: number;
  /** By how much to divide the messages of a round, connections and waits: 1, or more to be quick. */
  haste: number;
  /** Whether the peers take part. */
  peers: boolean;
  /** A checkout of an earlier state, whose code takes part beside this one's. */
  against?: string;
  /** Called with progress. */
  say: (text: string) => void;
}

/** What a bench found out of one system, set against its bar if it has one. */
export interface Finding extends Partial<Omit<Standing, "value" | "system">> {
  /** The bench, and which of its bars where it has several. */
  bench: string;
  system: string;
  value: number;
  unit: string;
  /** What the ratio, or the value where there is none, must not be above. */
  bar?: number;
  holds?: boolean;
  /** The control's rounds lay so far apart that the ratio says little. */
  noisy?: boolean;
  /** The place of this finding on a curve: which, and where along it. */
  curve?: { name: string; at: number };
}

/** A question that the benches answer. */
export interface Bench {
  name: string;
  /** What is measured, in a sentence for the results. */
  title: string;
  run(plan: Plan): Promise<Finding[]>;
}

/** A part of `count`, as the plan's haste wants it. */
export function hastened(count: number, { haste }: Plan, least = 1): number {
  return Math.max(least, Math.round(count / haste));
}
