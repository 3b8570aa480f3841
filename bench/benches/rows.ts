import { type Bench, type Finding, hastened, type Plan } from "../bench.js";
import { connect } from "../connections.js";
import { drive } from "../load.js";
import { ECHO, envelopes } from "../messages.js";
import { type SystemDescription, startSystem } from "../system.js";

const CAPACITY = 1_000;
/** As many as the log keeps: what is counted is a log at its capacity, where each envelope takes the place of one. */
const FILLING = CAPACITY / 2;
const MESSAGES = 2_000;
const WINDOWS = [64, 1];

const SYSTEMS: readonly SystemDescription[] = [
  { system: "raw, one commit an exchange", worker: "raw-one-commit-counted" },
  { system: "raw, group commit", worker: "raw-group-commit-counted" },
  {
    system: "ours",
    worker: "ours-counted",
    protocol: "workkit.chat.v1",
    variables: { OPTIONS: { maxStoredMessages: CAPACITY } },
  },
];

export const rows: Bench = {
  name: "rows",
  title:
    "Rows written for each stored envelope, with turns, deduplication and pruning where there are any; commits for each exchange.",
  async run(plan) {
    const findings: Finding[] = [];
    for (const description of SYSTEMS) findings.push(...(await count(description, plan)));
    return findings;
  },
};

async function count(description: SystemDescription, plan: Plan): Promise<Finding[]> {
  const { system } = description;
  plan.say(`rows: ${system}`);
  await using running = await startSystem(description);
  const sender = await connect(running);
  const load = { sender, receivers: [sender], next: envelopes("message"), marker: ECHO };
  await drive({ ...load, window: 1, count: FILLING });
  const messages = hastened(MESSAGES, plan);
  const findings: Finding[] = [];
  let before = await writes(running);
  for (const window of WINDOWS) {
    await drive({ ...load, window, count: messages });
    const after = await writes(running);
    const perEnvelope = (after.rows - before.rows) / messages / 2;
    const bar = system === "ours" ? { bar: 1, holds: perEnvelope === 1 } : {};
    findings.push(
      { bench: `rows, ${window} in flight`, system, value: perEnvelope, unit: "rows per envelope", ...bar },
      {
        bench: `commits, ${window} in flight`,
        system,
        value: (after.commits - before.commits) / messages,
        unit: "commits per exchange",
      },
    );
    before = after;
  }
  return findings;
}

async function writes(running: { get(path: string): Promise<Response> }): Promise<{ rows: number; commits: number }> {
  const { rows, commits } = JSON.parse(await (await running.get("/writes")).text());
  return { rows: Number(rows), commits: Number(commits) };
}
