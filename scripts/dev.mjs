import { spawn } from "node:child_process";

/*
 * Starts the demo, and keeps it up to date with the sources: the compiler writes dist again when src changes, the demo bundles
 * its page and its worker from that, and open pages reload.
 */

/** @type {NodeJS.Signals[]} */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

const compiler = spawn("tsc", ["--project", "tsconfig.json", "--watch", "--preserveWatchOutput"], {
  stdio: ["ignore", "inherit", "inherit"],
});
const demo = spawn(process.execPath, ["demo/start.mjs"], {
  stdio: ["ignore", "inherit", "inherit"],
  env: { ...process.env, WATCH: "1" },
});
// Neither is of use without the other.
compiler.once("exit", () => demo.kill("SIGTERM"));
demo.once("exit", (code) => {
  process.exitCode = code ?? 1;
  compiler.kill("SIGTERM");
});
for (const signal of SIGNALS) process.on(signal, () => demo.kill(signal));
