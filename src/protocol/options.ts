import { ChatError } from "./errors.js";

/**
 * One option: returns the value that was given, or the default where that is `undefined`.
 *
 * @throws ChatError `INVALID_OPTION` for a value that it does not accept
 */
export type Option<Value> = (given: unknown, name: string) => Value;

type OptionTable = Record<string, Option<unknown>>;
type ValueOf<Row> = Row extends Option<infer Value> ? Value : never;

/** What an application may pass for a table of options. */
export type OptionsOf<Table> = { [Name in keyof Table]?: ValueOf<Table[Name]> | undefined };

/** The options of a table, checked and with their defaults. */
export type SettingsOf<Table> = { [Name in keyof Table]: ValueOf<Table[Name]> };

/**
 * Checks options against their table.
 *
 * @throws ChatError `INVALID_OPTION` for a value that is not accepted, or for an unknown name, with the known one that is most similar
 */
export function readOptions<Table extends OptionTable>(table: Table, options: object): SettingsOf<Table> {
  const known = Object.keys(table);
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new ChatError("INVALID_OPTION", `There is no option "${name}". Did you mean "${nearest(name, known)}"?`);
  }
  const settings: Record<string, unknown> = { ...options };
  for (const [name, option] of Object.entries(table)) settings[name] = option(settings[name], name);
  return settings as SettingsOf<Table>;
}

/** A whole number within bounds. */
export function integer(initial: number, least: number, most: number): Option<number> {
  return (given = initial, name) => {
    checkInteger(name, given, least, most);
    return given;
  };
}

/** A function of the application; `undefined` if it gives none. */
export function callback<Callback>(): Option<Callback | undefined> {
  return (given, name) => {
    checkValue(name, given === undefined || typeof given === "function", "a function", given);
    return given as Callback | undefined;
  };
}

/** One of these values, by default the first. */
export function choice<Value>(...values: readonly [Value, ...Value[]]): Option<Value> {
  return (given = values[0], name) => {
    checkValue(name, (values as readonly unknown[]).includes(given), values.join(" or "), given);
    return given as Value;
  };
}

/** @throws ChatError `INVALID_OPTION` unless `value` is a whole number from `least` to `most` */
export function checkInteger(name: string, value: unknown, least: number, most: number): asserts value is number {
  const holds = Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
  checkValue(name, holds, `a whole number from ${least} to ${most}`, value);
}

/** @throws ChatError `INVALID_OPTION` unless `value` is a well-formed string of 1 to `most` characters */
export function checkText(name: string, value: unknown, most: number): asserts value is string {
  const holds = typeof value === "string" && value !== "" && value.length <= most && value.isWellFormed();
  checkValue(name, holds, `a string of 1 to ${most} characters`, value);
}

/** @throws ChatError `INVALID_OPTION` with the value that was given, unless the option `holds` */
export function checkValue(name: string, holds: boolean, expected: string, given: unknown): void {
  check(name, holds, `must be ${expected}, not ${String(given)}`);
}

/** @throws ChatError `INVALID_OPTION` with what the option must be, unless it `holds` */
export function check(name: string, holds: boolean, expected: string): void {
  if (!holds) throw new ChatError("INVALID_OPTION", `${name} ${expected}.`);
}

/** The candidate that shares the most pairs of letters with `name`. */
function nearest(name: string, candidates: readonly string[]): string | undefined {
  const pairs = [...name].map((_, at) => name.slice(at, at + 2).toLowerCase());
  const score = (candidate: string) => pairs.filter((pair) => candidate.toLowerCase().includes(pair)).length;
  return candidates.toSorted((one, other) => score(other) - score(one))[0];
}
