import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { Consumer } from "./consumer.js";

/** Says something, loses its connection, says something more, and tells what it then shows. */
const PROGRAM = `
import { ChatClient } from "@workkit/chat/client";

const WebSocket = globalThis.WebSocket ?? (await import("ws")).WebSocket;
const sockets = [];
class Kept extends WebSocket {
  constructor(url, protocols) {
    super(url, protocols);
    sockets.push(this);
  }
}
const client = new ChatClient({ url: process.argv[2], webSocket: Kept });
const shows = (fits) => new Promise((resolve) => {
  const undo = client.subscribe(look);
  function look() {
    if (!fits(client.getSnapshot())) return;
    undo();
    resolve();
  }
  look();
});
const acked = (count) => ({ messages }) => messages.length === count && messages.every(({ state }) => state === "sent");
client.connect();
client.send("one");
await shows(acked(1));
sockets[0].close();
client.send("two");
await shows(acked(2));
const { messages } = client.getSnapshot();
client.close();
console.log(JSON.stringify({ contents: messages.map(({ content }) => content), connections: sockets.length }));
process.exit();
`;

/** What React Native does not have, or not everywhere: the client has to do without. */
const BARE = `
for (const name of ["crypto", "navigator", "document", "localStorage", "indexedDB"]) {
  Object.defineProperty(globalThis, name, { value: undefined });
}
await import("./program.mjs");
`;

/** Releases of Node before the project's own, as packages of npm. The first has no WebSocket: there the client is given that of `ws`. */
const OLDER_NODES = { "node-20": "20.20.2", "node-22": "22.23.3" };
const PLATFORM = `node-${process.platform}-${process.arch}`;

let server: Workerd;
let consumer: Consumer;

beforeAll(async () => {
  const module = await bundleWorker("test/workerd/worker-silent.ts");
  server = await Workerd.start({ module, objects: [{ name: "CHAT_DO", className: "SilentSession" }] });
  consumer = await Consumer.create();
  await consumer.run("npm", ["install", "--no-audit", "--no-fund", inject("tarball"), "ws@8.21.0"]);
  const nodes = Object.entries(OLDER_NODES).map(([name, version]) => `${name}@npm:${PLATFORM}@${version}`);
  await consumer.run("npm", ["install", "--no-audit", "--no-fund", ...nodes]);
  await consumer.write("program.mjs", PROGRAM);
  await consumer.write("bare.mjs", BARE);
});

afterAll(async () => {
  await consumer[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

it.each([
  ["Node 20", "node_modules/node-20/bin/node", ["program.mjs"]],
  ["Node 22", "node_modules/node-22/bin/node", ["program.mjs"]],
  ["Node 24", "node", ["program.mjs"]],
  ["Bun", "bun", ["program.mjs"]],
  ["Deno", "deno", ["run", "--allow-all", "program.mjs"]],
  ["a runtime with little more than a WebSocket", "node", ["bare.mjs"]],
])("P4: a client in %s misses nothing over a lost connection", async (room, program, args) => {
  const url = String(server.socketUrl(`/${encodeURIComponent(room)}`));
  const { contents, connections } = JSON.parse(
    await consumer.run(program.includes("/") ? consumer.path(program) : program, [...args, url]),
  );
  expect(contents).toEqual(["one", "two"]);
  expect(connections).toBe(2);
});

it("the page of the runtimes names each of them", async () => {
  const page = await readFile("docs/reference/runtimes.md", "utf8");
  const versions = await Promise.all([
    ...["node-20", "node-22"].map((name) =>
      consumer.run(consumer.path(`node_modules/${name}/bin/node`), ["--version"]),
    ),
    ...["node", "bun", "deno"].map((name) => consumer.run(name, ["--version"])),
  ]);
  const names = ["Node", "Node", "Node", "Bun", "Deno"].map((name, at) => {
    const [version = ""] = versions[at]?.match(/\d+\.\d+/) ?? [];
    return `| ${name} ${version} |`;
  });
  expect(names.filter((name) => !page.includes(name))).toEqual([]);
});
