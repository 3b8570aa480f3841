import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll } from "vitest";
import { eventually } from "../../e2e/browser.js";
import type { Tab } from "../../e2e/browsers/tab.js";
import { LinkProxy } from "../../siege/link.js";
import { ChatClient } from "../../src/client/index.js";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";

/** A port of the loopback on which nothing listens. */
const NOWHERE = 1;

/** The sessions of a test file, behind a network that can be taken away. */
export interface Rooms {
  /** The address of a room, over that network. */
  url(room: string): string;
  /** A participant in Node, who is live. */
  join(room: string, id: string, name?: string): Promise<ChatClient>;
  /** Makes the client of a page and connects it. It is `kept.client` there. */
  enter(tab: Tab, room: string, id: string, name?: string): Promise<void>;
  goDown(): void;
  goUp(): void;
}

/** Starts the sessions before the tests of this file, and ends them afterwards. */
export function setRooms(): Rooms {
  const clients = new Set<ChatClient>();
  let server: Workerd;
  let line: LinkProxy;
  let isDown = false;

  beforeAll(async () => {
    const module = await bundleWorker(fileURLToPath(new URL("worker-rooms.ts", import.meta.url)));
    server = await Workerd.start({ module, objects: [{ name: "ROOMS", className: "Room" }] });
    line = await LinkProxy.start(() => (isDown ? NOWHERE : Number(server.url.port)));
  });

  afterEach(() => {
    isDown = false;
    for (const client of clients) client.close();
    clients.clear();
  });

  afterAll(async () => {
    await line?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const url = (room: string): string => `ws://127.0.0.1:${line.port}/?room=${room}`;
  return {
    url,
    async join(room, id, name) {
      const client = new ChatClient({
        url: server.socketUrl(`/?room=${room}`).href,
        token: JSON.stringify({ id, name }),
      });
      clients.add(client);
      client.connect();
      await eventually(() => client.getSnapshot().status).toBe("live");
      return client;
    },
    async enter(tab, room, id, name) {
      await tab.evaluate(
        (address, token) => {
          kept.client = new globalThis.ChatClient({ url: address, token, backoff: () => 100, maxMessages: 20 });
          kept.client.connect();
        },
        url(room),
        JSON.stringify({ id, name }),
      );
      await tab.waitUntil(() => kept.client?.getSnapshot().status === "live");
    },
    goDown() {
      isDown = true;
      line.cut();
    },
    goUp() {
      isDown = false;
    },
  };
}
