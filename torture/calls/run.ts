import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Random } from "../../test/protocol/random.js";
import { bundleWorker } from "../../test/workerd/bundle.js";
import { Workerd } from "../../test/workerd/server.js";
import { StandIn } from "../streams/stand-in.js";
import type { CallEntry, CallRecord } from "./records.js";
import { Room } from "./room.js";
import { Window } from "./window.js";

/** How large a run is, and which. */
export interface CallOptions {
  /** Questions in each room. */
  questions: number;
  rooms: number;
  seed: number;
  /** After so many minutes nothing more is asked. */
  minutes: number;
}

/** What is left of a run, to be judged. */
export interface CallRun {
  records: CallRecord[];
  rooms: readonly Room[];
  kills: number;
  minutes: number;
}

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));
const MINUTE = 60_000;
/** Of so many moments at which the server may be killed it is at one, so many milliseconds later at most. */
const MERCY = 4;
const LONGEST_FUSE = 150;
/** How long all logs must stand still to be taken as finished, and how long that may take, in milliseconds. */
const STILLNESS = 1_500;
const PATIENCE = 60_000;

/** Has everybody ask, answer and regenerate while the server is killed, and brings back what they saw. */
export async function runCalls({ questions, rooms: count, seed, minutes }: CallOptions): Promise<CallRun> {
  const startedAt = performance.now();
  const random = new Random(seed);
  await using standIn = await StandIn.start();
  const objects = [{ name: "ROOMS", className: "Room" }];
  const variables = { STAND_IN: standIn.url.href };
  const module = await bundleWorker(WORKER);
  await using server = await Workerd.start({ module, objects, variables, fetchesLocally: true });
  let kills = 0;
  let killing: Promise<void> | undefined;
  const kill = async () => {
    await wait(random.below(LONGEST_FUSE));
    await server.kill();
    kills += 1;
    await server.start();
    killing = undefined;
  };
  const strike = () => {
    if (random.below(MERCY) === 0) killing ??= kill();
  };
  const url = (path: string) => server.socketUrl(path).href;
  // In every other room calls expire soon.
  const rooms = Array.from(
    { length: count },
    (_, place) => new Room(`/${place % 2 === 0 ? "calm" : "hasty"}-${place}`, url, random, strike),
  );
  const isOver = () => performance.now() - startedAt > minutes * MINUTE;
  await Promise.all(rooms.map((room) => room.play(questions, isOver)));
  await killing;
  const records: CallRecord[] = [];
  for (const room of rooms) records.push(await finish(room, server, random, standIn));
  return { records, rooms, kills, minutes: (performance.now() - startedAt) / MINUTE };
}

/** Answers what is still open, and reads what everybody was sent, one who joins last as well. */
async function finish(room: Room, server: Workerd, random: Random, standIn: StandIn): Promise<CallRecord> {
  const ben = room.windows[2];
  const open = async () => (await (await fetch(new URL(`${room.path}/open`, server.url))).json()) as string[];
  const givenUp = performance.now() + PATIENCE;
  for (let left = await open(); left.length > 0 && performance.now() < givenUp; left = await open()) {
    for (const id of left) ben.client.answer(id, { approved: true });
    await room.settled();
    await wait(100);
  }
  const joiner = new Window("one who joins last", () => server.socketUrl(`${room.path}?as=eve`).href, random);
  const readers = [...room.windows, joiner];
  let log = await readLog(room.path, server);
  for (let movedAt = performance.now(); performance.now() - movedAt < STILLNESS; ) {
    await wait(100);
    const now = await readLog(room.path, server);
    const isRead = readers.every(({ seq }) => seq === now.length);
    if (now.length !== log.length || (!isRead && performance.now() < givenUp)) movedAt = performance.now();
    log = now;
  }
  for (const { client } of readers) client.close();
  return {
    path: room.path,
    log,
    // One who joins is sent the newest page alone.
    readers: readers.map(({ name, entries }) => ({
      name,
      from: name === joiner.name ? (entries[0]?.seq ?? 1) : 1,
      entries,
    })),
    journal: standIn.journal,
    endedAt: Date.now(),
  };
}

async function readLog(path: string, server: Workerd): Promise<CallEntry[]> {
  const entries: CallEntry[] = [];
  for (;;) {
    const response = await fetch(new URL(`${path}/log?after=${entries.length}`, server.url));
    const { messages, head } = (await response.json()) as { messages: CallEntry[]; head: number };
    entries.push(...messages);
    if (messages.length === 0 || entries.length >= head) return entries;
  }
}
