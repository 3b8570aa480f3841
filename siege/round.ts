import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Random } from "../test/protocol/random.js";
import type { Attack } from "./attack.js";
import type { AttackReport, Orders } from "./attacker.js";
import { Fortress } from "./fortress.js";
import { KINDS, type KindName, type RoomKind } from "./kinds.js";
import { LinkProxy, type LinkQuality } from "./link.js";
import { PlainTalker } from "./plain-talker.js";
import type { Bystander } from "./records.js";
import type { Talker } from "./talker.js";
import { V1Talker } from "./v1-talker.js";
import { judge, type Verdict } from "./verdict.js";

const KIB = 1_024;
/** Where bystanders are: on the same continent, on another, and behind a narrow line. */
const LINKS = {
  near: { delayMs: 5 },
  far: { delayMs: 120, uploadRate: 256 * KIB, downloadRate: 1_024 * KIB },
  narrow: { delayMs: 200, uploadRate: 32 * KIB, downloadRate: 256 * KIB },
} as const satisfies Record<string, LinkQuality>;

type LinkName = keyof typeof LINKS;
type Proxies = Record<LinkName, LinkProxy>;

/** Who is there, and how. */
const CAST: readonly [name: string, dialect: Bystander["dialect"], link: LinkName][] = [
  ["ada", "v1", "near"],
  ["ben", "v1", "far"],
  ["cleo", "v1", "narrow"],
  ["dan", "plain", "near"],
  ["eve", "plain", "far"],
];

/** How long those who are there may take to read to the end, and those who come to get in, in milliseconds. */
const SETTLING = 90_000;
const COMING_IN = 20_000;
/** How often somebody new comes in while the attack runs. */
const VISITS = 1_200;
const LOOKING = 25;
const FIRST_ID = "curtain-up";
const LAST_ID = "curtain-down";

const ATTACKER = fileURLToPath(new URL("./attacker.ts", import.meta.url));
const RESOLUTION = fileURLToPath(new URL("../torture/node-resolution.mjs", import.meta.url));

/** How a round is played. */
export interface RoundOptions {
  seed: number;
  /** How long the attack lasts. */
  milliseconds: number;
  /** The most that it sends, in bytes. */
  maxBytes: number;
}

/** What one attack, or the same room without one, came to. */
export interface RoundRecord extends Verdict {
  attack: string;
  kind: KindName;
  /** What was sent by it and answered to it; nothing for a room without one. */
  report: AttackReport | undefined;
  cpuMs: number;
  rowsWritten: number;
  peakMib: number;
  ackMs: number[];
  /** Messages of the log. */
  messages: number;
  /** Errors, ends of connections and other harm that bystanders saw. */
  troubles: string[];
  /** Times that the object died under its bystanders, at most for any of them. */
  drops: number;
  /** How long it took, until all was read and everyone had come in. */
  seconds: number;
}

/** Plays a room with bystanders in it, and an attack on it if there is one, to the end. */
export async function playRound(
  kindName: KindName,
  attack: Attack | undefined,
  options: RoundOptions,
): Promise<RoundRecord> {
  const startedAt = performance.now();
  const kind = KINDS[kindName];
  const room = `${kind.name}-1`;
  const random = new Random(options.seed);
  await using fortress = await Fortress.start();
  await using near = await LinkProxy.start(() => fortress.port, LINKS.near);
  await using far = await LinkProxy.start(() => fortress.port, LINKS.far);
  await using narrow = await LinkProxy.start(() => fortress.port, LINKS.narrow);
  const proxies: Proxies = { near, far, narrow };
  const talkers = CAST.map(([name, dialect, link]) => newTalker(name, dialect, proxies[link], room, kind, random));
  await until(() => talkers.every(({ isLive }) => isLive), COMING_IN);
  await fortress.post(room, FIRST_ID);
  const stage: Stage = { fortress, room, kind, proxies, random, talkers };

  const cpuBefore = fortress.cpuMs;
  const stopTalking = talk(talkers, kind);
  const visits = visit(stage, attack, performance.now() + options.milliseconds);
  const siege = attack && besiege(attack, stage, options);
  await wait(options.milliseconds);
  const cpuMs = fortress.cpuMs - cpuBefore;
  stopTalking();
  const report = await siege?.report;
  const troubles = [...(report?.harms ?? []), ...(await visits)];
  troubles.push(...(await settle(stage)));
  const rowsWritten = await fortress.rowsWritten(room);
  for (const talker of talkers) talker.leave();
  const bystanders = talkers.map(({ record }) => record);
  const log = await fortress.log(room);
  const end = log.find(({ author, id }) => author === "" && id === LAST_ID);
  troubles.push(...(await comeIn(stage, "while it lingers", attack?.isCrowd ?? false)));
  await siege?.end();
  await fortress.abort(room).catch(() => undefined);
  troubles.push(...(await comeIn(stage, "after a restart", false)));
  return {
    ...judge(log, bystanders, end?.seq ?? 0),
    attack: attack?.name ?? "none",
    kind: kindName,
    report,
    cpuMs,
    rowsWritten,
    peakMib: fortress.peakMib,
    ackMs: bystanders.flatMap((bystander) => bystander.ackMs),
    messages: log.length,
    troubles: [...bystanders.flatMap(troublesOf), ...dropsBeyond(bystanders, kind), ...troubles],
    drops: Math.max(...bystanders.map(({ drops }) => drops)),
    seconds: (performance.now() - startedAt) / 1_000,
  };
}

