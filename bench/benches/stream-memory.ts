import { setTimeout as wait } from "node:timers/promises";
import { type Bench, hastened } from "../bench.js";
import { connectMany } from "../connections.js";
import type { LoadSocket } from "../load-socket.js";
import { judge } from "../match.js";
import { residentBytes } from "../process.js";
import type { Prompt } from "../prompt.js";
import { watchReply } from "../reply-load.js";
import { OURS, RAW, viewerPath, wireOf } from "../reply-wire.js";
import { takeTurns } from "../rounds.js";
import { type SystemDescription, startSystem } from "../system.js";

const STREAMS = 300;
const ROUNDS = 5;
/** Milliseconds after which what a reply leaves behind has been cleared away. */
const SETTLING = 1_000;
/** 4,000 characters within three seconds. */
const PROMPT: Prompt = { firstMs: 0, gapMs: 30, pieces: 100, size: 40 };

export const streamMemory: Bench = {
  name: "stream-memory",
  title:
    "Memory that workerd holds for each of 300 rooms in which 4,000 characters of a reply are shown and it goes on, above that of the room after a complete one. A server of its own for each round.",
  async run(plan) {
    plan.say("stream-memory");
    const contestants = [RAW, OURS].map((description) => ({
      system: description.system,
      round: () => kilobytesForEach(description, hastened(STREAMS, plan)),
    }));
    const samples = await takeTurns(contestants, Math.min(plan.rounds, ROUNDS), 0);
    return judge(samples, [{ bench: "stream-memory", control: RAW.system, ours: OURS.system, most: 2 }], "KB");
  },
};

async function kilobytesForEach(description: SystemDescription, streams: number): Promise<{ value: number }> {
  await using system = await startSystem(description);
  const viewers: LoadSocket[] = [];
  for (let room = 0; room < streams; room++) viewers.push(...(await connectMany(system, 1, viewerPath(room))));
  await Promise.all(viewers.map((viewer) => watchReply([viewer], wireOf(system), PROMPT)));
  await wait(SETTLING);
  const before = residentBytes(system.pid);
  for (const viewer of viewers) viewer.send(wireOf(system).ask({ ...PROMPT, heldSeconds: 60 }));
  await wait(PROMPT.pieces * PROMPT.gapMs + 2 * SETTLING);
  return { value: (residentBytes(system.pid) - before) / streams / 1024 };
}
