import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import type { Bench } from "./bench.js";
import { dependencies } from "./peers.js";
import type { Outcome } from "./run.js";
import { toMarkdown } from "./table.js";

const ROOT = join(import.meta.dirname, "..");

/** All that RESULTS.md says. */
export function toReport(benches: readonly Bench[], { findings, failures }: Outcome, command: string): string {
  const measured = findings.filter(({ curve }) => curve === undefined);
  const failed = failures.map(
    ({ bench, reason }) => `**${bench} failed**, and has no figures here: ${oneLine(reason)}\n\n`,
  );
  const titles = benches.map(({ name, title }) => `- **${name}** ${title}`);
  return `# Results

Written by \`${command}\` on ${new Date().toISOString().slice(0, 10)}.

${failed.join("")}${toMarkdown(measured)}

${titles.join("\n")}

## How to read it

- Times are the CPU that the server's process spends on each message, all its threads together, unless the list above says otherwise. p50 and p99 are
  from a message to its answer. Every figure is the median of its rounds.
- The systems take turns in every round. The ratio is that to the control, the row whose ratio is 1, in the same round: the median of all rounds, with
  the bounds within which the true median lies 95 times in 100. A bar holds when the median meets it and the upper bound is at most 0.10 above it.
  *Noisy* are runs in which the middle half of the control's own rounds lies more than 15 % apart.
- "raw" is the shortest code that does the job without a library; it checks nothing, dedupes nothing and prunes nothing. Every Worker is bundled and
  minified in the same way and served by the same \`workerd\`, with its Durable Objects on this machine's disk. The client is one Node process that
  speaks bare WebSocket frames; each message is a write of its own and 200 bytes long. socket.io runs on Node, for it cannot run in Workers.
- Ours has its defaults, but for \`rateLimit\`, \`byteRateLimit\` and \`workLimit\`, which are off everywhere, \`maxStoredMessages: 1_000\` where exchanges are stored (a log that is smaller than a
  commit would not write what it prunes at once), as many as the bench needs where a longer log is read, and \`maxConnections\` above 1,000 where there are more.
- **A commit is cheaper here than in production.** Here it is one local fsync; a Durable Object of Cloudflare's also waits until its replicas have it. The
  time of one commit an exchange would grow with that, that of commits shared by many exchanges much less. The rows "commits" show how many there are.
- Streamed replies come from a stand-in for a model that generates text by timers inside of the worker. *raw* stores the message first, gathers pieces as ours does
  and encodes each frame once; an interruption loses its reply. *ai-chat* is sent only the newest message, where its own client sends them all.
- Evictions are made by \`ctx.abort()\`: a new object on the same disk, in an isolate that is warm.

## Curves

![CPU and throughput along window, connections, log length and message size](curves.svg)

## Machine

${machine().join("\n")}
`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function machine(): string[] {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
  const versions = {
    "@workkit/chat": `${JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).version} (${commit})`,
    workerd: versionOf("workerd"),
    node: process.versions.node,
    esbuild: versionOf("esbuild"),
    ...dependencies(),
  };
  return [
    `- ${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, ${memory}, Linux ${release()}`,
    ...Object.entries(versions).map(([name, version]) => `- ${name} ${version}`),
  ];
}

function versionOf(name: string): string {
  return String(createRequire(import.meta.url)(`${name}/package.json`).version);
}
