import { setTimeout as wait } from "node:timers/promises";
import { type Bench, hastened } from "../bench.js";
import { connect, connectMany } from "../connections.js";
import { drive } from "../load.js";
import type { LoadSocket } from "../load-socket.js";
import { judge } from "../match.js";
import { CONTENT, envelopes } from "../messages.js";
import { residentBytes } from "../process.js";
import { takeTurns } from "../rounds.js";
import { type System, type SystemDescription, startSystem } from "../system.js";

const CONNECTIONS = 2_000;
/** Connections made before the first look, so that what the first ones bring into memory counts for none. */
const BEFORE = 50;
/** Milliseconds after which what a connection leaves behind has been cleared away. */
const SETTLING = 1_000;

export const memory: Bench = {
  name: "memory",
  title:
    "Memory that workerd holds for each of 2,000 idle connections of one object that have been sent a message. A server of its own for each round.",
  async run(plan) {
    const connections = hastened(CONNECTIONS, plan);
    const variables = { OPTIONS: { maxConnections: CONNECTIONS + BEFORE + 1 } };
    const descriptions: SystemDescription[] = [
      { system: "raw", worker: "raw-relay" },
      { system: "ours", worker: "ours", protocol: "workkit.chat.v1", variables },
    ];
    if (plan.peers) descriptions.push({ system: "partyserver", worker: "partyserver" });
    plan.say("memory");
    const contestants = descriptions.map((description) => ({
      system: description.system,
      round: () => kilobytesForEach(description, connections),
    }));
    const samples = await takeTurns(contestants, plan.rounds, 0);
    return judge(samples, [{ bench: "memory", control: "raw", ours: "ours", most: 1.1 }], "KB");
  },
};

async function kilobytesForEach(description: SystemDescription, connections: number): Promise<{ value: number }> {
  await using system = await startSystem(description);
  const sender = await connect(system);
  const before = await residentWith(system, sender, await connectMany(system, BEFORE));
  const after = await residentWith(system, sender, await connectMany(system, connections));
  return { value: (after - before) / connections / 1024 };
}

/** The memory once each of these connections has been sent a message, for the first one takes a buffer that stays. */
async function residentWith(system: System, sender: LoadSocket, receivers: readonly LoadSocket[]): Promise<number> {
  await drive({ sender, receivers, next: envelopes("typing"), marker: CONTENT, window: 1, count: 1 });
  await wait(SETTLING);
  return residentBytes(system.pid);
}
