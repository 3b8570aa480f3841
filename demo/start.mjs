import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join, relative } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { context } from "esbuild";

/*
 * Starts the demo: bundles the page, then runs the worker on this machine under the real runtime. It needs no account and no
 * network. Both import the package by its name, so it must be built. PORT chooses another port, STATE_DIRECTORY another
 * place for what is said. With WATCH=1 the page is bundled again, and reloads, when its sources change.
 */

const LOOPBACK = "127.0.0.1";
const READY_WITHIN = 60_000;
const END_WITHIN = 5_000;

const here = dirname(fileURLToPath(import.meta.url));
const port = readPort(process.env["PORT"] ?? "8787");
const stateDirectory = process.env["STATE_DIRECTORY"] ?? join(here, ".wrangler", "state");
const url = `http://localhost:${port}`;
const watches = process.env["WATCH"] === "1";

if (!existsSync(join(here, "..", "dist"))) fail("The package is not built: npm run build");
if (!(await isFree(port))) fail(`Port ${port} is taken. End what runs there, or choose another: PORT=8788 npm start`);
await bundlePage();
const wrangler = startWrangler();
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, () => end(0));
// npm, when it is terminated, takes the shell between along and tells this process nothing.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && end(0), 500).unref();
await waitUntilReady();
console.log(`
  Workkit Chat is at  ${url}

  What is said is kept in ${relative(process.cwd(), stateDirectory) || "."}
  Press Ctrl+C to end.
`);

async function bundlePage() {
  const bundler = await context({
    entryPoints: [join(here, "page", "main.tsx")],
    inject: watches ? [join(here, "page", "reload-on-change.ts")] : [],
    outfile: join(here, "public", "page.js"),
    bundle: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    minify: true,
    sourcemap: true,
    logLevel: "warning",
    write: false,
    plugins: [{ name: "write", setup: (bundling) => bundling.onEnd(({ outputFiles }) => write(outputFiles ?? [])) }],
  });
  await bundler.rebuild();
  if (watches) await bundler.watch();
  else await bundler.dispose();
}

/** @param {import("esbuild").OutputFile[]} files */
async function write(files) {
  // A demo that runs already reloads when its files are written, so they are only if they differ.
  for (const { path, text } of files) {
    const before = await readFile(path, "utf8").catch(() => undefined);
    if (before !== text) await writeFile(path, text);
  }
}

function startWrangler() {
  const program = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin", "wrangler.js");
  const options = {
    "--config": join(here, "wrangler.jsonc"),
    "--ip": LOOPBACK,
    "--port": String(port),
    "--inspector-port": "0",
    "--persist-to": stateDirectory,
    "--log-level": "warn",
    "--show-interactive-dev-session": "false",
  };
  const child = spawn(process.execPath, [program, "dev", "--local", ...Object.entries(options).flat()], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      // Nothing is asked of the network: no metrics, no look for updates, no sample of Cloudflare's request data.
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_SEND_ERROR_REPORTS: "false",
      WRANGLER_HIDE_BANNER: "true",
      WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      // Nothing is left in the home directory, and several demos do not find each other.
      WRANGLER_WRITE_LOGS: "false",
      WRANGLER_REGISTRY_PATH: join(stateDirectory, "registry"),
      XDG_CONFIG_HOME: join(stateDirectory, "config"),
    },
  });
  child.stdout.pipe(process.stdout);
  child.stderr.pipe(process.stderr);
  child.on("exit", (code) => end(code ?? 1));
  return child;
}

async function waitUntilReady() {
  const deadline = Date.now() + READY_WITHIN;
  while (Date.now() < deadline) {
    const response = await fetch(`http://${LOOPBACK}:${port}/`).catch(() => undefined);
    if (response?.ok) return;
    await wait(100);
  }
  console.error(
    `The worker did not answer at ${url} within ${READY_WITHIN / 1000} seconds; what it printed stands above.`,
  );
  await end(1);
}

/** @param {number} code */
async function end(code) {
  process.exitCode ??= code;
  if (wrangler.exitCode !== null || wrangler.signalCode !== null) process.exit();
  // What it prints while it is being ended concerns nobody.
  wrangler.stdout.unpipe().resume();
  wrangler.stderr.unpipe().resume();
  wrangler.kill("SIGTERM");
  await wait(END_WITHIN);
  wrangler.kill("SIGKILL");
}

/** @param {number} port */
function isFree(port) {
  const { promise, resolve } = Promise.withResolvers();
  const server = createServer();
  server.once("error", () => resolve(false));
  server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  return promise;
}

/** @param {string} text */
function readPort(text) {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 65_535) return number;
  return fail(`PORT is "${text}"; it must be a number from 1 to 65535.`);
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message);
  process.exit(1);
}
