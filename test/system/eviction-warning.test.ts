import { expect, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { TestSocket } from "../workerd/socket.js";

const WARNING = "may be evicted while it streams";

/** How often a worker warns that streams two replies. */
async function countWarnings(compatibilityDate: string, flags: readonly string[] = []): Promise<number> {
  const module = await bundleWorker("test/workerd/worker-viewers.ts");
  const objects = [{ name: "CHAT_DO", className: "WatchedSession" }];
  await using server = await Workerd.start({ module, objects, compatibilityDate, flags });
  const socket = await TestSocket.open(server.socketUrl("/room"), ["workkit.chat.v1"]);
  for (const id of ["first", "second"]) {
    socket.send({ type: "message", id, content: "2 10 1" });
    await socket.frame("the reply", ({ metadata }) => Object(metadata).inReplyTo === id);
  }
  socket.close();
  return server.output.split(WARNING).length - 1;
}

it("a session warns once that it may be evicted in the middle of a reply, and only where the runtime does that", async () => {
  expect(await countWarnings("2026-09-30")).toBe(1);
  expect(await countWarnings("2026-10-01")).toBe(0);
  expect(await countWarnings("2026-09-30", ["durable_object_io_tasks_prevent_eviction"])).toBe(0);
});
