import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LinkProxy, type LinkQuality } from "../../siege/link.js";
import { RawClient } from "../../torture/raw-client.js";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";

let server: Workerd;

beforeAll(async () => {
  const module = await bundleWorker("test/workerd/worker-viewers.ts");
  server = await Workerd.start({ module, objects: [{ name: "CHAT_DO", className: "WatchedSession" }] });
});

afterAll(() => server[Symbol.asyncDispose]());

/** What a viewer counts of what it is sent: without the texts, for they are large. */
interface Count {
  /** Characters of streams and deltas. */
  shown: number;
  snapshots: number;
  /** Streams and deltas that did not follow the last one. */
  strays: number;
  /** Replies that are complete, and characters of their frames. */
  replies: number;
  envelopes: number;
}

/** A v1 viewer, which reads as PROTOCOL.md says. */
async function open(path: string, port: number): Promise<{ client: RawClient; count: Count }> {
  const count: Count = { shown: 0, snapshots: 0, strays: 0, replies: 0, envelopes: 0 };
  const seen = new Map<string, number>();
  const client = await RawClient.open(port, path, ({ text }) => {
    const [, type, id = ""] = /^\{"type":"(stream|delta)","id":"([^"]+)"/.exec(text) ?? [];
    if (type !== undefined) {
      const n = Number(/"n":(\d+)/.exec(text)?.[1]);
      count.shown += text.length;
      if (type === "stream") count.snapshots += 1;
      else if (n !== (seen.get(id) ?? 0) + 1) count.strays += 1;
      seen.set(id, n);
    } else if (text.includes('"role":"assistant"')) {
      count.replies += 1;
      count.envelopes += text.length;
    } else if (text.startsWith('{"type":"ping"')) client.send({ ...JSON.parse(text), type: "pong" });
    else if (text.startsWith('{"type":"page"') && text.includes('"more":true'))
      client.send({ ...JSON.parse(text), type: "next" });
  });
  return { client, count };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await wait(20);
}

describe("P10, P12: a viewer on a slow link is sent a small multiple of a reply, and the reply whole", () => {
  const REPLY = 900_000;
  it.each<{ what: string; link: LinkQuality }>([
    { what: "far away, where more is said in a round trip than is kept", link: { delayMs: 600 } },
    { what: "far away and thin", link: { delayMs: 300, downloadRate: 262_144 } },
  ])("$what", async ({ what, link }) => {
    await using proxy = await LinkProxy.start(() => Number(server.url.port), link);
    const room = `/${crypto.randomUUID()}?deltas=1`;
    const near = await open(room, Number(server.url.port));
    const slow = await open(room, proxy.port);
    near.client.send({ type: "message", id: "go", content: "30 30000 40" });
    await until(() => near.count.replies === 1 && slow.count.replies === 1);
    process.stdout.write(`a viewer that is ${what} of ${REPLY} characters: ${JSON.stringify(slow.count)}\n`);
    expect([near.count.snapshots, near.count.strays, slow.count.strays]).toEqual([1, 0, 0]);
    expect(slow.count.shown).toBeLessThan(4 * REPLY);
    expect(slow.count.envelopes).toBeLessThan(1.1 * REPLY);
    near.client.destroy();
    slow.client.destroy();
  });
});
