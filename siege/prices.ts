import { randomUUID } from "node:crypto";
import { setImmediate as nextTick } from "node:timers/promises";
import { cpuNanoseconds } from "../bench/process.js";
import { bundleWorker } from "../test/workerd/bundle.js";
import { Workerd } from "../test/workerd/server.js";
import { newTally, type PeerOptions, RawPeer } from "./raw-peer.js";

/* What each kind of frame costs the server, in microseconds of CPU: docs/reference/limits.md has its prices from here. */

/** Only what has this in its name. */
const chosen = process.argv[2] ?? "";
await using server = await Workerd.start({
  module: await bundleWorker("siege/worker-prices.ts"),
  objects: [{ name: "CHAT_DO", className: "PricedSession" }],
});
const port = Number(server.url.port);

/** A peer that counts the frames that it is sent, and answers pings. */
class Counter {
  frames = 0;

  readonly #peer: RawPeer;

  private constructor(peer: RawPeer) {
    this.#peer = peer;
    peer.onText((text) => {
      this.frames += 1;
      if (text.startsWith('{"type":"ping"')) peer.send(text.replace("ping", "pong"));
    });
  }

  static async open(room: string, options: PeerOptions = {}): Promise<Counter> {
    const peer = await RawPeer.open(port, room, options, newTally());
    return new Counter(peer);
  }

  send(frame: string): void {
    this.#peer.send(frame);
  }

  /** Resolves when so many frames have come, or the connection has ended. */
  async until(frames: number): Promise<void> {
    while (this.frames < frames && this.#peer.isOpen) await nextTick();
  }

  destroy(): void {
    this.#peer.destroy();
  }
}

async function fill(room: string, count: number, size: number): Promise<void> {
  await fetch(new URL(`${room}?count=${count}&size=${size}`, server.url), { method: "POST" });
}

/** Prints what one of `times` costs. */
async function price(what: string, times: number, run: () => Promise<unknown>): Promise<void> {
  if (!what.includes(chosen)) return;
  const pid = server.pid ?? 0;
  await run();
  const rounds: number[] = [];
  for (let round = 0; round < 3; round++) {
    const before = await cpuNanoseconds(pid);
    await run();
    rounds.push(((await cpuNanoseconds(pid)) - before) / times / 1_000);
  }
  const [, middle = 0] = rounds.sort((a, b) => a - b);
  console.log(`${what.padEnd(56)} ${middle.toFixed(1).padStart(10)} us`);
}

/** Frames that are each answered by one, up to 32 at once. */
async function frames(counter: Counter, times: number, frame: (n: number) => string, window = 32): Promise<void> {
  const before = counter.frames;
  for (let n = 0; n < times; n++) {
    await counter.until(before + n + 1 - window);
    counter.send(frame(n));
  }
  await counter.until(before + times);
}

const keys = (count: number, reversed = false) => {
  const entries = Array.from({ length: count }, (_, n) => [`k${n}`, n]);
  return Object.fromEntries(reversed ? entries.reverse() : entries);
};
const message = (id: string, more: object = {}) => JSON.stringify({ id, type: "message", content: "x", ...more });

async function main(): Promise<void> {
  const first = await Counter.open("room");
  await price("ping, many", 2_000, () => frames(first, 2_000, (n) => `{"type":"ping","n":${n}}`));
  await price("ping, alone", 500, () => frames(first, 500, (n) => `{"type":"ping","n":${n}}`, 1));
  await price("auth, a renew that does nothing", 500, () => frames(first, 500, () => '{"type":"auth","token":"t"}', 1));
  await price("not JSON", 2_000, () => frames(first, 2_000, () => "nonsense"));
  await price("new message, many", 2_000, () => frames(first, 2_000, () => message(randomUUID())));
  await price("new message, alone", 500, () => frames(first, 500, () => message(randomUUID()), 1));
  const again = message("again");
  await price("retry, small", 2_000, () => frames(first, 2_000, () => again));
  const large = message("large", { content: "x".repeat(65_000) });
  await price("retry, 65 KB of content", 200, () => frames(first, 200, () => large));
  const manyKeys = message("keys", { metadata: keys(1_200) });
  const reversed = message("keys", { metadata: keys(1_200, true) });
  await price(`retry, ${manyKeys.length} bytes of keys`, 200, () => frames(first, 200, () => manyKeys));
  await price("retry, the same in another order", 200, () => frames(first, 200, () => reversed));
  const tooMany = message("over", { metadata: keys(6_000) });
  await price(`refused, ${tooMany.length} bytes of keys`, 200, () => frames(first, 200, () => tooMany));
  const depth = `${"[".repeat(32_000)}${"]".repeat(32_000)}`;
  await price("refused, 64 KB of brackets", 200, () =>
    frames(first, 200, () => `{"id":"deep","type":"message","content":"","metadata":{"a":${depth}}}`),
  );
  for (const size of [1, 4, 16]) {
    const oversize = "x".repeat(size * 1_048_576);
    await price(`oversize, ${size} MiB`, 4, () => frames(first, 4, () => oversize, 1));
  }
  const small = "log-2000";
  await fill(small, 2_000, 100);
  const reader = await Counter.open(small);
  for (const limit of [0, 1, 20, 200]) {
    const ask = `{"type":"history","before":1500,"limit":${limit}}`;
    await price(`history, ${limit} of 100 characters`, 200, () => frames(reader, 200, () => ask));
  }
  await fill("large-2000", 200, 30_000);
  const reader2 = await Counter.open("large-2000");
  await price("history, 8 of 30,000 characters", 50, () =>
    frames(reader2, 50, () => '{"type":"history","before":150,"limit":200}'),
  );
  await price("upgrade, plain", 200, () => upgrades(200, "room", { dialect: "plain" }));
  await price("upgrade, v1", 200, () => upgrades(200, "empty-1"));
  await price("upgrade refused, plain", 200, () =>
    upgrades(200, "room", { dialect: "plain", query: { refused: "1" } }),
  );
  await price("upgrade, v1, a page of 200 of 100 characters", 50, () => upgrades(50, small, {}, 201));
  const unknown: PeerOptions = { dialect: "plain", query: { lastMessageId: "unknown" } };
  await price("upgrade, plain, replay of 1,000 of 100 characters", 20, () => upgrades(20, small, unknown, 1_000));
  await price("upgrade, plain, replay of 200 of 30,000 characters", 4, () => upgrades(4, "large-2000", unknown, 200));
  for (const length of [1_000, 10_000, 100_000]) {
    const room = `long-${length}`;
    await fill(room, length, 10);
    await price(`upgrade, a lastMessageId that ${length} rows do not have`, 10, () =>
      upgrades(10, room, unknown, 1_000),
    );
  }
}

async function upgrades(times: number, room: string, options: PeerOptions = {}, frames = 0): Promise<void> {
  for (let n = 0; n < times; n++) {
    const counter = await Counter.open(room, options);
    await counter.until(frames);
    counter.destroy();
  }
}

await main();
