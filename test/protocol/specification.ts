import { readFileSync } from "node:fs";

/** PROTOCOL.md, as its tests read it. */
export const page = readFileSync(new URL("../../PROTOCOL.md", import.meta.url), "utf8");

/** The text under a heading, up to the next one of the same level or above. Throws if the page has no such heading. */
export function section(title: string): string {
  const lines = page.split("\n");
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === title);
  const heading = lines[start];
  if (heading === undefined) throw new Error(`PROTOCOL.md has no section "${title}"; the test looks for it by name.`);
  const level = heading.indexOf(" ");
  const end = lines.findIndex((line, index) => index > start && isHeading(line, level));
  return lines.slice(start + 1, end < 0 ? undefined : end).join("\n");
}

function isHeading(line: string, level: number): boolean {
  const marks = /^(#+) /.exec(line)?.[1];
  return marks !== undefined && marks.length <= level;
}

/** The rows of the one table in a section, each with its cells by column. Throws unless it is one, with rows. */
export function table(title: string): Record<string, string>[] {
  const [header, rule, ...rows] = section(title)
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map(cells);
  if (header === undefined || rule === undefined || rows.length === 0 || !rule.every((cell) => /^-+$/.test(cell))) {
    throw new Error(`Section "${title}" of PROTOCOL.md has no table with rows; the test reads one there.`);
  }
  return rows.map((row) => {
    if (row.length === header.length)
      return Object.fromEntries(header.map((column, index) => [column, row[index] ?? ""]));
    throw new Error(
      `In section "${title}" of PROTOCOL.md the row "${row.join(" | ")}" has not ${header.length} cells.`,
    );
  });
}

function cells(line: string): string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** What stands in backticks, in order. */
export function code(text: string): string[] {
  return Array.from(text.matchAll(/`([^`]+)`/g), (match) => match[1] ?? "");
}

/** The one cell of a row under `column`. Throws where the table has no such column. */
export function cell(row: Record<string, string>, column: string): string {
  const text = row[column];
  if (text === undefined) throw new Error(`PROTOCOL.md's table has no column "${column}", but ${Object.keys(row)}.`);
  return text;
}

/** What the first group of `pattern` matches in a section. Throws where the page no longer says it so. */
export function sentence(title: string, pattern: RegExp): string {
  const text = pattern.exec(section(title).replaceAll("\n", " "))?.[1];
  if (text !== undefined) return text;
  throw new Error(`Section "${title}" of PROTOCOL.md has nothing like ${pattern}; fix the page or this test.`);
}

/** The whole numbers in a text, in order. */
export function numbers(text: string): number[] {
  return Array.from(text.matchAll(/\d+/g), ([digits]) => Number(digits));
}
