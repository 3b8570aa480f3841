import { type Bench, hastened } from "../bench.js";
import { connect } from "../connections.js";
import { fill } from "../filling.js";
import { measureCpu } from "../load.js";
import type { LoadSocket } from "../load-socket.js";
import { play } from "../match.js";
import { readEpoch, replay as replayPages } from "../session-wire.js";
import type { System } from "../system.js";

const ENVELOPES = 10_000;
const REPLAYS = 3;

export const replay: Bench = {
  name: "replay",
  title:
    "A log of 10,000 envelopes to a client that has none of it: raw in one go, ours in pages. CPU for each envelope.",
  run(plan) {
    const length = hastened(ENVELOPES, plan, 2);
    return play(
      {
        unit: "us",
        systems: [
          { system: "raw", worker: "raw-replay" },
          {
            system: "ours",
            worker: "ours",
            protocol: "workkit.chat.v1",
            variables: { OPTIONS: { maxStoredMessages: ENVELOPES } },
          },
        ],
        bars: [{ bench: "replay", control: "raw", ours: "ours", most: 1.3 }],
        async prepare(system) {
          await fill(system, length);
          const isOurs = system.description.protocol !== undefined;
          const since = isOurs ? `${await readEpoch(system)}:0` : "0";
          const once = isOurs ? () => replayPages(system, since) : () => replayAll(system, length);
          return () => measureCpu(system.pid, REPLAYS * length, () => repeat(once));
        },
      },
      plan,
    );
  },
};

/** A time is not what is compared, but tells whether pages keep a reader waiting. */
async function repeat(once: () => Promise<LoadSocket>): Promise<{ p50: number }> {
  const begun = performance.now();
  for (let count = 0; count < REPLAYS; count++) await (await once()).close();
  return { p50: ((performance.now() - begun) * 1000) / REPLAYS };
}

async function replayAll(system: System, length: number): Promise<LoadSocket> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let frames = 0;
  const socket = await connect(system, "/?since=0", () => {
    frames++;
    if (frames === length) resolve();
  });
  await promise;
  return socket;
}
