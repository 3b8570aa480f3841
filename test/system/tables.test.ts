import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const PAGES = globSync("**/*.md", { exclude: ["**/node_modules", "dist", "site/.*"] }).sort();
const BLOCK = /^ *```[\s\S]*?^ *```$/gm;

it("every row of a table has as many cells as its header", () => {
  const broken = PAGES.flatMap((page) => brokenRows(readFileSync(page, "utf8")).map((row) => `${page}: ${row}`));
  expect(broken).toEqual([]);
});

it("the check of tables reports a row that is cut, and one with a pipe in it", () => {
  const table = "| a | b |\n| --- | --- |\n| 1 | 2 \\| 3 |\n";
  expect(brokenRows(`${table}\nText | with a pipe.\n`)).toEqual([]);
  expect(brokenRows(`${table}| \`{\n  x |\n`)).toEqual(["| `{", "  x |"]);
  expect(brokenRows(`${table}| \`1|2\` | 3 |\n`)).toEqual(["| `1|2` | 3 |"]);
});

/** The lines of tables that have other cells than the header of their table. */
function brokenRows(text: string): string[] {
  const lines = text.replaceAll(BLOCK, "").split("\n");
  let cells: number | undefined;
  return lines.filter((line, at) => {
    if (/^\|( :?-+:? \|)+$/.test(line)) cells = cellsOf(lines[at - 1] ?? "");
    if (line === "") cells = undefined;
    return cells !== undefined && cellsOf(line) !== cells;
  });
}

function cellsOf(line: string): number {
  return line.startsWith("|") && line.endsWith("|") ? line.split(/(?<!\\)\|/).length : 0;
}
