import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundleWorker } from "../test/workerd/bundle.js";
import { Workerd } from "../test/workerd/server.js";
import { type Envelope, type RoomRecord, type Run, toEntry } from "./records.js";
import type { Cancel } from "./streams/records.js";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));
/** An object that is to be evicted may be working, which is waited for. */
const EVICTION_TIMEOUT_MS = 5_000;
const SAMPLING = 250;

/** The workerd under test, with the rooms on its disk, and what it may be asked beside the chat. */
export class Host implements AsyncDisposable {
  readonly #workerd: Workerd;
  readonly #sampling: NodeJS.Timeout;
  /** The most memory that any of its processes ever held, in bytes. */
  rssMax = 0;
  kills = 0;
  /** Objects that were evicted from memory while their sockets stayed open. */
  evictions = 0;
  /** Objects that were aborted, as by a crash. */
  aborts = 0;
  /** How often the log of each room was cleared, at most. */
  readonly clears = new Map<string, number>();

  private constructor(workerd: Workerd) {
    this.#workerd = workerd;
    this.#sampling = setInterval(() => this.#sample(), SAMPLING);
  }

  /** @param standIn where the worker finds models and tools */
  static async start(standIn: URL): Promise<Host> {
    const objects = [{ name: "ROOMS", className: "Room" }];
    // The flag brings a way to evict; it changes nothing for the code under test.
    const flags = ["unsafe_module"];
    const variables = { STAND_IN: standIn.href };
    const module = await bundleWorker(WORKER);
    return new Host(await Workerd.start({ module, objects, flags, variables, fetchesLocally: true }));
  }

  /** Where it listens now. */
  get port(): number {
    return Number(this.#workerd.url.port);
  }

  /** SIGKILL, and a new start on the same disk. */
  async restart(): Promise<void> {
    this.#sample();
    await this.#workerd.kill();
    this.kills += 1;
    await this.#workerd.start();
  }

  async evict(room: string): Promise<void> {
    if (await this.#tell(`${room}/evict`)) this.evictions += 1;
  }

  /** The server forgets the log of a room. */
  async clear(room: string): Promise<void> {
    // Counted before it is known: one whose answer is lost may have happened.
    this.clears.set(room, (this.clears.get(room) ?? 0) + 1);
    await this.#tell(`${room}/clear`);
  }

  /** Cancels a turn by RPC. Resolves with the answer, or with `lost` if a kill came in between. */
  async cancel(room: string, id: string): Promise<Cancel["result"]> {
    const url = new URL(`${room}/cancel?id=${encodeURIComponent(id)}`, this.#workerd.url);
    try {
      const response = await fetch(url);
      return response.ok ? ((await response.text()) as Cancel["result"]) : "lost";
    } catch {
      return "lost";
    }
  }

  async abort(room: string): Promise<void> {
    await this.#tell(`${room}/abort`);
    this.aborts += 1;
  }

  /** The server itself posts `count` messages of `size` characters. */
  async makeNoise(room: string, count: number, size: number): Promise<void> {
    const url = new URL(`${room}/noise?count=${count}&size=${size}`, this.#workerd.url);
    await fetch(url).catch(() => undefined);
  }

  async head(room: string): Promise<number> {
    const { head } = await this.#page(room, Number.MAX_SAFE_INTEGER);
    return head;
  }

  async log(room: string): Promise<RoomRecord["log"]> {
    const { epoch, head, tail } = await this.#page(room, Number.MAX_SAFE_INTEGER);
    const entries: Envelope[] = [];
    for (let after = tail - 1; after < head; ) {
      const { messages } = await this.#page(room, after);
      const last = messages.at(-1);
      if (last === undefined) break;
      entries.push(...messages);
      after = last.seq;
    }
    return { epoch, head, tail, entries: entries.map(toEntry) };
  }

  async runs(room: string): Promise<Run[]> {
    const response = await fetch(new URL(`${room}/runs`, this.#workerd.url));
    return (await response.json()) as Run[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sample();
    clearInterval(this.#sampling);
    await this.#workerd[Symbol.asyncDispose]();
  }

  async #page(room: string, after: number): Promise<RoomRecord["log"] & { messages: Envelope[] }> {
    const response = await fetch(new URL(`${room}/log?after=${after}`, this.#workerd.url));
    if (!response.ok) throw new Error(`The log of ${room} cannot be read: ${response.status} ${await response.text()}`);
    return (await response.json()) as RoomRecord["log"] & { messages: Envelope[] };
  }

  async #tell(path: string): Promise<boolean> {
    try {
      const response = await fetch(new URL(path, this.#workerd.url), {
        signal: AbortSignal.timeout(EVICTION_TIMEOUT_MS),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      // A kill came in between.
      return false;
    }
  }

  /** The kernel keeps the peak of a process, so that no sample can miss one but that of its very end. */
  #sample(): void {
    const { pid } = this.#workerd;
    if (pid === undefined) return;
    try {
      const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
      this.rssMax = Math.max(this.rssMax, Number(kilobytes ?? 0) * 1_024);
    } catch {
      // It ended just now.
    }
  }
}
