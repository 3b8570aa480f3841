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
import { Reader } from "./reader.js";
import type { Bystander } from "./records.js";
import type { Talker } from "./talker.js";
import { V1Talker } from "./v1-talker.js";
import { judge, type Verdict } from "./verdict.js";

const KIB = 1_024;
/** Where bystanders are: on the same continent, on another, and behind a narrow line. */
const NEAR: LinkQuality = { delayMs: 5 };
const FAR: LinkQuality = { delayMs: 120, uploadRate: 256 * KIB, downloadRate: 2_048 * KIB };
const NARROW: LinkQuality = { delayMs: 200, uploadRate: 32 * KIB, downloadRate: 1_024 * KIB };
const LONGEST_DELAY = 200;

/** Who is there, and how. The connections of some are cut in the middle of a round, so that they have to catch up. */
const CAST: readonly { name: string; dialect: Bystander["dialect"]; link: LinkQuality; isCut: boolean }[] = [
  { name: "ada", dialect: "v1", link: NEAR, isCut: false },
  { name: "ben", dialect: "v1", link: FAR, isCut: true },
  { name: "cleo", dialect: "v1", link: NARROW, isCut: false },
  { name: "dan", dialect: "plain", link: NEAR, isCut: true },
  { name: "eve", dialect: "plain", link: FAR, isCut: false },
];
/** When they are cut, in shares of the attack's time. */
const CUT_AT = 0.6;

/** How long those who are there may take to read to the end, and those who come to get in, in milliseconds. */
const SETTLING = 60_000;
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
  await using links = new AsyncDisposableStack();
  const cast: Member[] = [];
  for (const { name, dialect, link, isCut } of CAST) {
    const proxy = links.use(await LinkProxy.start(() => fortress.port, link));
    cast.push({ proxy, isCut, talker: newTalker(name, dialect, proxy, room, kind, random) });
  }
  const audience = links.use(await LinkProxy.start(() => fortress.port, FAR));
  for (let count = 1; count <= kind.audience; count++) {
    cast.push({ proxy: audience, isCut: false, talker: new Reader(`reader-${count}`, audience.socketUrl(`/${room}`)) });
  }
  const entrance = links.use(await LinkProxy.start(() => fortress.port, NEAR));
  const talkers = cast.map(({ talker }) => talker);
  await until(() => talkers.every(({ isLive }) => isLive), COMING_IN);
  await fortress.post(room, FIRST_ID);
  await until(() => talkers.every((talker) => talker.hasSettled(FIRST_ID)), COMING_IN);
  const stage: Stage = { fortress, room, kind, entrance, random, talkers };

  const cpuBefore = fortress.cpuMs;
  const stopTalking = talk(talkers.slice(0, CAST.length), kind);
  const visits = visit(stage, attack, performance.now() + options.milliseconds);
  const siege = attack && besiege(attack, stage, options);
  await wait(options.milliseconds * CUT_AT);
  // In a crowd somebody would take the place that they leave.
  for (const { proxy, isCut } of attack?.isCrowd ? [] : cast) if (isCut) proxy.cut();
  await wait(options.milliseconds * (1 - CUT_AT));
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
  troubles.push(...(await comeIn(stage, "after a restart", false)), ...(await awaitAlarms(stage)));
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
    troubles: [...bystanders.flatMap(troublesOf), ...cast.flatMap((member) => dropsBeyond(member, kind)), ...troubles],
    drops: Math.max(...bystanders.map(({ drops }) => drops)),
    seconds: (performance.now() - startedAt) / 1_000,
  };
}

interface Member {
  talker: Talker;
  proxy: LinkProxy;
  isCut: boolean;
}

interface Stage {
  fortress: Fortress;
  room: string;
  kind: RoomKind;
  /** The way in for those who come later. */
  entrance: LinkProxy;
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
    troubles.push(...(await visitAs(stage, `visitor-${count}`, "v1", stage.kind.mayDrop > 0)));
  }
  return troubles;
}

