import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";

/** An object that nothing holds is evicted after some 10 seconds. */
const EVICTED = 16_000;

const folder = mkdtempSync(join(tmpdir(), "workkit-chat-rpc-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ask = async (server: Workerd, path = "/") => (await fetch(new URL(path, server.url))).text();

it("P8: chatSession() keeps neither the object that calls it nor the session in memory, in two processes", async () => {
  const path = join(folder, "gate.sock");
  await using called = await Workerd.start({
    module: await bundleWorker("test/workerd/worker-called.ts"),
    objects: [{ name: "CHAT_DO", className: "CalledSession" }],
    rpc: { path, entrypoint: "Gate" },
  });
  await using caller = await Workerd.start({
    module: await bundleWorker("test/workerd/worker-caller.ts"),
    objects: [{ name: "CALLER", className: "Caller" }],
    remotes: { REMOTE: path },
  });
  const before = [await ask(caller, "/call"), await ask(called)];
  expect(before).toEqual([expect.stringMatching(/^[\da-f-]{36}$/), expect.stringMatching(/^[\da-f-]{36}$/)]);
  await wait(EVICTED);
  const after = [await ask(caller), await ask(called)];
  expect(after[0]).not.toBe(before[0]);
  expect(after[1]).not.toBe(before[1]);
});
