import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../demo/start.mjs", import.meta.url));

/** The demo as `npm start` starts it, on a port and with a state of its own. */
export class Demo {
  #process: ChildProcess | undefined;
  #printed = "";

  private constructor(
    private readonly port: number,
    private readonly stateDirectory: string,
  ) {}

  static async start(): Promise<Demo> {
    const demo = new Demo(await freePort(), await mkdtemp(join(tmpdir(), "workkit-chat-demo-")));
    await demo.start();
    return demo;
  }

  /** The address of a room's page; `guest` makes its window another person. */
  room(name: string, guest = false): string {
    return `http://localhost:${this.port}/r/${name}${guest ? "?guest" : ""}`;
  }

  /** All that was printed so far. */
  get printed(): string {
    return this.#printed;
  }

  /** Starts it, the first time or again with the state it left behind; resolves when it says where it is. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [SCRIPT], {
      // A group of its own, so that all of it can be killed by one id.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PORT: String(this.port), STATE_DIRECTORY: this.stateDirectory },
    });
    this.#process = child;
    this.#printed = "";
    child.stdout.on("data", (data) => (this.#printed += String(data)));
    child.stderr.on("data", (data) => (this.#printed += String(data)));
    while (!this.#printed.includes(`http://localhost:${this.port}`)) {
      if (child.exitCode !== null) throw new Error(`The demo ended before it was ready. It printed:\n${this.#printed}`);
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
    while (!(await isFree(this.port))) await wait(50);
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

  /** Whether something still listens where it was. */
  async isListening(): Promise<boolean> {
    return !(await isFree(this.port));
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.stateDirectory, { recursive: true, force: true });
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#process?.pid !== undefined) process.kill(-this.#process.pid, signal);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("The system gave no port to listen on.");
  return address.port;
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once("error", () => resolve(false));
  server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  return promise;
}
