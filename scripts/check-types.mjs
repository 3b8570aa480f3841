import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { resolve } from "node:path";

/*
 * Checks the types of every tsconfig*.json in the checkout, and that no source file escapes them all: a file that no
 * configuration names would go unchecked in silence.
 */

// The template has its types from wrangler only when it is a project: test/system/init.test.ts checks it.
const exclude = ["**/node_modules", "dist", "coverage", "**/.wrangler", "demo/public", "template"];
const checked = new Set();
let failed = false;

for (const project of globSync("**/tsconfig*.json", { exclude }).sort()) {
  const tsc = spawnSync("tsc", ["--project", project, "--noEmit", "--listFiles", "--pretty", "false"], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (tsc.error !== undefined) throw tsc.error;
  const problems = [];
  for (const line of tsc.stdout.split("\n")) {
    if (line.startsWith("/")) checked.add(line);
    else if (line !== "") problems.push(line);
  }
  if (tsc.status === 0) continue;
  failed = true;
  console.error([`${project}:`, ...problems, tsc.stderr].join("\n"));
}

// Contexts are put before the code blocks of the documentation, which a test compiles.
const sources = globSync("**/*.{ts,tsx,mts,mjs}", { exclude: [...exclude, "test/system/contexts"] });
for (const source of sources.filter((file) => !checked.has(resolve(file)))) {
  failed = true;
  console.error(`${source} is in no tsconfig*.json: add it to the one of its runtime.`);
}

if (failed) process.exit(1);
console.log(`Types: ${sources.length} files checked.`);
