import type { Bench, Finding, Plan } from "./bench.js";

/** A bench that did not finish, and the error that it ended with. */
export interface Failure {
  bench: string;
  reason: string;
}

/** What a run found. A bench that fails takes nothing from the others. */
export interface Outcome {
  findings: Finding[];
  failures: Failure[];
}

/** Runs benches one after another, and shows what each found once it has finished. */
export async function runAll(
  benches: readonly Bench[],
  plan: Plan,
  show: (found: Finding[]) => void,
): Promise<Outcome> {
  const findings: Finding[] = [];
  const failures: Failure[] = [];
  for (const bench of benches) {
    try {
      const found = await bench.run(plan);
      show(found);
      findings.push(...found);
    } catch (error) {
      plan.say(`${bench.name} failed: ${error instanceof Error ? error.stack : error}`);
      failures.push({ bench: bench.name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { findings, failures };
}
