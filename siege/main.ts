import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { attacksNamed, ROUNDS, siege } from "./siege.js";
import { harmOf, type Result, table } from "./table.js";

/*
 * npm run siege -- [--seed N] [--only NAME,NAME] [--round short]
 * What it does and asserts is described in docs/explanation/siege.md.
 */

/** How much harm of one attack is printed; what harms once harms often. */
const PRINTED = 8;

const PAGE = new URL("../docs/explanation/siege.md", import.meta.url);
/** What stands in the documentation from here on is written by a full run. */
const TABLE_BEGINS = "## The last full run";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(1 + Math.floor(Math.random() * 1e6)) },
    only: { type: "string" },
    round: { type: "string", default: "full" },
  },
});
const seed = Number(values.seed);
const attacks = attacksNamed(values.only);
if (!Number.isInteger(seed) || seed < 1) fail(`--seed is "${values.seed}"; it must be a whole number from 1.`);
if (attacks.length === 0)
  fail(`--only is "${values.only}"; no attack has that name: docs/explanation/siege.md lists them.`);
if (!(values.round in ROUNDS))
  fail(`--round is "${values.round}"; it must be one of ${Object.keys(ROUNDS).join(", ")}.`);

// An interrupted run leaves no server and no disk behind.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
process.stderr.write(`siege: ${attacks.length} attacks, seed ${seed}\n`);
const results: Result[] = [];
for await (const result of siege(attacks, { ...ROUNDS[values.round as keyof typeof ROUNDS], seed })) {
  results.push(result);
  const harm = harmOf(result.round);
  const idle = harmOf(result.control);
  const outcome = harm.length === 0 ? "no harm" : `${harm.length} times harm`;
  process.stderr.write(`siege: ${result.round.attack}: ${outcome}, ${Math.round(result.round.seconds)} s\n`);
  for (const text of harm.slice(0, PRINTED)) process.stderr.write(`  ${text}\n`);
  for (const text of idle.slice(0, PRINTED)) process.stderr.write(`  without the attack: ${text}\n`);
}
process.stdout.write(`${table(results)}\n`);
if (values.only === undefined && values.round === "full") writeTable();
process.exit(results.some(({ round, control }) => harmOf(round).length + harmOf(control).length > 0) ? 1 : 0);

/** Puts the table of a full run into the documentation. */
function writeTable(): void {
  const page = readFileSync(PAGE, "utf8");
  const [before = ""] = page.split(TABLE_BEGINS);
  const attacks = results.map(({ round, does }) => `| \`${round.attack}\` | ${does} |`);
  const list = ["| attack | what it does |", "| --- | --- |", ...attacks].join("\n");
  const { milliseconds } = ROUNDS.full;
  const run = `\`npm run siege -- --seed ${seed}\`, ${milliseconds / 1_000} s an attack:`;
  writeFileSync(PAGE, `${before}${TABLE_BEGINS}\n\n${run}\n\n${table(results)}\n\n${list}\n`);
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}
