import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Bench, Finding } from "../bench.js";
import { bundleSystem } from "../system.js";

/** The budgets of `npm run bytes`: what users bundle of ours, and the bytes that it may have. It is bundled when this is imported. */
const BUDGETS = "../../.size-limit.mjs";

const ROOT = join(import.meta.dirname, "../..");

const PEERS = [
  { system: "partyserver", contents: 'export { Server } from "partyserver"' },
  { system: "agents", contents: 'export { Agent } from "agents"' },
];

export const bytes: Bench = {
  name: "bytes",
  title: "Bytes of what users import, bundled, minified, and compressed by gzip at level 9, each beside its budget.",
  async run({ peers }) {
    const findings: Finding[] = [];
    if (peers) execFileSync("npm", ["run", "build"], { cwd: ROOT, stdio: "ignore" });
    const { default: budgets } = await import(BUDGETS);
    for (const { name, path, limit } of budgets) {
      const value = compressed(readFileSync(path));
      const bar = Number.parseInt(limit, 10);
      findings.push({ bench: "bytes", system: name, value, unit: "bytes", bar, holds: value <= bar });
    }
    for (const { system, contents } of peers ? PEERS : []) {
      const stdin = { contents, resolveDir: join(import.meta.dirname, "..") };
      const value = compressed(await bundleSystem("", { entryPoints: [], stdin }));
      findings.push({ bench: "bytes", system, value, unit: "bytes" });
    }
    return findings;
  },
};

function compressed(bundle: string | Buffer): number {
  return gzipSync(bundle, { level: 9 }).byteLength;
}
