import { setTimeout as wait } from "node:timers/promises";
import { type Bench, type Finding, hastened } from "../bench.js";
import { connect } from "../connections.js";
import { drive } from "../load.js";
import type { LoadSocket } from "../load-socket.js";
import { ECHO, envelopes } from "../messages.js";
import { readEpoch } from "../session-wire.js";
import { type System, type SystemDescription, startSystem } from "../system.js";

/** Envelopes that a log keeps that keeps no more, all of them in it when an exchange is counted. */
const CAPACITY = 1_000;
const EXCHANGES = 100;
const MISSED = 10;
/** The runtime evicts an idle object after about ten seconds. */
const EVICTION = 13_000;
/** Milliseconds in which a server has done what it does after its last answer. */
const REST = 200;

const RAW: SystemDescription = { system: "raw", worker: "raw-metered" };
const PRUNED: SystemDescription = { system: "raw, pruned and deduped", worker: "raw-pruned-metered" };
const AGENTS: SystemDescription = { system: "agents", worker: "agents-metered" };
const OURS: SystemDescription = {
  system: "ours",
  worker: "ours-metered",
  protocol: "workkit.chat.v1",
  variables: { OPTIONS: { maxStoredMessages: CAPACITY } },
};

/** What a system has used, all the times that its object was in memory. */
interface Metered {
  rowsRead: number;
  rowsWritten: number;
  wakeUps: number;
  /** Of its database. */
  bytes: number;
}

export const cost: Bench = {
  name: "cost",
  title: "What is billed: rows read and written, and bytes kept. Counts, the same in each run.",
  async run(plan) {
    const findings: Finding[] = [];
    for (const description of plan.peers ? [RAW, PRUNED, AGENTS, OURS] : [RAW, PRUNED, OURS]) {
      plan.say(`cost: ${description.system}`);
      findings.push(...(await reckon(description, hastened(CAPACITY, plan) / 2)));
    }
    return findings;
  },
};

/** Reckons up one system, from a session's first connection on. `filling` messages and their replies come before those that are counted. */
async function reckon(description: SystemDescription, filling: number): Promise<Finding[]> {
  await using system = await startSystem(description);
  const opened = await used(system, () => connect(system));
  const sender = opened.result;
  const filled = await used(system, () => exchange(sender, filling));
  const exchanged = await used(system, () => exchange(sender, EXCHANGES));
  const address = await addressOf(system, 2 * (filling + EXCHANGES) - MISSED);
  const reconnected = address === undefined ? undefined : await used(system, () => connect(system, address));
  await wait(EVICTION);
  const woken = await used(system, () => exchange(sender, 1));
  if (woken.wakeUps !== 1) throw new Error(`${description.system} did not sleep: its wake-up could not be counted.`);

  const finding = (what: string, value: number, unit: string): Finding => {
    return { bench: `cost, ${what}`, system: description.system, value, unit };
  };
  return [
    finding("a new session", opened.rowsWritten, "rows written"),
    finding("a new session", opened.rowsRead, "rows read"),
    finding("a new session", opened.bytes, "bytes"),
    finding("an envelope", exchanged.rowsWritten / EXCHANGES / 2, "rows written"),
    finding("an envelope", exchanged.rowsRead / EXCHANGES / 2, "rows read"),
    finding("an envelope", (filled.bytes - opened.bytes) / filling / 2, "bytes"),
    ...(reconnected === undefined ? [] : [finding(`${MISSED} missed`, reconnected.rowsRead, "rows read")]),
    finding("a wake-up", woken.rowsWritten - (2 * exchanged.rowsWritten) / EXCHANGES / 2, "rows written"),
    finding("a wake-up", woken.rowsRead - (2 * exchanged.rowsRead) / EXCHANGES / 2, "rows read"),
  ];
}

function exchange(sender: LoadSocket, count: number): Promise<unknown> {
  return drive({ sender, receivers: [sender], next: envelopes("message"), marker: ECHO, window: 1, count });
}

/** Where a client connects that has read up to `seq`, if the system replays: the agents SDK keeps no messages by itself. */
async function addressOf(system: System, seq: number): Promise<string | undefined> {
  switch (system.description) {
    case RAW:
      return `/?since=${seq}`;
    case OURS:
      return `/?since=${await readEpoch(system)}:${seq}`;
    default:
      return undefined;
  }
}

/** What `work` makes a system use, and the bytes that its database has then. */
async function used<Result>(system: System, work: () => Promise<Result>): Promise<Metered & { result: Result }> {
  await wait(REST);
  const before = await readMeter(system);
  const result = await work();
  await wait(REST);
  const after = await readMeter(system);
  return {
    result,
    rowsRead: after.rowsRead - before.rowsRead,
    rowsWritten: after.rowsWritten - before.rowsWritten,
    wakeUps: after.wakeUps - before.wakeUps,
    bytes: after.bytes,
  };
}

async function readMeter(system: System): Promise<Metered> {
  return JSON.parse(await (await system.get("/metered")).text());
}
