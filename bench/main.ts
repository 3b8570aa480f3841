import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Arguments, readArguments, USAGE } from "./arguments.js";
import type { Bench, Finding, Plan } from "./bench.js";
import { BENCHES } from "./benches/all.js";
import { toChart } from "./chart.js";
import { installPeers } from "./peers.js";
import { toReport } from "./report.js";
import { toJson, toTable } from "./table.js";

/** By how much `--quick` makes everything smaller. */
const HASTE = 50;
const UNMEASURED_ROUNDS = 2;

const NAMES = BENCHES.map(({ name }) => name);

/** Runs the benches that the command line asks for. Resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  // An interrupted run leaves no server and no disk behind.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
  const say = (text: string) => console.error(text);
  let chosen: Arguments;
  try {
    chosen = readArguments(args, NAMES);
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE.replace("NAMES", NAMES.join(", "))}`);
    return 1;
  }
  const { only, rounds, json, quick, against } = chosen;
  if (!quick) installPeers(say);
  const plan = {
    rounds,
    unmeasured: quick ? 0 : UNMEASURED_ROUNDS,
    haste: quick ? HASTE : 1,
    peers: !quick,
    say,
    ...(against && { against }),
  };
  const benches = BENCHES.filter(({ name }) => only === undefined || name === only);
  const findings = await runAll(benches, plan, (found) =>
    console.log(json ? found.map(toJson).join("\n") : toTable(found)),
  );
  if (!quick && against === undefined)
    write(benches, findings, ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" "));
  return 0;
}

async function runAll(benches: readonly Bench[], plan: Plan, show: (found: Finding[]) => void): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const bench of benches) {
    const found = await bench.run(plan);
    show(found);
    findings.push(...found);
  }
  return findings;
}

/** Keeps what a whole run found. What only a part of the benches found is there to be read and forgotten, but for the curves. */
function write(benches: readonly Bench[], findings: readonly Finding[], command: string): void {
  const folder = import.meta.dirname;
  const curves = findings.filter(({ curve }) => curve !== undefined);
  if (curves.length > 0) writeFileSync(join(folder, "curves.svg"), toChart(curves));
  if (benches.length === BENCHES.length)
    writeFileSync(join(folder, "RESULTS.md"), toReport(benches, findings, command));
}
