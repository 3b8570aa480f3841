import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LinkProxy, type LinkQuality } from "../../siege/link.js";
import { RawClient } from "../../torture/raw-client.js";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { type Frame, TestSocket } from "../workerd/socket.js";

const V1 = ["workkit.chat.v1"];
const KiB = 1_024;
/** An envelope of the default burst: as large as a frame may be. */
const SIZE = 65_300;
const BURST = 100;
/** The window of a v1 connection, a page and an envelope that may exceed it, and room for errors, in characters. */
const MOST_SENT = (512 + 256 + 64 + 160) * KiB;

let server: Workerd;

beforeAll(async () => {
  const module = await bundleWorker("test/workerd/worker-busy.ts");
  server = await Workerd.start({ module, objects: [{ name: "CHAT_DO", className: "BusySession" }] });
});

afterAll(() => server[Symbol.asyncDispose]());

/** Has the server say so much in a room. */
async function post(room: string, count: number): Promise<void> {
  await fetch(new URL(`${room}?count=${count}&size=${SIZE}`, server.url), { method: "POST" });
}

/** What a client that reads must do. */
function answer({ type, nonce, seq, more }: Frame, socket: TestSocket): void {
  if (type === "ping" && nonce === undefined) socket.send({ type: "pong" });
  if (type === "page" && more === true) socket.send({ type: "next", seq });
}

const seqs = (socket: TestSocket) => socket.frames.flatMap(({ seq, content }) => (content === undefined ? [] : [seq]));
const upTo = (head: number) => Array.from({ length: head }, (_, index) => index + 1);

/** A v1 client that reads what it is sent by hand, and keeps the control frames and the size of all. */
async function openRaw(room: string) {
  const control: Frame[] = [];
  const received = { characters: 0, seqs: [] as number[] };
  const client = await RawClient.open(Number(server.url.port), room, ({ text }) => {
    received.characters += text.length;
    const seq = /^\{"seq":(\d+)/.exec(text)?.[1];
    if (seq !== undefined) received.seqs.push(Number(seq));
    else if (text.length < KiB) control.push(JSON.parse(text));
  });
  return { client, control, received };
}

describe("a v1 client that stops reading", () => {
  it("P12: is sent no more than its window, whatever it forges, and all once it reads", {
    timeout: 60_000,
  }, async () => {
    const room = "/forging";
    const reader = await TestSocket.open(server.socketUrl(room), V1, answer);
    await post(room, 64);
    const { client, control, received } = await openRaw(room);
    client.stopReading();
    await post(room, 64);
    for (let n = 0; n < 300; n++) {
      for (const type of ["pong", "next", "history"]) client.send({ type, seq: n % 129, before: 129, limit: 200 });
      client.send({ type: "pong", nonce: crypto.randomUUID() });
      if (n % 50 === 0) await wait(5);
    }
    await reader.frame("message 128", ({ seq }) => seq === 128);
    expect(seqs(reader)).toEqual(upTo(128));
    reader.close();
    // The replay at the start was read, or is part of what waited.
    client.readOn();
    await wait(500);
    expect(received.characters).toBeLessThan(MOST_SENT);
    for (const { type, nonce } of [...control]) if (type === "ping") client.send({ type: "pong", nonce });
    const before = received.characters;
    await expect.poll(() => received.characters).toBeGreaterThan(before);
    client.destroy();
  });

  it("P4: goes on where it stood", { timeout: 60_000 }, async () => {
    const room = "/pausing";
    const { client, control, received } = await openRaw(room);
    client.stopReading();
    await post(room, 90);
    client.readOn();
    const answered = new Set<unknown>();
    await expect
      .poll(
        () => {
          for (const frame of control) {
            if (answered.has(frame)) continue;
            answered.add(frame);
            if (frame["type"] === "ping") client.send({ type: "pong", nonce: frame["nonce"] });
            if (frame["type"] === "page" && frame["more"] === true) client.send({ type: "next", seq: frame["seq"] });
          }
          return received.seqs.length;
        },
        { timeout: 30_000 },
      )
      .toBe(90);
    expect(received.seqs).toEqual(upTo(90));
    client.destroy();
  });
});

describe("a plain client that stops reading and is silent", () => {
  const incarnation = async (room: string) => (await fetch(new URL(room, server.url), { method: "PUT" })).text();

  it("P12: is closed, and keeps an object awake in which nobody else is no longer than that", {
    timeout: 60_000,
  }, async () => {
    const room = "/silent";
    const before = await incarnation(room);
    const client = await RawClient.open(Number(server.url.port), room, () => undefined, "workkit.chat.plain");
    client.stopReading();
    await post(room, 90);
    expect(await incarnation(room)).toBe(before);
    await expect.poll(() => incarnation(room), { timeout: 20_000, interval: 500 }).not.toBe(before);
    client.destroy();
  });
});

describe("readers on links with delay", () => {
  it.each<[string, LinkQuality[]]>([
    ["of 100 and 300 ms a round trip", [50, 150].map((delayMs) => ({ delayMs }))],
    ["and little bandwidth", [{ delayMs: 100, downloadRate: 2_048 * KiB }]],
  ])("P12: are not closed by the burst of another: %s", { timeout: 120_000 }, async (what, qualities) => {
    const room = `/burst-${qualities.length}`;
    const readers: TestSocket[] = [];
    await using proxies = new AsyncDisposableStack();
    for (const quality of qualities) {
      const proxy = proxies.use(await LinkProxy.start(() => Number(server.url.port), quality));
      readers.push(await TestSocket.open(proxy.socketUrl(room), V1, answer));
      readers.push(await TestSocket.open(proxy.socketUrl(room), [], answer));
    }
    const sender = await TestSocket.open(server.socketUrl(room), V1, answer);
    await sender.frame("the hello", ({ type }) => type === "hello");
    const content = "x".repeat(SIZE);
    for (let n = 0; n < BURST; n++) sender.send({ type: "message", id: `m${n}`, content });
    for (const reader of readers) {
      await reader.frame(`all of it ${what}`, ({ id }) => id === `m${BURST - 1}`);
      const ids = reader.frames.flatMap(({ id }) => (id === undefined ? [] : [id]));
      expect(ids).toEqual(Array.from({ length: BURST }, (_, n) => `m${n}`));
    }
    // What is live arrives live again.
    await sender.frame("the last ack", ({ type, id }) => type === "ack" && id === `m${BURST - 1}`);
    sender.send({ type: "message", id: "live", content: "live" });
    for (const reader of readers) await reader.frame("what is live", ({ id }) => id === "live");
    for (const socket of [sender, ...readers]) socket.close();
  });
});
