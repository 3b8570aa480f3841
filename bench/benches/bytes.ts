import { existsSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Bench, Finding } from "../bench.js";
import { bundleSystem } from "../system.js";

const SOURCE = join(import.meta.dirname, "../../src");

/** What users bundle of ours, with all its exports, and the bar in bytes. The hooks are weighed without what they stand on. */
const OURS = [
  { bench: "bytes, server", file: "index.ts", bar: 8_192 },
  { bench: "bytes, client", file: "client/index.ts", bar: 5_120 },
  { bench: "bytes, react", file: "react/index.ts", bar: 1_536, external: ["react", "*/client/index.js"] },
  { bench: "bytes, protocol", file: "protocol/index.ts", bar: 2_048 },
];

const PEERS = [
  { system: "partyserver", contents: 'export { Server } from "partyserver"' },
  { system: "agents", contents: 'export { Agent } from "agents"' },
];

export const bytes: Bench = {
  name: "bytes",
  title:
    "Bytes of an entry with all that it exports, bundled, minified, and compressed by gzip at level 9; react without the client.",
  async run({ peers }) {
    const findings: Finding[] = [];
    for (const { bench, file, bar, external } of OURS) {
      const entry = join(SOURCE, file);
      if (!existsSync(entry)) continue;
      const value = compressed(await bundleSystem(entry, external === undefined ? {} : { external }));
      findings.push({ bench, system: "ours", value, unit: "bytes", bar, holds: value <= bar });
    }
    for (const { system, contents } of peers ? PEERS : []) {
      const stdin = { contents, resolveDir: join(import.meta.dirname, "..") };
      const value = compressed(await bundleSystem("", { entryPoints: [], stdin }));
      findings.push({ bench: "bytes, server", system, value, unit: "bytes" });
    }
    return findings;
  },
};

function compressed(text: string): number {
  return gzipSync(text, { level: 9 }).byteLength;
}
