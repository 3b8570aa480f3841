import { setTimeout as wait } from "node:timers/promises";
import { Executor, type Struck } from "./executor.js";
import { Host } from "./host.js";
import { Pacemaker } from "./pacemaker.js";
import { Participant } from "./participant.js";
import { PlainParticipant } from "./plain-participant.js";
import { drawPlan } from "./plan.js";
import type { Player } from "./player.js";
import { FaultProxy } from "./proxy.js";
import type { RoomRecord } from "./records.js";
import type { PlannedRoom } from "./rooms.js";
import { Cancels } from "./streams/cancels.js";
import { drawStreamPlan } from "./streams/plan.js";
import { StandIn } from "./streams/stand-in.js";
import { streamRecord } from "./streams/stream-record.js";

/** How large a run is, and which. */
export interface RunOptions {
  messages: number;
  /** Frames of deltas that the authors of messages are shown, in rooms of their own. */
  deltas: number;
  /** Clients in the rooms of messages, and in those of streams. */
  clients: number;
  seed: number;
  /** After so many minutes nothing more is sent, however much is left. */
  minutes: number;
  /** Called from time to time with the number of messages sent and of deltas shown. */
  progress(messages: number, deltas: number): void;
}

/** What is left of a run, to be judged. */
export interface RunRecord {
  rooms: RoomRecord[];
  struck: Struck & Record<"kills" | "evictions" | "aborts" | "clears" | "duplicates" | "expiries", number>;
  renewals: number;
  retriesDeduped: number;
  rateLimited: number;
  busy: number;
  gapsTold: number;
  /** Connections of plain clients that began with a replay. */
  plainReplays: number;
  typings: number;
  /** Frames of deltas that authors were shown of the replies to them, while the run lasted. */
  ownDeltas: number;
  /** Models whose reply was left before its end. */
  sourcesLeft: number;
  rssMax: number;
  minutes: number;
}

const MINUTE = 60_000;
/** How long nothing may move before what is left is taken as stuck, in milliseconds. */
const SETTLING_TIMEOUT_MS = 60_000;
/** How long the logs must stand still to be taken as finished, in milliseconds. */
const STILLNESS = 2_000;
const LOOKING = 250;
/** How often it is looked whether those that wait for others may go on, in milliseconds. */
const BEAT = 20;

/** Plays a plan to its end, and brings back what everybody did and saw. */
export async function run({ messages, deltas, clients, seed, minutes, progress }: RunOptions): Promise<RunRecord> {
  const startedAt = performance.now();
  const plans = { messages: drawPlan(seed, messages, clients), streams: drawStreamPlan(seed, deltas, clients) };
  const rooms = [...plans.messages.rooms, ...plans.streams.rooms];
  await using standIn = await StandIn.start();
  await using host = await Host.start(standIn.url);
  const links = new Map(rooms.flatMap(({ clients }) => clients.map(({ name, link }) => [name, link] as const)));
  await using proxy = await FaultProxy.start(
    () => host.port,
    (client) => links.get(client) ?? {},
  );
  const participants = new Map<string, Player>();
  const cancels = new Cancels(host, participants, rooms);
  const executor = new Executor({ host, proxy, participants, standIn, cancels });
  const paces = {
    messages: new Pacemaker(plans.messages, messages, executor),
    streams: new Pacemaker(plans.streams, deltas, executor),
  };
  for (const room of rooms) {
    const pace = room.kind.streams ? paces.streams : paces.messages;
    for (const client of room.clients) {
      const Kind = client.dialect === "v1" ? Participant : PlainParticipant;
      participants.set(client.name, new Kind(room, client, (path) => proxy.url(path), pace));
    }
  }
  const everyone = [...participants.values()];
  for (const participant of everyone) participant.connect();
  const beat = setInterval(() => {
    for (const participant of everyone) participant.pump();
  }, BEAT);
  const outOfTime = setTimeout(() => {
    for (const participant of everyone) participant.finish();
  }, minutes * MINUTE);
  await settled(everyone, () => progress(paces.messages.total, paces.streams.total));
  clearTimeout(outOfTime);
  clearInterval(beat);
  await executor.finished();
  for (const participant of everyone) participant.online();
  await still(host, rooms, everyone);
  return {
    rooms: await collect({ host, rooms, participants, executor, standIn, cancels }),
    ...counts(host, proxy, executor),
    ownDeltas: Math.min(paces.streams.total, deltas),
    sourcesLeft: standIn.left,
    plainReplays: everyone.reduce((sum, one) => sum + (one instanceof PlainParticipant ? one.replays : 0), 0),
    typings: everyone.reduce((sum, { typings }) => sum + typings, 0),
    gapsTold: everyone.reduce((sum, { gapsTold }) => sum + gapsTold, 0),
    minutes: (performance.now() - startedAt) / MINUTE,
  };
}

