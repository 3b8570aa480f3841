import type { RoundRecord } from "./round.js";

/** A row of the table: an attack, and the same room without it. */
export interface Result {
  does: string;
  round: RoundRecord;
  control: RoundRecord;
}

const HEAD = [
  "attack",
  "frames",
  "KB sent",
  "KB drawn",
  "connections",
  "answers",
  "CPU ms (idle)",
  "rows (idle)",
  "peak MiB (idle)",
  "harm",
  "ack p50 ms (idle)",
  "ack p99 ms (idle)",
];

/** The results as a table of Markdown. */
export function table(results: readonly Result[]): string {
  const rows = results.map(toRow);
  return [HEAD, HEAD.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function toRow({ round, control }: Result): string[] {
  const { report } = round;
  return [
    `\`${round.attack}\``,
    count(report?.frames),
    count((report?.bytes ?? 0) / 1_000),
    count((report?.received ?? 0) / 1_000),
    count(report?.connections),
    Object.entries(report?.answers ?? {})
      .sort(([, one], [, other]) => other - one)
      .map(([answer, times]) => `${answer} ${count(times)}`)
      .join(", "),
    `${count(round.cpuMs)} (${count(control.cpuMs)})`,
    `${count(round.rowsWritten)} (${count(control.rowsWritten)})`,
    `${count(round.peakMib)} (${count(control.peakMib)})`,
    String(harmOf(round).length),
    `${percentile(round.ackMs, 50)} (${percentile(control.ackMs, 50)})`,
    `${percentile(round.ackMs, 99)} (${percentile(control.ackMs, 99)})`,
  ];
}

/** All that bystanders were harmed by, in words. */
export function harmOf({ troubles, lost, duplicated, reordered, altered }: RoundRecord): string[] {
  return [
    ...troubles,
    ...lost.map((text) => `lost: ${text}`),
    ...duplicated.map((text) => `duplicated: ${text}`),
    ...reordered.map((text) => `reordered: ${text}`),
    ...altered.map((text) => `altered: ${text}`),
  ];
}

function percentile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((one, other) => one - other);
  const value = sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))];
  return value === undefined ? "-" : String(Math.round(value));
}

function count(value = 0): string {
  return Math.round(value).toLocaleString("en-US");
}
