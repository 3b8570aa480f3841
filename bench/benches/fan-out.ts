import { type Bench, hastened } from "../bench.js";
import { connect, connectMany } from "../connections.js";
import { drive, measureCpu } from "../load.js";
import { play } from "../match.js";
import { CONTENT, envelopes } from "../messages.js";

/** Frames that a round sends, whatever the number of receivers. */
const FRAMES = 20_000;

export const fanOut1000 = fanOut(1_000);
export const fanOut5000 = fanOut(5_000);

function fanOut(most: number): Bench {
  const name = `fan-out-${most}`;
  return {
    name,
    title: `One message to ${most} connections, ours stored. CPU for each recipient; one message in flight.`,
    run(plan) {
      const receivers = hastened(most, plan);
      const messages = Math.max(1, Math.round(hastened(FRAMES, plan) / receivers));
      const variables = { OPTIONS: { maxConnections: receivers + 1 } };
      return play(
        {
          unit: "us",
          systems: [
            { system: "raw", worker: "raw-relay" },
            { system: "ours", worker: "ours-listening", protocol: "workkit.chat.v1", variables },
          ],
          peers: [{ system: "partyserver", worker: "partyserver" }],
          bars: [{ bench: name, control: "raw", ours: "ours", most: 1.1 }],
          async prepare(system) {
            const sender = await connect(system);
            const load = { sender, receivers: await connectMany(system, receivers), next: envelopes("message") };
            const run = () => drive({ ...load, marker: CONTENT, window: 1, count: messages });
            return () => measureCpu(system.pid, messages * receivers, run);
          },
        },
        plan,
      );
    },
  };
}
