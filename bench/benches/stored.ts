import { type Bench, hastened, type Plan } from "../bench.js";
import { connect } from "../connections.js";
import { drive, measureCpu } from "../load.js";
import { play } from "../match.js";
import { ECHO, envelopes } from "../messages.js";
import type { Sample } from "../rounds.js";
import type { System } from "../system.js";

const WINDOW = 64;
const MESSAGES = 5_000;
const LONE_MESSAGES = 1_000;

const ONE_COMMIT = { system: "raw, one commit an exchange", worker: "raw-one-commit" };
const GROUP_COMMIT = { system: "raw, group commit", worker: "raw-group-commit" };
/** With room for more than a commit gathers: what is pruned before it is written would cost nothing. */
const variables = { OPTIONS: { maxStoredMessages: 1_000 } };
const OURS = { system: "ours", worker: "ours", protocol: "workkit.chat.v1", variables };
const AGENTS = { system: "agents", worker: "agents" };

export const stored: Bench = {
  name: "stored",
  title: "A message and its reply, both stored, the message acked. CPU for each exchange; 64 in flight.",
  run: (plan) =>
    play(
      {
        unit: "us",
        systems: [ONE_COMMIT, GROUP_COMMIT, OURS],
        peers: [AGENTS],
        bars: [
          { bench: "stored, against one commit", control: ONE_COMMIT.system, ours: "ours", most: 0.35 },
          { bench: "stored, against group commit", control: GROUP_COMMIT.system, ours: "ours", most: 1.5 },
        ],
        prepare: (system) => exchanges(system, WINDOW, hastened(MESSAGES, plan)),
      },
      plan,
    ),
};

export const lone: Bench = {
  name: "lone",
  title: "The same with one message in flight at a time. The median time from message to reply.",
  run: (plan: Plan) =>
    play(
      {
        unit: "us",
        systems: [ONE_COMMIT, OURS],
        peers: [AGENTS],
        bars: [{ bench: "lone", control: ONE_COMMIT.system, ours: "ours", most: 1.15 }],
        async prepare(system) {
          const round = await exchanges(system, 1, hastened(LONE_MESSAGES, plan));
          return async () => {
            const sample = await round();
            return { ...sample, value: sample.p50 ?? Number.NaN };
          };
        },
      },
      plan,
    ),
};

/** Rounds of messages that are stored with their replies. */
async function exchanges(system: System, window: number, count: number): Promise<() => Promise<Sample>> {
  const sender = await connect(system);
  const load = { sender, receivers: [sender], next: envelopes("message"), marker: ECHO, window, count };
  return () => measureCpu(system.pid, count, () => drive(load));
}
