import { parseArgs } from "node:util";
import { judgeCalls } from "./calls/report.js";
import { runCalls } from "./calls/run.js";
import { judge } from "./report.js";
import { LEAST_IN_ROOM } from "./rooms.js";
import { run } from "./run.js";
import { table } from "./table.js";

/*
 * npm run torture -- [--messages N] [--deltas N] [--clients N] [--seed N] [--minutes N] [--json]
 * npm run torture -- --questions N [--rooms N] [--seed N] [--minutes N] [--json]
 * What it does and judges is described in docs/explanation/torture.md.
 */

/** How many findings are printed; a broken promise breaks often. */
const PRINTED = 40;
const PROGRESS = 10_000;

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "200000" },
    deltas: { type: "string", default: "0" },
    clients: { type: "string", default: "50" },
    questions: { type: "string", default: "0" },
    rooms: { type: "string", default: "4" },
    seed: { type: "string", default: String(1 + Math.floor(Math.random() * 1e6)) },
    minutes: { type: "string", default: "1440" },
    json: { type: "boolean", default: false },
  },
});
const options = {
  messages: whole("messages", values.messages, 0),
  deltas: whole("deltas", values.deltas, 0),
  clients: whole("clients", values.clients, LEAST_IN_ROOM),
  seed: whole("seed", values.seed),
  minutes: whole("minutes", values.minutes),
};

// An interrupted run leaves no server and no disk behind.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
const { messages, deltas, clients, seed, minutes } = options;
const questions = whole("questions", values.questions, 0);
if (questions > 0) {
  const rooms = whole("rooms", values.rooms);
  process.stderr.write(`torture: ${questions} questions in each of ${rooms} rooms, seed ${seed}\n`);
  conclude(judgeCalls(await runCalls({ questions, rooms, seed, minutes }), seed));
}
process.stderr.write(`torture: ${messages} messages and ${deltas} deltas of ${clients} clients, seed ${seed}\n`);
let reported = 0;
const progress = (sent: number, shown: number) => {
  if (sent + shown < reported + PROGRESS) return;
  reported = sent + shown;
  process.stderr.write(`torture: ${sent} messages sent, ${shown} deltas shown\n`);
};
conclude(judge(await run({ ...options, progress }), options.seed));

/** Prints a report, and ends. */
function conclude({ findings, ...figures }: { findings: string[]; void: string[]; ok: boolean }): never {
  for (const finding of findings.slice(0, PRINTED)) process.stderr.write(`${finding}\n`);
  process.stdout.write(values.json ? `${JSON.stringify(figures)}\n` : table(figures));
  process.exit(figures.ok ? 0 : 1);
}

function whole(name: string, text: string, least = 1): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  process.stderr.write(`--${name} is "${text}"; it must be a whole number from ${least}.\n`);
  process.exit(2);
}
