import { describe, expect, it } from "vitest";
import { noneStruck } from "../../torture/executor.js";
import { newWitness, type Witness } from "../../torture/records.js";
import { judge, RSS_BOUND_MB } from "../../torture/report.js";
import type { RunRecord } from "../../torture/run.js";
import { table } from "../../torture/table.js";

const MEGABYTE = 2 ** 20;

/** The record of a run of 2,000 messages, none of which reached a log, that was harmed just enough to count. */
function record(): RunRecord {
  const sent = Array.from({ length: 2_000 }, (_, place) => `a-${place}`);
  const witness: Witness = { ...newWitness("a"), sent, uncertain: sent, shown: [] };
  const run = { message: "a-1", attempt: 2, incarnation: "x" };
  return {
    rooms: [
      {
        path: "/room",
        answers: false,
        inOrder: true,
        log: { epoch: "e", head: 0, tail: 1, entries: [] },
        runs: [run],
        witnesses: [witness],
      },
    ],
    struck: { ...noneStruck(), cuts: 10, kills: 1, evictions: 0, aborts: 0, clears: 1, duplicates: 0, expiries: 1 },
    renewals: 1,
    typings: 5,
    plainReplays: 1,
    retriesDeduped: 10,
    rateLimited: 0,
    busy: 0,
    gapsTold: 0,
    ownDeltas: 0,
    sourcesLeft: 0,
    rssMax: RSS_BOUND_MB * MEGABYTE,
    minutes: 1,
  };
}

/** One that never looked at the log. */
function asFlooder({ shown: _, ...witness }: Witness): Witness {
  return witness;
}

describe("the report of the torture run", () => {
  it("accepts a run that was harmed enough and broke nothing", () => {
    expect(judge(record(), 1)).toMatchObject({ ok: true, void: [], sent: 2_000, acked: 0, uncertain: 2_000, seed: 1 });
  });

  it("rejects one that broke something, and counts it", () => {
    const run = record();
    run.rooms[0]?.witnesses[0]?.open.push("a-1", "a-2");
    expect(judge(run, 1)).toMatchObject({ ok: false, unsettled: 2, void: [] });
  });

  it("rejects one with workerd over its bound", () => {
    const run = { ...record(), rssMax: RSS_BOUND_MB * MEGABYTE + 1 };
    expect(judge(run, 1)).toMatchObject({ ok: false, rssMaxMb: RSS_BOUND_MB + 1, void: [] });
  });

  it("calls a run void that was harmed too little, and names what was missing", () => {
    const run = record();
    run.struck.cuts = 9;
    const report = judge(run, 1);
    expect(report).toMatchObject({
      ok: false,
      void: ["cuts is 9, and must be 10 for a run of 2000 messages to count"],
    });
    expect(table(report)).toContain("VOID: cuts is 9");
  });

  it("calls a run void whose streams were harmed too little, and counts what was done to them", () => {
    const run = { ...record(), ownDeltas: 1_000 };
    run.rooms.push({
      ...{ path: "/stream", answers: false, inOrder: true, log: { epoch: "e", head: 0, tail: 1, entries: [] } },
      runs: [{ message: "s-1", attempt: 2, incarnation: "x" }],
      witnesses: [],
      streams: {
        errands: new Map(["s-1", "s-2"].map((id) => [id, { source: "words", words: 1, gap: 1, steps: 1, user: "s" }])),
        cancels: [{ of: "s-2", by: "s", result: "done", at: 1 }],
        journal: [{ message: "s-1", step: 1, attempt: 1 }],
        ...{ interrupts: false, everyoneCancels: false, mayBeInterrupted: false },
      },
    });
    const report = judge(run, 1);
    expect(report).toMatchObject({ cancelled: 1, cancelledUnbegun: 1, turnsAgain: 1, toolsRun: 1, sent: 2_000 });
    expect(report.void).toContain("cancelled is 1, and must be 5 for a run of 1000 deltas to count");
  });

  it("counts nothing of a flood among what was sent", () => {
    const run = record();
    run.rooms[0]?.witnesses.push(...record().rooms.flatMap(({ witnesses }) => witnesses.map(asFlooder)));
    expect(judge(run, 1)).toMatchObject({ sent: 2_000, uncertain: 2_000 });
  });

  it("counts as acked what an ack or the log itself has shown to its author", () => {
    const run = record();
    run.rooms[0]?.witnesses[0]?.acks.push({ id: "a-1", seq: 1 }, { id: "a-1", seq: 1 });
    expect(judge(run, 1)).toMatchObject({ acked: 1, lost: 2 });
  });
});
