import { type Bench, hastened } from "../bench.js";
import { connect } from "../connections.js";
import { fill } from "../filling.js";
import { drive } from "../load.js";
import { play } from "../match.js";
import { ECHO, envelopes } from "../messages.js";
import { cpuNanoseconds } from "../process.js";
import { median } from "../statistics.js";
import type { System, SystemDescription } from "../system.js";

const WAKE_UPS = 100;
const SHORT = 10;
const LONG = 100_000;

export const wakeUp: Bench = {
  name: "wake-up",
  title:
    "A connection to an evicted session, a message and its reply. CPU up to the reply and what follows it; a long log against a short one.",
  run(plan) {
    const lengths = [SHORT, hastened(LONG, plan)];
    const [short, long] = lengths.map((length) => nameFor(length));
    return play(
      {
        unit: "us",
        systems: lengths.map(describe),
        bars: [{ bench: "wake-up", control: short ?? "", ours: long ?? "", most: 1.2 }],
        async prepare(system) {
          await fill(system, Number(system.description.variables?.["LENGTH"]));
          return () => wakeUps(system);
        },
      },
      plan,
    );
  },
};

function nameFor(length: number): string {
  return `ours, log of ${length}`;
}

function describe(length: number): SystemDescription {
  const variables = { LENGTH: length, OPTIONS: { maxStoredMessages: LONG } };
  return { system: nameFor(length), worker: "ours-evicted", protocol: "workkit.chat.v1", variables };
}

/** Evicts the session again and again, which is not measured, and measures what its first answer takes. */
async function wakeUps(system: System): Promise<{ value: number; p50: number }> {
  const next = envelopes("message");
  let nanoseconds = 0;
  const times: number[] = [];
  for (let count = 0; count < WAKE_UPS; count++) {
    await system.get("/evict");
    const before = await cpuNanoseconds(system.pid);
    const begun = performance.now();
    const sender = await connect(system);
    await drive({ sender, receivers: [sender], next, marker: ECHO, window: 1, count: 1 });
    times.push((performance.now() - begun) * 1000);
    nanoseconds += (await cpuNanoseconds(system.pid)) - before;
    await sender.close();
  }
  return { value: nanoseconds / 1000 / WAKE_UPS, p50: median(times) };
}
