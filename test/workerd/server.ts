import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type DurableObjectBinding, toCapnp } from "./configuration.js";

export interface WorkerdOptions {
  /** The worker as one bundled ES module: see `bundleWorker`. */
  module: string;
  objects?: readonly DurableObjectBinding[];
  variables?: Readonly<Record<string, string>>;
  /** Compatibility flags. With any, workerd permits the experimental ones among them. */
  flags?: readonly string[];
  /** See `WorkerConfiguration`. */
  rpc?: { path: string; entrypoint: string };
  remotes?: Readonly<Record<string, string>>;
  /** See `WorkerConfiguration`. */
  fetchesLocally?: boolean;
  compatibilityDate?: string;
}

/**
 * A bare `workerd serve` with Durable Objects on disk. It may be killed and started again on the same disk, as often as
 * needed; `dispose` ends it and removes the disk.
 *
 * @example
 * await using server = await Workerd.start({ module: await bundleWorker("worker.ts") });
 * const answer = await fetch(server.url);
 */
export class Workerd implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "workkit-chat-"));
  readonly #arguments: readonly string[];
  #process: ChildProcess | undefined;
  #port = 0;
  /** What workerd wrote to its standard output and error, since it was first started. */
  output = "";

  private constructor({
    module,
    objects = [],
    variables = {},
    flags = [],
    rpc,
    remotes = {},
    ...more
  }: WorkerdOptions) {
    servers.add(this);
    const isExperimental = flags.length > 0 || rpc !== undefined || Object.keys(remotes).length > 0;
    this.#arguments = ["serve", "--control-fd=3", ...(isExperimental ? ["--experimental"] : []), "config.capnp"];
    const disk = join(this.#folder, "data");
    mkdirSync(disk);
    writeFileSync(join(this.#folder, "worker.js"), module);
    writeFileSync(
      join(this.#folder, "config.capnp"),
      toCapnp({ objects, variables, flags, disk, rpc, remotes, ...more }),
    );
  }

  static async start(options: WorkerdOptions): Promise<Workerd> {
    const server = new Workerd(options);
    await server.start();
    return server;
  }

  /** The SQLite files of its Durable Objects, for those who look at them, or damage them, while it does not run. */
  databases(): string[] {
    const disk = join(this.#folder, "data");
    const names = readdirSync(disk, { recursive: true, encoding: "utf8" });
    return names
      .filter((name) => name.endsWith(".sqlite") && !name.endsWith("metadata.sqlite"))
      .map((name) => join(disk, name));
  }

  /** The address of the worker, with another port after each start. */
  get url(): URL {
    return new URL(`http://127.0.0.1:${this.#port}/`);
  }

  /** The id of workerd's process while it runs, for those who measure it. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** The address of a WebSocket of the worker. */
  socketUrl(path: string): URL {
    const url = new URL(path, this.url);
    url.protocol = "ws:";
    return url;
  }

  /** Starts workerd, and resolves once it listens. */
  async start(): Promise<void> {
    if (this.#process !== undefined) throw new Error("workerd is running already: kill() it first.");
    const child = spawn(binary(), this.#arguments, {
      cwd: this.#folder,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        this.output += chunk;
      });
    }
    try {
      this.#port = await listening(child);
    } catch (cause) {
      await this[Symbol.asyncDispose]();
      throw new Error(`workerd did not start. It wrote:\n${this.output}`, { cause });
    }
  }

  /** Ends workerd by SIGKILL: nothing of it runs any more when this returns its promise's value. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    this.abandon();
  }

  /** Ends workerd and removes its disk without waiting. */
  abandon(): void {
    this.#process?.kill("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
    servers.delete(this);
  }
}

const servers = new Set<Workerd>();

// A test run that is broken off must not leave servers or disks behind.
process.once("exit", () => {
  for (const server of servers) server.abandon();
});

/** The port that workerd reports on its control channel. */
async function listening(child: ChildProcess): Promise<number> {
  const control = child.stdio[3] as Readable;
  const failed = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`It ended with ${signal ?? `code ${code}`}.`)));
  });
  const reported = (async () => {
    for await (const line of createInterface(control)) {
      const event: unknown = JSON.parse(line);
      if (isListenEvent(event)) return event.port;
    }
    throw new Error("It closed its control channel before it listened.");
  })();
  failed.catch(() => undefined);
  return Promise.race([reported, failed]);
}

function isListenEvent(event: unknown): event is { event: "listen"; port: number } {
  return typeof event === "object" && event !== null && "event" in event && event.event === "listen";
}

/** The program itself: the package's own launcher would take the signal in its place. */
function binary(): string {
  const workerd: unknown = createRequire(import.meta.url)("workerd");
  const path = typeof workerd === "object" && workerd !== null && "default" in workerd ? workerd.default : undefined;
  if (typeof path !== "string") throw new Error("The package workerd does not tell where its program is.");
  return path;
}
