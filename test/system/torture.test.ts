import { expect, it } from "vitest";
import { judge } from "../../torture/report.js";
import { run } from "../../torture/run.js";

/** A few kills' worth; the full run is `npm run torture`. */
const MESSAGES = 5_000;
const CLIENTS = 20;

const seed = Number(process.env["TORTURE_SEED"] ?? 1 + Math.floor(Math.random() * 1e6));

it("loses, doubles and reorders nothing through cuts, kills and evictions", async () => {
  process.stdout.write(`TORTURE_SEED=${seed}\n`);
  const record = await run({ messages: MESSAGES, clients: CLIENTS, seed, minutes: 60, progress: () => undefined });
  const { findings, ...figures } = judge(record, seed);
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  expect(findings).toEqual([]);
  expect(figures.rssMaxMb).toBeLessThanOrEqual(figures.rssBoundMb);
  const isVoid = "the run is void, for too little went wrong";
  for (const count of [
    "kills",
    "cuts",
    "retriesDeduped",
    "turnsInterrupted",
    "clears",
    "renewals",
    "typings",
  ] as const) {
    expect(figures[count], `${isVoid}: ${count}`).toBeGreaterThan(0);
  }
});
