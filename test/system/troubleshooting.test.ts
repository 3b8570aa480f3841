import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CLOSE_CODES, ERROR_CODES } from "../../src/protocol/index.js";
import { ROOT } from "./command.js";

const page = readFileSync(join(ROOT, "docs/guides/troubleshooting.md"), "utf8");

/** The first cells of the table under a heading, and whether all cells that explain are filled. */
function table(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(1).map((row) => row.slice(2, -2).split(" | "));
}

describe("the page on troubleshooting", () => {
  it("has every error code once, with what is seen, why and what to do", () => {
    const rows = table("Error codes").filter(([code]) => !/^(---|`x-)/.test(code ?? ""));
    expect(rows.map(([code]) => code?.replaceAll("`", "")).sort()).toEqual(Object.keys(ERROR_CODES).sort());
    for (const row of rows) expect(row.every((cell) => cell.trim() !== "")).toBe(true);
  });

  it("has every close code once, by its name", () => {
    const rows = table("Close codes").filter(([, name]) => name?.startsWith("`"));
    const listed = rows.map(([code, name]) => [name?.replaceAll("`", ""), Number(code)]);
    expect(Object.fromEntries(listed)).toEqual(CLOSE_CODES);
  });
});