interface Stage {
  fortress: Fortress;
  room: string;
  kind: RoomKind;
  proxies: Proxies;
  random: Random;
  talkers: readonly Talker[];
}

function newTalker(
  name: string,
  dialect: Bystander["dialect"],
  proxy: LinkProxy,
  room: string,
  kind: RoomKind,
  random: Random,
): Talker {
  const own = new Random(1 + random.below(2 ** 31 - 2));
  const Kind = dialect === "v1" ? V1Talker : PlainTalker;
  return new Kind(name, proxy.socketUrl(`/${room}`), kind, own);
}

/** Everyone talks at the pace of the room, one after another. Returns how to end that. */
function talk(talkers: readonly Talker[], { paceMs }: RoomKind): () => void {
  let turn = 0;
  const timer = setInterval(() => talkers[turn++ % talkers.length]?.speak(), paceMs / talkers.length);
  return () => clearInterval(timer);
}

/** Somebody new comes in now and then, says something and leaves. Resolves with what kept them from it. */
async function visit(stage: Stage, attack: Attack | undefined, endsAt: number): Promise<string[]> {
  const troubles: string[] = [];
  for (let count = 1; attack?.isCrowd !== true; count++) {
    await wait(Math.min(VISITS, Math.max(0, endsAt - performance.now())));
    if (performance.now() >= endsAt) break;
    troubles.push(...(await greetedAs(stage, `visitor-${count}`, "v1", stage.kind.mayDrop > 0)));
  }
  return troubles;
}

/** One of each dialect comes in. Resolves with what kept them from it. */
async function comeIn(stage: Stage, when: string, mayWait: boolean): Promise<string[]> {
  const name = `newcomer-${when.replaceAll(" ", "-")}`;
  const v1 = await greetedAs(stage, name, "v1", mayWait);
  const plain = await greetedAs(stage, `${name}-plain`, "plain", mayWait);
  return [...v1, ...plain].map((trouble) => `${trouble}, ${when}`);
}

/** One more user connects, says something, has it in the log and leaves. */
async function greetedAs(
  stage: Stage,
  name: string,
  dialect: Bystander["dialect"],
  mayWait: boolean,
): Promise<string[]> {
  const { proxies, room, kind, random, fortress } = stage;
  const talker = newTalker(name, dialect, proxies.near, room, kind, random);
  let problem: string[] = [];
  if (!(await until(() => talker.isLive, COMING_IN))) problem = [`${name} did not get in`];
  else {
    talker.speak();
    const isDone = async () =>
      talker.record.acked.size > 0 || (dialect === "plain" && (await hasSaid(fortress, room, name)));
    if (!(await until(isDone, COMING_IN))) problem = [`${name} was not heard`];
  }
  talker.leave();
  return mayWait ? problem : [...problem, ...troublesOf(talker.record)];
}

async function hasSaid(fortress: Fortress, room: string, name: string): Promise<boolean> {
  return (await fortress.log(room)).some(({ author }) => author === name);
}

/** Everyone reads to the end of the log, and learns what became of what they said. */
async function settle({ fortress, room, talkers }: Stage): Promise<string[]> {
  try {
    // What is on its way to the server arrives before the end.
    await wait(2 * LINKS.narrow.delayMs);
    await until(() => talkers.every(({ isLive }) => isLive), COMING_IN);
    await fortress.post(room, LAST_ID);
  } catch (error) {
    return [String(error)];
  }
  await until(() => talkers.every((talker) => talker.hasSettled(LAST_ID)), SETTLING);
  return talkers
    .filter((talker) => !talker.hasSettled(LAST_ID))
    .map(({ record }) => `${record.name} never read to the end, or was not answered`);
}

/** Starts the attack in a process of its own. */
function besiege(attack: Attack, { fortress, room }: Stage, { seed, milliseconds, maxBytes }: RoundOptions) {
  const orders: Orders = { attack: attack.name, port: fortress.port, room, seed, milliseconds, maxBytes };
  const child = spawn(process.execPath, ["--import", RESOLUTION, ATTACKER, JSON.stringify(orders)], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const failure = text(child.stderr);
  let output = "";
  const report = (async (): Promise<AttackReport> => {
    for await (const chunk of child.stdout.setEncoding("utf8")) {
      output += chunk;
      if (output.includes("\n")) return JSON.parse(output);
    }
    throw new Error(`The attacker broke:\n${await failure}`);
  })();
  report.catch(() => undefined);
  const end = async () => {
    const ended = once(child, "exit");
    child.stdin.end();
    if (child.exitCode === null) await ended;
  };
  return { report, end };
}

function troublesOf({ name, troubles }: Bystander): string[] {
  return troubles.map((trouble) => `${name}: ${trouble}`);
}

function dropsBeyond(bystanders: readonly Bystander[], { mayDrop }: RoomKind): string[] {
  return bystanders.filter(({ drops }) => drops > mayDrop).map(({ name, drops }) => `${name}: dropped ${drops} times`);
}

/** Whether it came to hold in time. */
async function until(holds: () => boolean | Promise<boolean>, milliseconds: number): Promise<boolean> {
  for (const endsAt = performance.now() + milliseconds; performance.now() < endsAt; await wait(LOOKING)) {
    if (await holds()) return true;
  }
  return holds();
}
