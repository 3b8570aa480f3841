import { type Bench, hastened } from "../bench.js";
import { connect } from "../connections.js";
import { drive, measureCpu } from "../load.js";
import { play } from "../match.js";
import { CONTENT, envelopes } from "../messages.js";

const WINDOW = 64;
const MESSAGES = 30_000;

export const relay: Bench = {
  name: "relay",
  title: "An ephemeral envelope from one connection of an object to another. CPU for each; 64 in flight.",
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
          const [sender, receiver] = await Promise.all([connect(system), connect(system)]);
          const count = hastened(MESSAGES, plan);
          const load = {
            sender,
            receivers: [receiver],
            next: envelopes("typing"),
            marker: CONTENT,
            window: WINDOW,
            count,
          };
          return () => measureCpu(system.pid, count, () => drive(load));
        },
      },
      plan,
    ),
};
