import { resolve } from "node:path";
import { parseArgs } from "node:util";

export interface Arguments {
  /** The one bench to run; all without it. */
  only: string | undefined;
  rounds: number;
  json: boolean;
  quick: boolean;
  /** The absolute path of another checkout. */
  against: string | undefined;
}

export const USAGE = `npm run bench -- [--only NAME] [--rounds N] [--json] [--quick] [--against FOLDER]
  --only NAME   one bench: NAMES
  --rounds N    measured rounds, 15 without it; a whole number of at least 1
  --against FOLDER  another checkout, with its dependencies installed: its code takes part in the benches that compare
  --json        an object a line in place of the table
  --quick       two short rounds without the peers: to see whether it runs, not for its figures`;

const ROUNDS = 15;
const QUICK_ROUNDS = 2;

/** Reads the command line. @throws Error that says what is wrong with it. */
export function readArguments(args: readonly string[], names: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      rounds: { type: "string" },
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      against: { type: "string" },
    },
  });
  const { only, json, quick, against } = values;
  if (only !== undefined && !names.includes(only)) {
    throw new Error(`There is no bench "${only}". There are: ${names.join(", ")}.`);
  }
  const rounds = values.rounds === undefined ? (quick ? QUICK_ROUNDS : ROUNDS) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds must be a whole number of at least 1, not "${values.rounds}".`);
  }
  return { only, rounds, json, quick, against: against === undefined ? undefined : resolve(against) };
}
