import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { Consumer } from "./consumer.js";

/** Says something, loses its connection, says something more, and tells what it then shows. */
const PROGRAM = `
import { ChatClient } from "@workkit/chat/client";

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

let server: Workerd;
let consumer: Consumer;

beforeAll(async () => {
  const module = await bundleWorker("test/workerd/worker-silent.ts");
  server = await Workerd.start({ module, objects: [{ name: "CHAT_DO", className: "SilentSession" }] });
  consumer = await Consumer.create();
  await consumer.run("npm", ["install", "--no-audit", "--no-fund", inject("tarball")]);
  await consumer.write("program.mjs", PROGRAM);
  await consumer.write("bare.mjs", BARE);
});

afterAll(async () => {
  await consumer[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

it.each([
  ["Node", "node", ["program.mjs"]],
  ["Bun", "bun", ["program.mjs"]],
  ["Deno", "deno", ["run", "--allow-all", "program.mjs"]],
  ["a runtime with little more than a WebSocket", "node", ["bare.mjs"]],
])("P4: a client in %s misses nothing over a lost connection", async (room, program, args) => {
  const url = String(server.socketUrl(`/${encodeURIComponent(room)}`));
  const { contents, connections } = JSON.parse(await consumer.run(program, [...args, url]));
  expect(contents).toEqual(["one", "two"]);
  expect(connections).toBe(2);
});
