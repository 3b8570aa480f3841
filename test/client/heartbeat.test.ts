import { afterEach, describe, expect, it, vi } from "vitest";
import { ChatClient } from "../../src/client/index.js";
import { hello, RawServer } from "./raw-server.js";

const INTERVAL = 300;
const limits = { maxMessageSize: 65_536, maxMetadataSize: 16_384, maxMetadataDepth: 16, heartbeatInterval: INTERVAL };
const open: AsyncDisposable[] = [];
/** Bytes that the socket says have not left. */
let buffered = 0;

class Draining extends WebSocket {
  override get bufferedAmount(): number {
    return buffered;
  }
}

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A client that is live with a server of short heartbeats, which answers nothing unless `answer` does. */
async function meet(answer: (frame: { type: string; id: string }) => object | undefined = () => undefined) {
  const server = await RawServer.start((connection) => {
    connection.send(hello({ limits }));
    connection.onFrame = (text) => {
      const frame = answer(JSON.parse(text));
      if (frame !== undefined) connection.send(frame);
    };
  });
  const client = new ChatClient({ url: server.url, webSocket: Draining, backoff: () => 10_000 });
  open.push(server, { [Symbol.asyncDispose]: async () => client.close() });
  client.connect();
  await vi.waitUntil(() => client.getSnapshot().status === "live", { interval: 5 });
  return client;
}

describe("P9: a server that is silent", () => {
  it("is alive while bytes leave, and dead two heartbeats after the last of them", async () => {
    buffered = 1_000;
    const client = await meet();
    client.send("a long upload");
    for (let n = 0; n < 12; n++) {
      await pause(INTERVAL / 2);
      buffered -= 10;
    }
    expect(client.getSnapshot().status).toBe("live");
    const stoppedAt = performance.now();
    await vi.waitUntil(() => client.getSnapshot().status === "reconnecting", { interval: 5 });
    expect(performance.now() - stoppedAt).toBeLessThan(2 * INTERVAL + 150);
    buffered = 0;
  });

  it("is dead two heartbeats after its last frame where no bytes wait", async () => {
    const client = await meet();
    const liveAt = performance.now();
    await vi.waitUntil(() => client.getSnapshot().status === "reconnecting", { interval: 5 });
    expect(performance.now() - liveAt).toBeLessThan(2 * INTERVAL + 150);
  });
});

describe("P9: a server that answers pings and no messages", () => {
  const pong = (frame: { type: string }) => (frame.type === "ping" ? { type: "pong" } : undefined);

  it("is dead after two heartbeats without an ack", async () => {
    const client = await meet(pong);
    client.send("is anybody there?");
    const sentAt = performance.now();
    await vi.waitUntil(() => client.getSnapshot().status === "reconnecting", { timeout: 5_000, interval: 5 });
    expect(performance.now() - sentAt).toBeLessThan(3 * INTERVAL + 150);
  });

  it("is alive while acks come, however long the last message waits for its own", async () => {
    let seq = 0;
    const queue: string[] = [];
    const client = await meet((frame) => {
      if (frame.type !== "message") return pong(frame);
      queue.push(frame.id);
      return undefined;
    });
    for (let n = 0; n < 8; n++) client.send(`${n}`);
    await vi.waitUntil(() => queue.length === 8);
    const server = open[0];
    if (!(server instanceof RawServer)) throw new Error("There is no server.");
    for (const id of queue) {
      await pause(INTERVAL);
      server.connections[0]?.send({ type: "ack", id, seq: ++seq, timestamp: 1 });
    }
    await vi.waitUntil(() => client.getSnapshot().messages.every(({ state }) => state === "sent"));
    expect(server.connections).toHaveLength(1);
  });
});