/** One of each dialect comes in. Resolves with what kept them from it. */
async function comeIn(stage: Stage, when: string, mayWait: boolean): Promise<string[]> {
  const name = `new-client-${when.replaceAll(" ", "-")}`;
  const v1 = await visitAs(stage, name, "v1", mayWait);
  const plain = await visitAs(stage, `${name}-plain`, "plain", mayWait);
  return [...v1, ...plain].map((trouble) => `${trouble}, ${when}`);
}

/** One more user connects, says something, has it in the log and leaves. */
async function visitAs(stage: Stage, name: string, dialect: Bystander["dialect"], mayWait: boolean): Promise<string[]> {
  const { entrance, room, kind, random, fortress } = stage;
  const talker = newTalker(name, dialect, entrance, room, kind, random);
  let problem: string[] = [];
  if (!(await until(() => talker.isLive, COMING_IN))) problem = [`${name} did not get in`];
  else {
    talker.speak();
    const isDone = async () =>
      talker.record.acked.size > 0 || (dialect === "plain" && (await hasSaid(fortress, room, name)));
    if (!(await until(isDone, COMING_IN))) problem = [`${name} was not heard`];
    problem.push(...(await awaitAnswers(stage, [talker], COMING_IN)));
  }
  talker.leave();
  return mayWait ? problem : [...problem, ...troublesOf(talker.record)];
}

async function hasSaid(fortress: Fortress, room: string, name: string): Promise<boolean> {
  return (await fortress.log(room)).some(({ author }) => author === name);
}

/** Everyone reads to the end of the log, and learns what became of what they said. */
async function settle(stage: Stage): Promise<string[]> {
  const { fortress, room, talkers } = stage;
  try {
    // What is on its way to the server arrives before the end.
    await wait(2 * LONGEST_DELAY);
    await until(() => talkers.every(({ isLive }) => isLive), COMING_IN);
    const unanswered = await awaitAnswers(stage, talkers, COMING_IN);
    if (unanswered.length > 0) return unanswered;
    await fortress.post(room, LAST_ID);
  } catch (error) {
    return [String(error)];
  }
  await until(() => talkers.every((talker) => talker.hasSettled(LAST_ID)), SETTLING);
  const unsettled = talkers.filter((talker) => !talker.hasSettled(LAST_ID));
  return unsettled.map(({ record }) => `${record.name} never read to the end, or was not answered`);
}

/** Where the handler answers, each message of these is answered. Resolves with those that were not. */
async function awaitAnswers(
  { fortress, room, kind }: Stage,
  talkers: readonly Talker[],
  ms: number,
): Promise<string[]> {
  if (!kind.answers) return [];
  const unanswered = async () => {
    const answered = new Set((await fortress.log(room)).map(({ answers }) => answers));
    return talkers.flatMap(({ record }) => record.sent.filter(({ id }) => !answered.has(id)));
  };
  await until(async () => (await unanswered()).length === 0, ms);
  return (await unanswered()).map(({ id }) => `${id} was not replied to`);
}

/** Every alarm of a bystander goes off. Resolves with those that did not. */
async function awaitAlarms({ fortress, room }: Stage): Promise<string[]> {
  const left = () => fortress.alarms(room).catch(() => ["the alarms cannot be read"]);
  await until(async () => (await left()).length === 0, SETTLING);
  return (await left()).map((name) => `the alarm ${name} did not go off`);
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

function dropsBeyond({ talker, isCut }: Member, { mayDrop }: RoomKind): string[] {
  const { name, drops } = talker.record;
  return drops > mayDrop + Number(isCut) ? [`${name}: dropped ${drops} times`] : [];
}

/** Whether it came to hold in time. */
async function until(holds: () => boolean | Promise<boolean>, milliseconds: number): Promise<boolean> {
  for (const endsAt = performance.now() + milliseconds; performance.now() < endsAt; await wait(LOOKING)) {
    if (await holds()) return true;
  }
  return holds();
}
