import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { Random } from "../test/protocol/random.js";
import type { Ground } from "./attack.js";
import { ATTACKS } from "./attacks/all.js";
import { newTally, RawPeer, type Tally } from "./raw-peer.js";

/*
 * A process of its own, so that what an attack costs its own side holds up nobody else. Its argument says which attack,
 * where and for how long. It prints what was sent and answered, and then holds its connections until its input ends.
 */

/** What the process is started with. */
export interface Orders {
  attack: string;
  port: number;
  room: string;
  seed: number;
  milliseconds: number;
  /** It sends no more than this, in bytes. */
  maxBytes: number;
}

/** What it prints. */
export interface AttackReport extends Tally {
  /** Harm that only the attack can see. */
  harms: string[];
}

/** How long an attack may take to notice that its time is over, in milliseconds. */
const LAST_WORDS = 2_000;

const orders = JSON.parse(process.argv[2] ?? "{}") as Orders;
const attack = ATTACKS.find(({ name }) => name === orders.attack);
if (attack === undefined) throw new Error(`There is no attack "${orders.attack}".`);

const tally = newTally();
const harms: string[] = [];
const endsAt = performance.now() + orders.milliseconds;
const ground: Ground = {
  random: new Random(orders.seed),
  get isOver() {
    return performance.now() >= endsAt || tally.bytes >= orders.maxBytes;
  },
  open: (options = {}) => RawPeer.open(orders.port, orders.room, options, tally),
  post: async (id, size = 1) => {
    const url = `http://127.0.0.1:${orders.port}/${orders.room}/post?${new URLSearchParams({ id, size: String(size) })}`;
    const response = await fetch(url);
    const answer = await response.text();
    return response.ok ? undefined : answer;
  },
  pause: (milliseconds) => wait(Math.max(0, Math.min(milliseconds, endsAt - performance.now()))),
  harmed: (how) => void harms.push(how),
};

const running = attack.run(ground).catch((error: unknown) => harms.push(`the attack broke: ${String(error)}`));
await wait(orders.milliseconds);
await Promise.race([running, wait(LAST_WORDS)]);
const report: AttackReport = { ...tally, harms };
process.stdout.write(`${JSON.stringify(report)}\n`);
await text(process.stdin);
await Promise.race([attack.lastWord?.(ground), wait(LAST_WORDS)]);
process.exit(0);
