import { type Bench, hastened } from "../bench.js";
import { connect } from "../connections.js";
import { measureCpu } from "../load.js";
import { play } from "../match.js";
import { OURS, RAW, viewerPath, wireOf } from "../reply-wire.js";
import { median } from "../statistics.js";
import type { System } from "../system.js";

const PIECES = 64;
const SIZE = 15_600;
const CHARACTERS = PIECES * SIZE;
/** The reply goes on until after the last round. */
const HELD_SECONDS = 3_600;
const JOINS = 10;

export const streamJoin: Bench = {
  name: "stream-join",
  title:
    "A client that joins while a reply of 1 MB is being generated. CPU for each until it has the text, and the time that this takes.",
  run: (plan) =>
    play(
      {
        unit: "us",
        systems: [RAW, OURS],
        bars: [{ bench: "stream-join", control: RAW.system, ours: OURS.system, most: 1.3 }],
        async prepare(system) {
          await begin(system);
          const joins = hastened(JOINS, plan);
          return () => measureCpu(system.pid, joins, () => joinRepeatedly(system, joins));
        },
      },
      plan,
    ),
};

/** Resolves when all of the text is there. */
async function begin(system: System): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let characters = 0;
  const asking = await connect(system, viewerPath("long"), (payload) => {
    const { text = "", parts: [part] = [{ text }] } = JSON.parse(payload.toString());
    characters += part.text.length;
    if (characters === CHARACTERS) resolve();
  });
  asking.send(wireOf(system).ask({ firstMs: 0, gapMs: 2, pieces: PIECES, size: SIZE, heldSeconds: HELD_SECONDS }));
  await promise;
}

async function joinRepeatedly(system: System, joins: number): Promise<{ p50: number }> {
  const times: number[] = [];
  for (let count = 0; count < joins; count++) {
    const begun = performance.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    const joined = await connect(system, viewerPath("long"), (payload) => {
      if (payload.length > CHARACTERS) resolve();
    });
    await promise;
    times.push((performance.now() - begun) * 1_000);
    await joined.close();
  }
  return { p50: median(times) };
}
