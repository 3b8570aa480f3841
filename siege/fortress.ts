import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundleWorker } from "../test/workerd/bundle.js";
import { Workerd } from "../test/workerd/server.js";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));
/** Of the kernel's clock, by which it counts the time of processes. */
const MS_PER_TICK = 10;
const MIB = 1_048_576;

/** An envelope of the log, as far as it is compared. */
export interface LogEntry {
  seq: number;
  id: string;
  /** Empty for the server's. */
  author: string;
  /** Empty if it is long. */
  content: string;
  /** The id of the message that this reply of the server answers. */
  answers?: string;
  /** Whether it asks for a reply to be generated again. */
  isRequest: boolean;
}

/** The workerd under siege, and what it costs. */
export class Fortress implements AsyncDisposable {
  readonly #workerd: Workerd;

  private constructor(workerd: Workerd) {
    this.#workerd = workerd;
  }

  static async start(): Promise<Fortress> {
    const objects = [{ name: "ROOMS", className: "Room" }];
    return new Fortress(await Workerd.start({ module: await bundle(), objects }));
  }

  get port(): number {
    return Number(this.#workerd.url.port);
  }

  /** What workerd wrote to its standard output and error. */
  get output(): string {
    return this.#workerd.output;
  }

  /** Milliseconds of CPU that it has taken. */
  get cpuMs(): number {
    // The name of the program, which may hold spaces, stands in brackets before the third field.
    const fields = this.#proc("stat").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
  }

  /** The most memory that it ever held, in MiB. */
  get peakMib(): number {
    return Math.round((Number(/^VmHWM:\s+(\d+) kB$/m.exec(this.#proc("status"))?.[1]) * 1_024) / MIB);
  }

  /** Rows that were written since it was started. */
  async rowsWritten(room: string): Promise<number> {
    const { rowsWritten } = await this.#json<{ rowsWritten: number }>(`${room}/usage`);
    return rowsWritten;
  }

  /** The alarms of bystanders that are still to go off. */
  alarms(room: string): Promise<string[]> {
    return this.#json(`${room}/alarms`);
  }

  async log(room: string): Promise<LogEntry[]> {
    const all: LogEntry[] = [];
    for (;;) {
      const after = all.at(-1)?.seq ?? 0;
      const { head, entries } = await this.#json<{ head: number; entries: LogEntry[] }>(`${room}/log?after=${after}`);
      all.push(...entries);
      if (entries.length === 0 || all.at(-1)?.seq === head) return all;
    }
  }

  /** The server itself posts a message. */
  async post(room: string, id: string): Promise<void> {
    const response = await fetch(new URL(`${room}/post?id=${id}`, this.#workerd.url));
    if (!response.ok) throw new Error(`The server could not post: ${await response.text()}`);
    await response.arrayBuffer();
  }

  /** The object dies, and what comes next wakes another. */
  async abort(room: string): Promise<void> {
    await fetch(new URL(`${room}/abort`, this.#workerd.url)).then((response) => response.arrayBuffer());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#workerd[Symbol.asyncDispose]();
  }

  async #json<Answer>(path: string): Promise<Answer> {
    const response = await fetch(new URL(path, this.#workerd.url));
    if (!response.ok) throw new Error(`${path} cannot be read: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  #proc(name: string): string {
    const { pid } = this.#workerd;
    if (pid === undefined) throw new Error("workerd does not run.");
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  }
}

let bundled: Promise<string> | undefined;

function bundle(): Promise<string> {
  bundled ??= bundleWorker(WORKER);
  return bundled;
}
