import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const FIRST_PORT = 11_000;
const LAST_PORT = 32_000;

/** How a server is started. */
export interface Command {
  program: string;
  args: readonly string[];
  folder?: string;
  environment?: Record<string, string>;
}

/** A worker with its page on this machine, on a port and with a state of its own, that can be killed and started again. */
export abstract class Server {
  #process: ChildProcess | undefined;
  #printed = "";

  /** @param home a folder of its own, for all that it keeps */
  protected constructor(
    protected readonly port: number,
    protected readonly home: string,
  ) {}

  protected abstract command(): Command;

  /** Whether it can be used, by now. */
  protected abstract isReady(): boolean | Promise<boolean>;

  /** The address of something on it. */
  url(path: string): string {
    return new URL(path, `http://localhost:${this.port}`).href;
  }

  /** All that was printed since it was started. */
  get printed(): string {
    return this.#printed;
  }

  /** Starts it, the first time or again with the state it left behind; resolves when it can be used. */
  async start(): Promise<void> {
    const { program, args, folder, environment } = this.command();
    const child = spawn(program, args, {
      // A group of its own, so that all of it can be killed by one id.
      detached: true,
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    });
    this.#process = child;
    this.#printed = "";
    child.stdout.on("data", (data) => (this.#printed += String(data)));
    child.stderr.on("data", (data) => (this.#printed += String(data)));
    while (!(await this.isReady())) {
      if (child.exitCode !== null) throw new Error(`It ended before it was ready. It printed:\n${this.#printed}`);
      await wait(50);
    }
  }

  /** Ends it with the runtime and all, at once and without warning. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    this.#signal("SIGKILL");
    await gone;
    while (await this.isListening()) await wait(50);
  }

  /** Freezes all of it: its sockets stay open and silent. `thaw` lets it go on. */
  freeze(): void {
    this.#signal("SIGSTOP");
  }

  thaw(): void {
    this.#signal("SIGCONT");
  }

  /** Asks it to end, as Ctrl+C does; resolves with its exit code. */
  async end(): Promise<number | null> {
    const child = this.#process;
    if (child === undefined) return null;
    const gone = once(child, "exit");
    child.kill("SIGINT");
    await gone;
    return child.exitCode;
  }

  /** Whether something listens where it is, or was. */
  async isListening(): Promise<boolean> {
    return !(await isFree(this.port));
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.home, { recursive: true, force: true });
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#process?.pid !== undefined) process.kill(-this.#process.pid, signal);
  }
}

/** A new folder, to be removed by the caller. */
export function makeHome(): Promise<string> {
  return mkdtemp(join(tmpdir(), "workkit-chat-e2e-"));
}

/**
 * A port of the loopback that nothing listens on. It is below those that the system gives away by itself: between now and
 * the start of the server, nobody else is given it.
 */
export async function findPort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once("error", () => resolve(false));
  server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  return promise;
}
