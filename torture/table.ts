/** The figures of a run as a table, and below it what makes it void or its verdict. */
export function table({
  void: reasons,
  ok,
  ...figures
}: Record<string, unknown> & { void: string[]; ok: boolean }): string {
  const rows = Object.entries(figures).map(
    ([name, figure]) => `| ${name.padEnd(18)} | ${String(figure).padStart(9)} |`,
  );
  const head = [`| ${"".padEnd(18)} | ${"".padStart(9)} |`, `| ${"".padEnd(18, "-")} | ${"".padStart(8, "-")}: |`];
  const verdict = reasons.length > 0 ? reasons.map((reason) => `VOID: ${reason}.`) : [ok ? "OK" : "NOT OK"];
  return `${[...head, ...rows, "", ...verdict].join("\n")}\n`;
}
