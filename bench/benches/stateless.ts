import type { Bench } from "../bench.js";
import { hastened } from "../bench.js";
import { drive, measureCpu } from "../load.js";
import { LoadSocket } from "../load-socket.js";
import { play } from "../match.js";
import { ECHO, envelopes } from "../messages.js";
import { openSocketIo, toSocketIo } from "../socket-io.js";

const WINDOW = 64;
const MESSAGES = 30_000;

export const stateless: Bench = {
  name: "stateless",
  title: "A message and its reply, no object. CPU of the server for each exchange; 64 in flight.",
  run: (plan) =>
    play(
      {
        unit: "us",
        systems: [
          { system: "raw", worker: "raw-stateless" },
          { system: "ours", worker: "ours-stateless" },
        ],
        peers: [{ system: "socket.io on Node", worker: "socket-io" }],
        bars: [{ bench: "stateless", control: "raw", ours: "ours", most: 1.15 }],
        async prepare(system) {
          const isSocketIo = system.description.worker === "socket-io";
          // One for each round: a plain connection is closed after 16 MiB.
          const open = () => (isSocketIo ? openSocketIo(system) : LoadSocket.open(system.socketUrl("/")));
          const envelope = envelopes("message");
          const next = isSocketIo ? () => toSocketIo(envelope()) : envelope;
          const count = hastened(MESSAGES, plan);
          return async () => {
            const sender = await open();
            const load = { sender, receivers: [sender], next, marker: ECHO, window: WINDOW, count };
            const sample = await measureCpu(system.pid, count, () => drive(load));
            await sender.close();
            return sample;
          };
        },
      },
      plan,
    ),
};
