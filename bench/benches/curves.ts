import { type Bench, type Finding, hastened, type Plan } from "../bench.js";
import { connect, connectMany } from "../connections.js";
import { fill } from "../filling.js";
import { drive, measureCpu } from "../load.js";
import type { LoadSocket } from "../load-socket.js";
import { CONTENT, ECHO, envelopes } from "../messages.js";
import { type Contestant, compare, takeTurns } from "../rounds.js";
import { type System, type SystemDescription, startSystem } from "../system.js";

const ROUNDS = 3;
const MESSAGES = 3_000;
const WINDOW = 64;
/** Bytes of messages in a round, at most, so that the largest do not take minutes. */
const BYTES = 20_000_000;
/** Frames that a fan-out sends in a round. */
const FRAMES = 10_000;

/** The names that the curves have in findings and on the chart. */
export const CURVES = ["window", "connections", "log length", "message bytes"] as const;

const WINDOWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const CONNECTIONS = [1, 10, 100, 500, 2_000];
const LENGTHS = [10, 100, 1_000, 10_000, 100_000];
const SIZES = [100, 1_000, 4_000, 16_000, 64_000];

const PROTOCOL = "workkit.chat.v1";

export const curves: Bench = {
  name: "curves",
  title: "How CPU and throughput change with the window, the connections, the log and the size of a message.",
  async run(plan) {
    return [
      ...(await alongWindow(plan)),
      ...(await alongConnections(plan)),
      ...(await alongLength(plan)),
      ...(await alongSize(plan)),
    ];
  },
};

async function alongWindow(plan: Plan): Promise<Finding[]> {
  await using systems = await startAll(exchangers(1_000));
  const findings: Finding[] = [];
  for (const window of WINDOWS) {
    const round = (sender: LoadSocket, system: System) => exchange(sender, system, window, hastened(MESSAGES, plan));
    findings.push(...(await measure(plan, systems.list, "window", window, round)));
  }
  return findings;
}

async function alongSize(plan: Plan): Promise<Finding[]> {
  await using systems = await startAll(exchangers(1_000));
  const findings: Finding[] = [];
  for (const size of SIZES) {
    const count = hastened(Math.min(MESSAGES, BYTES / size), plan);
    const round = (sender: LoadSocket, system: System) => exchange(sender, system, WINDOW, count, size);
    findings.push(...(await measure(plan, systems.list, "message bytes", size, round)));
  }
  return findings;
}

async function alongLength(plan: Plan): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const length of LENGTHS) {
    await using systems = await startAll(exchangers(length));
    for (const { system } of systems.list) await fill(system, hastened(length, plan));
    const round = (sender: LoadSocket, system: System) => exchange(sender, system, WINDOW, hastened(MESSAGES, plan));
    findings.push(...(await measure(plan, systems.list, "log length", length, round)));
  }
  return findings;
}

async function alongConnections(plan: Plan): Promise<Finding[]> {
  const OPTIONS = { maxConnections: 1 + Math.max(...CONNECTIONS) };
  await using systems = await startAll([
    { system: "raw", worker: "raw-relay" },
    { system: "ours", worker: "ours-listening", protocol: PROTOCOL, variables: { OPTIONS } },
  ]);
  const receivers = new Map<System, LoadSocket[]>(systems.list.map(({ system }) => [system, []]));
  const findings: Finding[] = [];
  for (const connections of CONNECTIONS) {
    for (const [system, open] of receivers) open.push(...(await connectMany(system, connections - open.length)));
    const count = hastened(Math.min(MESSAGES, Math.max(5, FRAMES / connections)), plan);
    const round = (sender: LoadSocket, system: System) => {
      const load = { sender, receivers: receivers.get(system) ?? [], next: envelopes("message"), marker: CONTENT };
      return measureCpu(system.pid, count, () => drive({ ...load, window: 1, count }));
    };
    findings.push(...(await measure(plan, systems.list, "connections", connections, round)));
  }
  return findings;
}

/** Those that store a message and its reply, ours with room for `capacity` envelopes. */
function exchangers(capacity: number): SystemDescription[] {
  const variables = { OPTIONS: { maxStoredMessages: capacity } };
  return [
    { system: "raw, one commit an exchange", worker: "raw-one-commit" },
    { system: "raw, group commit", worker: "raw-group-commit" },
    { system: "ours", worker: "ours", protocol: PROTOCOL, variables },
  ];
}

function exchange(sender: LoadSocket, system: System, window: number, count: number, size?: number) {
  const load = { sender, receivers: [sender], next: envelopes("message", size), marker: ECHO, window, count };
  return measureCpu(system.pid, count, () => drive(load));
}

/** A system that runs, with a connection to it. */
interface Ready {
  system: System;
  sender: LoadSocket;
}

async function startAll(descriptions: readonly SystemDescription[]): Promise<AsyncDisposable & { list: Ready[] }> {
  const stack = new AsyncDisposableStack();
  const list: Ready[] = [];
  for (const description of descriptions) {
    const system = stack.use(await startSystem(description));
    list.push({ system, sender: await connect(system) });
  }
  return { list, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function measure(
  plan: Plan,
  list: readonly Ready[],
  name: (typeof CURVES)[number],
  at: number,
  round: (sender: LoadSocket, system: System) => ReturnType<Contestant["round"]>,
): Promise<Finding[]> {
  plan.say(`curves: ${name} ${at}`);
  const contestants = list.map(({ system, sender }) => ({
    system: system.description.system,
    round: () => round(sender, system),
  }));
  const samples = await takeTurns(contestants, hastened(ROUNDS, plan), 1);
  const control = contestants[0]?.system ?? "";
  const standings = compare(samples, control);
  return standings.map((standing) => ({ bench: `${name} ${at}`, unit: "us", curve: { name, at }, ...standing }));
}
