import { findFaults } from "./checker.js";
import { FAULT_NAMES, type FaultName, type Finding } from "./findings.js";
import type { RoomRecord, Witness } from "./records.js";
import type { RunRecord } from "./run.js";
import { FULL_STREAMS, STREAM_BARS, streamFigures } from "./streams/figures.js";

/** The most memory that workerd may ever hold, in megabytes, with a dozen readers that do not read. */
export const RSS_BOUND_MB = 400;

/** What a run of `FULL_RUN` messages must have had for its silence to mean anything; smaller ones need as much less. */
const BARS = {
  kills: 100,
  cuts: 1_000,
  retriesDeduped: 1_000,
  gapsTold: 50,
  turnsInterrupted: 100,
  clears: 40,
  renewals: 100,
  expiries: 20,
  typings: 500,
  plainReplays: 50,
} as const;
const FULL_RUN = 200_000;
const MEGABYTE = 2 ** 20;

/** Judges a run: `ok` if nothing is wrong and enough was done to it. Floods are not among `sent`, `acked`, `uncertain`. */
export function judge(record: RunRecord, seed: number) {
  const findings = record.rooms.flatMap(findFaults);
  const { struck, retriesDeduped, gapsTold, renewals, typings, plainReplays } = record;
  // What is streamed is counted apart.
  const rooms = record.rooms.filter(({ streams }) => streams === undefined);
  const clients = rooms.flatMap(({ witnesses }) =>
    witnesses.filter(({ shown, isPlain }) => shown !== undefined || isPlain),
  );
  const sent = sum(clients, (client) => client.sent.length);
  const turnsInterrupted = sum(rooms, ({ runs }) => runs.filter(({ attempt }) => attempt > 1).length);
  const rssMaxMb = Math.ceil(record.rssMax / MEGABYTE);
  const reached = { ...struck, retriesDeduped, gapsTold, turnsInterrupted, renewals, typings, plainReplays };
  const streams = streamFigures(record);
  const isVoid = [
    ...tooLittle(BARS, reached, sent / FULL_RUN, `${sent} messages`),
    ...tooLittle(STREAM_BARS, streams, record.ownDeltas / FULL_STREAMS, `${record.ownDeltas} deltas`),
  ];
  const isBounded = rssMaxMb <= RSS_BOUND_MB;
  return {
    sent,
    acked: sum(clients, acked),
    ...countByName(findings),
    uncertain: sum(clients, ({ uncertain }) => uncertain.length),
    takenBack: sum(clients, ({ takenBack }) => takenBack.length),
    turnsGivenUp: sum(rooms, givenUp),
    ...reached,
    rateLimited: record.rateLimited,
    busy: record.busy,
    ...streams,
    seed,
    rssMaxMb,
    rssBoundMb: RSS_BOUND_MB,
    minutes: Math.round(record.minutes * 10) / 10,
    void: isVoid,
    findings: findings.map(([name, text]) => `${name}: ${text}`),
    ok: findings.length === 0 && isBounded && isVoid.length === 0,
  };
}

/** What was asked for and not reached, by a run of this share of a full one. */
function tooLittle<Name extends string>(
  bars: Readonly<Record<Name, number>>,
  reached: Readonly<Record<NoInfer<Name>, number>>,
  share: number,
  size: string,
): string[] {
  return (Object.keys(bars) as Name[]).flatMap((name) => {
    const needed = Math.floor(bars[name] * Math.min(share, 1));
    const had = reached[name];
    return had < needed ? [`${name} is ${had}, and must be ${needed} for a run of ${size} to count`] : [];
  });
}

/** Messages of a client that the log has, as far as it knows. */
function acked({ sent, acks, confirmed, story }: Witness): number {
  const known = new Set([...acks.map(({ id }) => id), ...confirmed]);
  for (const event of story) if (event.kind === "entry") known.add(event.id);
  return sent.filter((id) => known.has(id)).length;
}

function givenUp({ log }: RoomRecord): number {
  return log.entries.filter(({ answers }) => answers !== undefined && answers.attempt === undefined).length;
}

function countByName(findings: readonly Finding[]): Record<FaultName, number> {
  const counts = Object.fromEntries(FAULT_NAMES.map((name) => [name, 0])) as Record<FaultName, number>;
  for (const [name] of findings) counts[name] += 1;
  return counts;
}

function sum<Item>(items: readonly Item[], count: (item: Item) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}
