import type { Finding } from "./bench.js";

const HEADINGS = ["bench", "system", "median", "p50", "p99", "a second", "ratio", "95 %", "bar", ""];

/** The findings as rows of cells, the headings first. */
export function toCells(findings: readonly Finding[]): string[][] {
  return [HEADINGS, ...findings.map(toRow)];
}

/** A table for a terminal: columns of equal width, numbers to the right. */
export function toTable(findings: readonly Finding[]): string {
  const cells = toCells(findings);
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)));
  return cells.map((row) => line(row).join("  ").trimEnd()).join("\n");
}

/** A table for a Markdown file. */
export function toMarkdown(findings: readonly Finding[]): string {
  const [headings = [], ...rows] = toCells(findings);
  const rule = headings.map((_, column) => (column < 2 ? "---" : "--:"));
  return [headings, rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** The findings as the machine reads them, an object a line. */
export function toJson({
  bench,
  system,
  value,
  unit,
  p50,
  p99,
  perSecond,
  ratio,
  bounds,
  rounds,
  ...rest
}: Finding): string {
  const inMicroseconds = unit === "us";
  return JSON.stringify({
    bench,
    system,
    medianUs: inMicroseconds ? value : null,
    p50Us: p50 ?? null,
    p99Us: p99 ?? null,
    perSecond: perSecond ?? null,
    ratioToControl: ratio ?? null,
    ratioBounds: bounds ?? null,
    rounds: rounds ?? 1,
    value,
    unit,
    ...rest,
  });
}

function toRow(finding: Finding): string[] {
  const { bench, system, value, unit, p50, p99, perSecond, ratio, bounds, bar, holds, noisy } = finding;
  const verdict = holds === undefined ? "" : holds ? "holds" : "does not hold";
  return [
    bench,
    system,
    `${short(value)} ${unit}`,
    optional(p50, (number) => `${short(number)} us`),
    optional(p99, (number) => `${short(number)} us`),
    optional(perSecond, short),
    optional(ratio, (number) => number.toFixed(2)),
    optional(bounds, ({ lower, upper }) => `${lower.toFixed(2)}-${upper.toFixed(2)}`),
    optional(bar, (number) => (ratio === undefined ? short(number) : number.toFixed(2))),
    [verdict, noisy ? "noisy" : ""].filter((word) => word !== "").join(", "),
  ];
}

function optional<Value>(value: Value | undefined, format: (value: Value) => string): string {
  return value === undefined ? "" : format(value);
}

/** Three figures that count, more only where the number is whole and large. */
export function short(value: number): string {
  if (Number.isInteger(value) || value >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}
