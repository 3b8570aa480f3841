import { setTimeout as wait } from "node:timers/promises";
import { type Bench, hastened } from "../bench.js";
import { connect } from "../connections.js";
import { drive, measureCpu } from "../load.js";
import { play } from "../match.js";
import { CONTENT, envelopes } from "../messages.js";

const WINDOW = 64;
/** What a session relays at once for one limit key: half of its 2,000 socket writes a second. It drops what is beyond. */
const MESSAGES = 1_000;
/** Milliseconds after which the session may write as many again. */
const PAUSE = 1_000;

export const relay: Bench = {
  name: "relay",
  title:
    "An ephemeral envelope from one connection of an object to another, 1,000 at once. CPU for each; 64 in flight.",
  run: (plan) =>
    play(
      {
        unit: "us",
        systems: [
          { system: "raw", worker: "raw-relay" },
          { system: "ours", worker: "ours", protocol: "workkit.chat.v1" },
        ],
        peers: [{ system: "partyserver", worker: "partyserver" }],
        bars: [{ bench: "relay", control: "raw", ours: "ours", most: 1.2 }],
        async prepare(system) {
          const receivers = [await connect(system)];
          const count = hastened(MESSAGES, plan);
          const load = { receivers, next: envelopes("typing"), marker: CONTENT, window: WINDOW, count };
          return async () => {
            await wait(PAUSE / plan.haste);
            // One for each round: a connection without an identity has a limit key of its own.
            const sender = await connect(system);
            const sample = await measureCpu(system.pid, count, () => drive({ ...load, sender }));
            await sender.close();
            return sample;
          };
        },
      },
      plan,
    ),
};
