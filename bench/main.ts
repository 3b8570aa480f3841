import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Arguments, readArguments, USAGE } from "./arguments.js";
import type { Bench } from "./bench.js";
import { BENCHES } from "./benches/all.js";
import { toChart } from "./chart.js";
import { installPeers } from "./peers.js";
import { toReport } from "./report.js";
import { type Outcome, runAll } from "./run.js";
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
  const outcome = await runAll(benches, plan, (found) =>
    console.log(json ? found.map(toJson).join("\n") : toTable(found)),
  );
  if (!quick && against === undefined)
    write(benches, outcome, ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" "));
  return outcome.failures.length > 0 ? 1 : 0;
}

/** Keeps what a whole run found. What only a part of the benches found is there to be read and forgotten, but for the curves. */
function write(benches: readonly Bench[], outcome: Outcome, command: string): void {
  const folder = import.meta.dirname;
  const curves = outcome.findings.filter(({ curve }) => curve !== undefined);
  if (curves.length > 0) writeFileSync(join(folder, "curves.svg"), toChart(curves));
  if (benches.length === BENCHES.length) writeFileSync(join(folder, "RESULTS.md"), toReport(benches, outcome, command));
}
