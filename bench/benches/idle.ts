import { setTimeout as wait } from "node:timers/promises";
import { type Bench, hastened } from "../bench.js";
import { connectMany } from "../connections.js";
import { drive } from "../load.js";
import { ECHO, envelopes } from "../messages.js";
import { cpuNanoseconds } from "../process.js";
import { type System, startSystem } from "../system.js";

const CONNECTIONS = 1_000;
/** The runtime evicts an idle object after about ten seconds. */
const EVICTION = 13_000;
const WATCHED = 60_000;
/** Three times as often as clients do by default. */
const INTERVAL = 10_000;

const PING = '{"type":"ping"}';
const PONG = '{"type":"pong"}';

export const idle: Bench = {
  name: "idle",
  title: "Heartbeats of 1,000 connections for a minute, each every ten seconds: how often they make the object run.",
  async run(plan) {
    plan.say("idle: ours, for more than a minute");
    const connections = hastened(CONNECTIONS, plan);
    const OPTIONS = { maxConnections: connections };
    const description = { system: "ours", worker: "ours-watched", protocol: "workkit.chat.v1", variables: { OPTIONS } };
    await using system = await startSystem(description);
    const sockets = await connectMany(system, connections);
    await wait(EVICTION);
    const before = await seen(system);
    const cpu = await cpuNanoseconds(system.pid);
    let pongs = 0;
    for (const socket of sockets) socket.onFrame = (payload) => void (payload.equals(PONG_BYTES) && pongs++);
    const beats = Math.max(1, Math.round(hastened(WATCHED, plan) / INTERVAL));
    for (let beat = 0; beat < beats; beat++) {
      for (const socket of sockets) socket.send(PING);
      await wait(INTERVAL);
    }
    const after = await seen(system);
    const perPing = ((await cpuNanoseconds(system.pid)) - cpu) / 1000 / (beats * connections);
    await proveThatItSlept(system, sockets);
    const missing = beats * connections - pongs;
    const wakeUps = after.wakeUps - before.wakeUps + after.frames - before.frames;
    return [
      {
        bench: "idle",
        system: "ours",
        value: wakeUps,
        unit: "wake-ups",
        bar: 0,
        holds: wakeUps === 0 && missing === 0,
      },
      { bench: "idle, pings unanswered", system: "ours", value: missing, unit: "pings", bar: 0, holds: missing === 0 },
      { bench: "idle, each ping", system: "ours", value: perPing, unit: "us" },
    ];
  },
};

const PONG_BYTES = Buffer.from(PONG);

/** A count of nothing proves little, unless a message then wakes the object and is counted. */
async function proveThatItSlept(system: System, [sender]: Awaited<ReturnType<typeof connectMany>>): Promise<void> {
  if (sender === undefined) return;
  const before = await seen(system);
  await drive({ sender, receivers: [sender], next: envelopes("message"), marker: ECHO, window: 1, count: 1 });
  const after = await seen(system);
  if (after.wakeUps === before.wakeUps + 1 && after.frames === before.frames + 1) return;
  throw new Error("The object did not sleep while it was watched, so that its wake-ups could not be counted.");
}

async function seen(system: System): Promise<{ wakeUps: number; frames: number }> {
  const { wakeUps, frames } = JSON.parse(await (await system.get("/seen")).text());
  return { wakeUps: Number(wakeUps), frames: Number(frames) };
}
