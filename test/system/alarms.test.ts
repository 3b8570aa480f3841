import { setTimeout } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";

/** How long an alarm may take, in milliseconds: the runtime and we try again after seconds. */
const TIMEOUT_MS = 60_000;

let module: string;

beforeAll(async () => {
  module = await bundleWorker(new URL("../workerd/worker-alarms.ts", import.meta.url).pathname);
});

const start = () => Workerd.start({ module, objects: [{ name: "CHAT_DO", className: "AlarmedSession" }] });

/** Sets alarms, each in so many milliseconds; the names of those that ran. */
async function runs(server: Workerd, alarms: Record<string, string> = {}): Promise<string[]> {
  const response = await fetch(new URL(`/?${new URLSearchParams(alarms)}`, server.url));
  const rows = (await response.json()) as { name: string }[];
  return rows.map(({ name }) => name);
}

/** Resolves with what ran once that is enough. A request to an object that crashes may fail. */
async function whenRun(server: Workerd, isEnough: (names: string[]) => boolean): Promise<string[]> {
  for (const end = Date.now() + TIMEOUT_MS; Date.now() < end; await setTimeout(100)) {
    const names = await runs(server).catch(() => []);
    if (isEnough(names)) return names;
  }
  throw new Error(`The alarms have not run. workerd wrote:\n${server.output}`);
}

describe("alarms of an application", () => {
  it("run though workerd was killed after they were set, and was down at their time", async () => {
    await using server = await start();
    await runs(server, { soon: "200", later: "3000" });
    await server.kill();
    await setTimeout(400);
    await server.start();
    const names = await whenRun(server, (ran) => ran.includes("soon") && ran.includes("later"));
    expect(names).toEqual(["soon", "later"]);
  });

  it("run again if their object crashed while they ran", async () => {
    await using server = await start();
    await runs(server, { "crash-once": "0" });
    const names = await whenRun(server, (ran) => ran.length > 1);
    expect(new Set(names)).toEqual(new Set(["crash-once"]));
  });

  it("run beside one that crashes the object each time", async () => {
    await using server = await start();
    await runs(server, { crash: "100", fine: "100", other: "100" });
    const names = await whenRun(server, (ran) => ran.includes("fine") && ran.includes("other"));
    expect(names.filter((name) => name === "fine")).toHaveLength(1);
  });
});