function counts(host: Host, proxy: FaultProxy, executor: Executor) {
  const { kills, evictions, aborts, rssMax } = host;
  const { duplicates, expiries, renewals, retriesDeduped, rateLimited, busy } = proxy;
  const clears = [...host.clears.values()].reduce((sum, count) => sum + count, 0);
  return {
    struck: { ...executor.struck, kills, evictions, aborts, clears, duplicates, expiries },
    renewals,
    retriesDeduped,
    rateLimited,
    busy,
    rssMax,
  };
}

/** Resolves when all messages are sent and their outcomes known, or when nothing has moved for too long. */
async function settled(everyone: readonly Player[], look: () => void): Promise<void> {
  let last = "";
  let movedAt = performance.now();
  while (!everyone.every(({ isSettled }) => isSettled) && performance.now() - movedAt < SETTLING_TIMEOUT_MS) {
    await wait(LOOKING);
    look();
    const left = everyone.map((participant) => participant.left).join();
    if (left !== last) movedAt = performance.now();
    last = left;
  }
}

/** Resolves when no log grows any more and everyone has read to the end, or when nothing has moved for too long. */
async function still(host: Host, rooms: readonly PlannedRoom[], everyone: readonly Player[]): Promise<void> {
  let last = "";
  let movedAt = performance.now();
  for (;;) {
    const heads = await Promise.all(rooms.map(({ path }) => host.head(path)));
    const now = [...heads, ...everyone.map(({ seq }) => seq)].join();
    if (now !== last) movedAt = performance.now();
    last = now;
    // One who has joined last may have nothing to read.
    const arrived = rooms.flatMap(({ clients }, place) =>
      clients.filter(({ role }) => role === "speaker").map(({ name }) => ({ name, head: heads[place] })),
    );
    const isRead = arrived.every(({ name, head }) => everyone.some((one) => one.name === name && one.seq === head));
    if (
      performance.now() - movedAt >
      (isRead && everyone.every(({ isLive }) => isLive) ? STILLNESS : SETTLING_TIMEOUT_MS)
    )
      return;
    await wait(LOOKING);
  }
}

async function collect(run: {
  host: Host;
  rooms: readonly PlannedRoom[];
  participants: ReadonlyMap<string, Player>;
  executor: Executor;
  standIn: StandIn;
  cancels: Cancels;
}): Promise<RoomRecord[]> {
  const { host, participants, executor, standIn, cancels } = run;
  const records: RoomRecord[] = [];
  for (const { path, kind, clients } of run.rooms) {
    const players = clients.flatMap(({ name }) => participants.get(name) ?? []);
    const witnesses = players.map((player) => player.leave());
    records.push({
      path,
      answers: kind.answers,
      inOrder: kind.concurrency === "queue",
      log: await host.log(path),
      runs: await host.runs(path),
      clears: host.clears.get(path) ?? 0,
      witnesses: [...witnesses, ...(executor.flooders.get(path) ?? [])],
      ...(kind.streams && { streams: streamRecord(kind, players, cancels.byRoom.get(path), standIn.journal) }),
    });
  }
  return records;
}
