import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { LinkProxy, type LinkQuality } from "../../siege/link.js";
import { ChatClient, type ChatClientOptions } from "../../src/client/index.js";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";

let server: Workerd;
const clients: ChatClient[] = [];

beforeAll(async () => {
  const module = await bundleWorker("test/workerd/worker-slow.ts");
  server = await Workerd.start({ module, objects: [{ name: "CHAT_DO", className: "SlowSession" }] });
});

afterAll(async () => {
  for (const client of clients) client.close();
  await server[Symbol.asyncDispose]();
});

/** A client on a link of its own; how often it connected, and all that it was. */
async function open(room: string, quality: LinkQuality, options: Partial<ChatClientOptions> = {}) {
  const proxy = await LinkProxy.start(() => Number(server.url.port), quality);
  const url = String(proxy.socketUrl(`/${room}`));
  const client = new ChatClient({ url, backoff: () => 50, ...options });
  clients.push(client);
  let hellos = 0;
  client.on("hello", () => {
    hellos += 1;
  });
  client.connect();
  return { proxy, client, hellos: () => hellos };
}

/** A text of so many characters that compression makes no shorter. */
const incompressible = (length: number) => randomBytes(length / 2).toString("hex");
const isLive = (client: ChatClient) => vi.waitUntil(() => client.getSnapshot().status === "live", 10_000);

it("P4: a missed message that takes longer than connectTimeout arrives, because each timeout gives it more time", async () => {
  await fetch(new URL("/large?size=500000", server.url), { method: "POST" });
  // It takes some 2 seconds, compressed; no heartbeat is counted before the client is live.
  const { client, proxy, hellos } = await open("large", { downloadRate: 131_072 }, { connectTimeout: 800 });
  await vi.waitUntil(() => client.getSnapshot().messages[0]?.content.length === 500_000, 30_000);
  expect(hellos()).toBeGreaterThan(1);
  await isLive(client);
  client.close();
  await proxy[Symbol.asyncDispose]();
});

it("P9: an upload that takes longer than two heartbeats is no silence, because its acks arrive", async () => {
  const { client, proxy, hellos } = await open("acks", { uploadRate: 16_384 });
  await isLive(client);
  // 20 seconds in all, 1 second each.
  for (let n = 0; n < 20; n++) client.send(incompressible(16_000));
  await vi.waitUntil(() => client.getSnapshot().messages.every(({ state }) => state === "sent"), 40_000);
  expect(hellos()).toBe(1);
  client.close();
  await proxy[Symbol.asyncDispose]();
});

it("P9: a link that is frozen in the middle of an upload is detected within two heartbeats of the last progress", async () => {
  const { client, proxy, hellos } = await open("frozen", { uploadRate: 131_072 });
  await isLive(client);
  client.send(incompressible(1_000_000));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  proxy.freeze();
  const frozenAt = performance.now();
  await vi.waitUntil(() => hellos() === 2, { timeout: 10_000, interval: 20 });
  expect(performance.now() - frozenAt).toBeLessThan(6_500);
  client.close();
  await proxy[Symbol.asyncDispose]();
});
