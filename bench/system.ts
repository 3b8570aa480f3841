import { type ChildProcess, spawn } from "node:child_process";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { BuildOptions } from "esbuild";
import { bundleWorker } from "../test/workerd/bundle.js";
import { Workerd } from "../test/workerd/server.js";

const SYSTEMS = join(import.meta.dirname, "systems");

/** Where another checkout has the same. */
const SYSTEMS_OF_CHECKOUT = join("bench", "systems");

/** A system as a bench wants it: which worker, and what stands in its `env`. */
export interface SystemDescription {
  /** As tables and results call it. */
  system: string;
  /** A file of `systems/`, without its ending. */
  worker: string;
  /** The subprotocol that its clients offer. */
  protocol?: string;
  /** JSON values in its `env`. */
  variables?: Readonly<Record<string, unknown>>;
  /** Another checkout of this repository whose code it runs. Default: this one. */
  checkout?: string;
}

/** A system that runs. */
export interface System extends AsyncDisposable {
  readonly description: SystemDescription;
  readonly pid: number;
  /** Where its sockets are: a path and query of the worker. */
  socketUrl(path: string): URL;
  /** What the worker answers to a GET. */
  get(path: string): Promise<Response>;
}

/** Where the modules that a peer imports are to be found. */
const ALIASES = {
  // Some dependencies call Node's modules by their old names, which workerd does not know.
  ...Object.fromEntries(builtinModules.filter((name) => !name.includes(":")).map((name) => [name, `node:${name}`])),
  // Not in workerd itself: the tools around it bring it. No bench sends mail.
  "cloudflare:email": join(SYSTEMS, "no-email.ts"),
};

/** Bundles and minifies a system's worker, all in the same way, and serves it with workerd on a fresh disk. */
export async function startSystem(description: SystemDescription): Promise<System> {
  const { worker, variables = {}, checkout } = description;
  if (worker === "socket-io") return startNode(description);
  const server = await Workerd.start({
    module: await bundleSystem(
      join(checkout === undefined ? SYSTEMS : join(checkout, SYSTEMS_OF_CHECKOUT), `${worker}.ts`),
    ),
    objects: worker.endsWith("stateless") ? [] : [{ name: "Room", className: "Room" }],
    variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, JSON.stringify(value)])),
  });
  return {
    description,
    get pid() {
      if (server.pid === undefined) throw new Error(`${description.system} has ended. It wrote:\n${server.output}`);
      return server.pid;
    },
    socketUrl: (path) => server.socketUrl(path),
    get: (path) => fetch(new URL(path, server.url)),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** One minified module of an entry, with what the runtime brings left out. */
export function bundleSystem(entry: string, more: BuildOptions = {}): Promise<string> {
  return bundleWorker(entry, { minify: true, external: ["cloudflare:*", "node:*", "react"], alias: ALIASES, ...more });
}

/** socket.io has no place in workerd: it runs in a Node of its own, the one that runs the benches. */
async function startNode(description: SystemDescription): Promise<System> {
  const child: ChildProcess = spawn(process.execPath, [join(SYSTEMS, `${description.worker}.mjs`)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { pid, stdout } = child;
  if (pid === undefined || stdout === null) throw new Error(`${process.execPath} could not be started.`);
  process.once("exit", () => child.kill("SIGKILL"));
  const { value: port } = await createInterface(stdout)[Symbol.asyncIterator]().next();
  return {
    description,
    pid,
    socketUrl: (path) => new URL(path, `ws://127.0.0.1:${port}/`),
    get: () => Promise.reject(new Error("A system on Node answers sockets only.")),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
    },
  };
}
