import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { LinkProxy, type LinkQuality } from "../../siege/link.js";

const KIB = 1_024;

/** A server that gives each of its sockets to `serve`, and a client connected to it over a link. */
async function overLink(
  quality: LinkQuality,
  serve: (socket: Socket) => void,
  use: (client: Socket, proxy: LinkProxy) => Promise<void>,
): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => serve(socket.on("error", () => undefined)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  await using proxy = await LinkProxy.start(() => portOf(server), quality);
  const client = connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true }).on("error", () => undefined);
  try {
    await use(client, proxy);
  } finally {
    client.destroy();
    server.close();
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server does not listen.");
  return address.port;
}

/** All that comes until the other side closes. */
async function all(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("a link of the siege", () => {
  it.each<[string, LinkQuality]>([
    ["unlimited", {}],
    ["delayed", { delayMs: 30 }],
    ["narrow and delayed", { delayMs: 30, uploadRate: 512 * KIB, downloadRate: 1_024 * KIB }],
  ])("passes on every byte in order, then the end of each direction: %s", async (_what, quality) => {
    const sent = Buffer.from(Array.from({ length: 300 * KIB }, (_, place) => place % 251));
    const echo = (socket: Socket) => all(socket).then((bytes) => socket.end(bytes));
    await overLink(quality, echo, async (client) => {
      client.end(sent);
      expect((await all(client)).equals(sent)).toBe(true);
    });
  });

  it("takes at least the delay each way, and at least what the rate allows", async () => {
    const echo = (socket: Socket) => void socket.pipe(socket);
    await overLink({ delayMs: 100, downloadRate: 100 * KIB }, echo, async (client) => {
      const begun = performance.now();
      client.end("x");
      await all(client);
      expect(performance.now() - begun).toBeGreaterThanOrEqual(199);
    });
    const talk = (socket: Socket) => socket.end(Buffer.alloc(50 * KIB));
    await overLink({ downloadRate: 100 * KIB }, talk, async (client) => {
      const begun = performance.now();
      await all(client);
      // The first tick's bytes go at once.
      expect(performance.now() - begun).toBeGreaterThanOrEqual(400);
    });
  });

  it("makes a sender wait while the link is full, and while its reader does not read", async () => {
    const sockets: Socket[] = [];
    const talk = (socket: Socket) => {
      sockets.push(socket);
      socket.write(Buffer.alloc(64 * KIB * KIB));
    };
    await overLink({ downloadRate: 16 * KIB }, talk, async (_client, proxy) => {
      await wait(300);
      expect(sockets[0]?.writableLength).toBeGreaterThan(0);
      expect(proxy.links[0]?.downloaded).toBeLessThan(KIB * KIB);
    });
    await overLink({}, talk, async (client, proxy) => {
      client.pause();
      await wait(300);
      expect(sockets[1]?.writableLength).toBeGreaterThan(0);
      expect(proxy.links[0]?.downloaded).toBeLessThan(32 * KIB * KIB);
    });
  });

  it("freezes: neither side is sent bytes, ends or resets", async () => {
    const heard: string[] = [];
    const listen = (socket: Socket) => {
      for (const event of ["data", "end", "error", "close"]) socket.on(event, () => heard.push(event));
    };
    await overLink({}, listen, async (client, proxy) => {
      client.write("1");
      while (heard.length === 0) await wait(5);
      proxy.freeze();
      client.write("2");
      client.resetAndDestroy();
      await wait(300);
      expect(heard).toEqual(["data"]);
    });
  });

  it("cuts: both sides are reset, and what travels is lost", async () => {
    const gone = Promise.withResolvers<void>();
    const heard: string[] = [];
    const listen = (socket: Socket) => {
      socket.on("data", () => heard.push("data")).on("close", () => gone.resolve());
    };
    await overLink({ delayMs: 100 }, listen, async (client, proxy) => {
      await once(client, "connect");
      client.write("1");
      while (proxy.links.length === 0) await wait(5);
      await wait(20);
      const [link] = proxy.links;
      proxy.cut();
      await Promise.all([new Promise((resolve) => client.once("close", resolve)), gone.promise, link?.closed]);
      expect(heard).toEqual([]);
      expect(proxy.links).toEqual([]);
    });
  });
});
