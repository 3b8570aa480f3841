import { CALL_FAULTS, callFindings } from "./findings.js";
import { isCall, named } from "./records.js";
import type { CallRun } from "./run.js";

/** What a run of `FULL_RUN` questions must have had for its silence to mean anything; smaller ones need as much less. */
const BARS = {
  kills: 100,
  answers: 500,
  alreadyAnswered: 1_000,
  conflicts: 300,
  goneOn: 250,
  superseding: 60,
  stale: 60,
  toolsRun: 300,
} as const;
const FULL_RUN = 1_000;

/** Judges a run: `ok` if nothing is wrong and enough was done to it. */
export function judgeCalls({ records, rooms, kills, minutes }: CallRun, seed: number) {
  const findings = records.flatMap(callFindings);
  const entries = records.flatMap(({ log }) => log);
  const windows = rooms.flatMap((room) => room.windows);
  const refused = (code: string) => sum(windows.map((window) => window.refused.get(code) ?? 0));
  const naming = (field: string) => entries.filter((entry) => named(entry, field) !== "").length;
  const questions = sum(rooms.map(({ figures }) => figures.questions));
  const reached = {
    kills,
    answers: entries.filter(({ type }) => type === "tool_result").length,
    alreadyAnswered: refused("ALREADY_ANSWERED"),
    conflicts: refused("CONFLICT"),
    goneOn: naming("continues"),
    superseding: naming("supersedes"),
    stale: sum(rooms.map(({ figures }) => figures.stale)),
    toolsRun: new Set(records.flatMap(({ journal }) => journal.map(({ message }) => message))).size,
  };
  const share = Math.min(questions / FULL_RUN, 1);
  const isVoid = (Object.keys(BARS) as (keyof typeof BARS)[]).flatMap((name) => {
    const needed = Math.floor(BARS[name] * share);
    return reached[name] < needed
      ? [`${name} is ${reached[name]}, and must be ${needed} for a run of ${questions} questions to count`]
      : [];
  });
  const counts = CALL_FAULTS.map((name) => [name, findings.filter(([fault]) => fault === name).length]);
  return {
    questions,
    calls: entries.filter(isCall).length,
    ...(Object.fromEntries(counts) as Record<(typeof CALL_FAULTS)[number], number>),
    ...reached,
    late: sum(rooms.map(({ figures }) => figures.late)),
    seed,
    minutes: Math.round(minutes * 10) / 10,
    void: isVoid,
    findings: findings.map(([name, text]) => `${name}: ${text}`),
    ok: findings.length === 0 && isVoid.length === 0,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
