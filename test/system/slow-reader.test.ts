import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { TestSocket } from "../workerd/socket.js";

const MiB = 1_048_576;
const READERS = 10;
const COUNT = 640;
const SIZE = 65_536;
/** Readers that read are given time to: as much waits for them at once, at most. */
const BATCH = 16;
/** What may wait for one connection by docs/decisions/0011-slow-readers.md, and what the kernel's own buffers hold. */
const MOST_UNREAD = 12.8 * MiB;
const KERNEL = 8 * MiB;

/** A WebSocket client that speaks v1 by hand, and stops reading right after the upgrade. */
async function stall(url: URL): Promise<Socket> {
  const socket = connect(Number(url.port), url.hostname);
  await once(socket, "connect");
  const headers = [
    `Host: ${url.host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol: workkit.chat.v1",
  ];
  socket.write(`GET / HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`);
  await once(socket, "readable");
  return socket;
}

/** Reads all that waited, up to the Close: its code, and how much that was. */
async function drain(socket: Socket): Promise<{ code: number; bytes: number }> {
  let bytes = 0;
  let end = Buffer.alloc(0);
  const closed = Promise.withResolvers<void>();
  socket.on("data", (chunk) => {
    bytes += chunk.length;
    end = Buffer.concat([end, chunk]).subarray(-64);
    if (end.includes("too much is unread")) closed.resolve();
  });
  await closed.promise;
  const at = end.indexOf("too much is unread");
  return { code: end.readUInt16BE(at - 2), bytes };
}

it("stops sending to a client that stops reading, while the others get everything", async () => {
  const module = await bundleWorker("test/workerd/worker-busy.ts");
  await using server = await Workerd.start({ module, objects: [{ name: "CHAT_DO", className: "BusySession" }] });
  const stalled = await stall(server.url);
  const readers = await Promise.all(
    Array.from({ length: READERS }, () => {
      return TestSocket.open(server.socketUrl("/"), ["workkit.chat.v1"], ({ type }, reader) => {
        if (type === "ping") reader.send({ type: "pong" });
      });
    }),
  );
  for (let posted = BATCH; posted <= COUNT; posted += BATCH) {
    await fetch(new URL(`/?count=${BATCH}&size=${SIZE}`, server.url), { method: "POST" });
    for (const reader of readers) await reader.frame(`message ${posted}`, ({ seq }) => seq === posted);
  }
  for (const reader of readers) {
    const seqs = reader.frames.flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
    expect(seqs).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1));
    reader.close();
  }
  const { code, bytes } = await drain(stalled);
  expect(code).toBe(4007);
  expect(bytes).toBeLessThan(MOST_UNREAD + KERNEL);
  expect(bytes).toBeLessThan(COUNT * SIZE);
  stalled.destroy();
});
