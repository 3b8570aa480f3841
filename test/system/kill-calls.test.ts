import { expect, it } from "vitest";
import { ChatClient, type LogMessage } from "../../src/client/index.js";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";

/** Milliseconds after the last answer at which the server is killed: before its ack, before the turn goes on, within it, and after. */
const KILLS = [0, 5, 60, 120, 250];

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

it("P2, P11: kills around the answers of two windows answer no call twice, lose none, and go on with each reply once", async () => {
  const module = await bundleWorker(new URL("../workerd/worker-calls.ts", import.meta.url).pathname);
  await using server = await Workerd.start({ module, objects: [{ name: "CHAT_DO", className: "CallingSession" }] });
  const log = new Map<number, LogMessage>();
  const open = () => {
    const client = new ChatClient({ url: () => server.socketUrl("/").href, backoff: () => 20 });
    client.on("message", (message) => log.set(message.seq, message));
    client.connect();
    return client;
  };
  const windows = [open(), open()];
  const entries = () => [...log.values()];
  for (const [round, kill] of KILLS.entries()) {
    windows[0]?.send({ id: `m${round}`, content: "go" });
    const callsOf = () =>
      entries().filter(({ type, metadata }) => type === "tool_call" && metadata?.["inReplyTo"] === `m${round}`);
    await until(() => callsOf().length === 2);
    const [first, last] = callsOf();
    const answer = (id = "", approved = true) => windows.map((client) => client.answer(id, { approved }));
    answer(first?.id);
    if (round % 2 === 0) {
      await server.kill();
      await server.start();
    }
    await until(() =>
      entries().some(({ metadata, type }) => type === "tool_result" && metadata?.["inReplyTo"] === first?.id),
    );
    await fetch(new URL("/notes", server.url));
    answer(last?.id);
    await new Promise((resolve) => setTimeout(resolve, kill));
    await server.kill();
    await server.start();
    const continued = () => entries().filter(({ metadata }) => metadata?.["continues"] === first?.metadata?.["reply"]);
    await until(() => continued().length > 0);
    expect(continued().map(({ content }) => content)).toEqual(["a: true,b: true"]);
    const answers = entries().filter(
      ({ type, metadata }) => type === "tool_result" && [first?.id, last?.id].includes(String(metadata?.["inReplyTo"])),
    );
    expect(answers).toHaveLength(2);
  }
  expect(await (await fetch(new URL("/open", server.url))).json()).toEqual([]);
  const repeated = entries().filter(({ metadata }) => metadata?.["continues"]);
  expect(new Set(repeated.map(({ metadata }) => metadata?.["continues"])).size).toBe(repeated.length);
  for (const client of windows) client.close();
});
