import { type Bench, type Finding, hastened, type Plan } from "../bench.js";
import { connectMany } from "../connections.js";
import { measureCpu } from "../load.js";
import type { LoadSocket } from "../load-socket.js";
import { type Bar, play } from "../match.js";
import type { Prompt } from "../prompt.js";
import { type Watched, watchReply } from "../reply-load.js";
import { AI_CHAT, OURS, OURS_CALLED, RAW, viewerPath, wireOf } from "../reply-wire.js";
import { median } from "../statistics.js";
import type { System, SystemDescription } from "../system.js";

const PIECES = 250;
/** Characters of a piece: a reply has 4,000. */
const SIZE = 16;
const FIRST_MS = 20;
/** Rounds of replies that take ten seconds. */
const LONG_ROUNDS = 5;

/** Milliseconds between two frames of a reply at least, in raw and in ours. */
const INTERVAL_MS = 50;
/** The frames of a reply beside one for each interval. */
const MORE_FRAMES = 3;
const MOST_BYTES = 22_000;
const MOST_ROWS: Record<string, number> = { [OURS.system]: 4, [OURS_CALLED.system]: 5 };

interface Case {
  gapMs: number;
  viewers: number;
  /** Rooms in which a reply is generated at the same time. */
  rooms: number;
  systems: readonly SystemDescription[];
}

const CASES: readonly Case[] = [
  { gapMs: 4, viewers: 1, rooms: 10, systems: [RAW, OURS] },
  { gapMs: 4, viewers: 50, rooms: 1, systems: [RAW, OURS] },
  { gapMs: 40, viewers: 1, rooms: 10, systems: [RAW, OURS, OURS_CALLED] },
  { gapMs: 40, viewers: 50, rooms: 1, systems: [RAW, OURS] },
];

/** What a round found of each reply, beside the CPU for each of its pieces. */
interface Measured extends Watched {
  usPerFrame: number;
  rows: number;
}

export const streams: Bench = {
  name: "streams",
  title:
    "A reply of 250 pieces and 4,000 characters, 4 or 40 ms apart, that is shown while it grows. CPU for each piece, and for each frame to a viewer; frames and bytes to each viewer; rows written for the message and its reply.",
  async run(plan) {
    const findings: Finding[] = [];
    for (const each of CASES) findings.push(...(await stream(each, plan)));
    return findings;
  },
};

async function stream({ gapMs, rooms, systems, ...given }: Case, plan: Plan): Promise<Finding[]> {
  const bench = `streams, ${gapMs} ms, ${given.viewers === 1 ? "1 viewer" : `${given.viewers} viewers`}`;
  const prompt = { firstMs: FIRST_MS, gapMs, pieces: hastened(PIECES, plan, 2), size: SIZE };
  const viewers = hastened(given.viewers, plan);
  const atOnce = hastened(rooms, plan);
  const pieces = atOnce * prompt.pieces;
  const measured = new Map<string, Measured[]>();

  const prepare = async (system: System) => {
    const all = await Promise.all(
      Array.from({ length: atOnce }, (_, room) => connectMany(system, viewers, viewerPath(room))),
    );
    const own: Measured[] = [];
    measured.set(system.description.system, own);
    return async () => {
      const before = await rowsWritten(system);
      const { value, watched } = await measureCpu(system.pid, pieces, () => watchAll(all, system, prompt));
      const rows = ((await rowsWritten(system)) - before) / atOnce;
      const frames = watched.reduce((sum, one) => sum + one.frames, 0) * viewers;
      own.push(...watched.map((one) => ({ ...one, rows, usPerFrame: (value * pieces) / frames })));
      return { value };
    };
  };
  const findings = await play(
    { unit: "us", systems, peers: [AI_CHAT], bars: barsOf(bench, plan), prepare },
    inTime(plan, gapMs),
  );
  return [...findings, ...[...measured].flatMap(([system, own]) => describe(bench, system, own))];
}

function barsOf(bench: string, { peers }: Plan): Bar[] {
  const againstRaw = { bench: `${bench}, a piece`, control: RAW.system, ours: OURS.system, most: 1.2 };
  const againstPeer = {
    bench: `${bench}, a piece, against ai-chat`,
    control: AI_CHAT.system,
    ours: OURS.system,
    most: 0.5,
  };
  return peers ? [againstRaw, againstPeer] : [againstRaw];
}

/** Long replies take part in fewer rounds. */
function inTime(plan: Plan, gapMs: number): Plan {
  if (gapMs * PIECES < 5_000) return plan;
  return { ...plan, rounds: Math.min(plan.rounds, LONG_ROUNDS), unmeasured: Math.min(plan.unmeasured, 1) };
}

async function watchAll(
  rooms: readonly LoadSocket[][],
  system: System,
  prompt: Prompt,
): Promise<{ watched: Watched[] }> {
  return { watched: await Promise.all(rooms.map((viewers) => watchReply(viewers, wireOf(system), prompt))) };
}

async function rowsWritten(system: System): Promise<number> {
  return Number(JSON.parse(await (await system.get("/metered")).text()).rowsWritten);
}

function describe(bench: string, system: string, measured: readonly Measured[]): Finding[] {
  const of = (name: keyof Measured) => median(measured.map((one) => one[name]));
  const finding = (what: string, value: number, unit: string, bar?: number): Finding => {
    const isJudged = bar !== undefined && system in MOST_ROWS;
    return { bench: `${bench}, ${what}`, system, value, unit, ...(isJudged && { bar, holds: value <= bar }) };
  };
  return [
    finding("a frame and viewer", of("usPerFrame"), "us"),
    finding("frames", of("frames"), "frames", Math.floor(of("durationMs") / INTERVAL_MS + MORE_FRAMES)),
    finding("on the wire", of("bytes"), "bytes", MOST_BYTES),
    finding("rows", of("rows"), "rows written", MOST_ROWS[system]),
  ];
}
