import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { ActiveSession } from "../../src/session/active-session.js";
import { Connections } from "../../src/session/connections.js";
import type { Entry } from "../../src/session/log/entry.js";
import { Log } from "../../src/session/log/log.js";
import { toSessionSettings } from "../../src/session/settings.js";
import { openSession, reply, silent } from "../fixtures/rooms.js";

/** Runs a session of its own in an object, without the class that the platform calls. */
async function withSession(test: (session: ActiveSession, log: Log) => Promise<void>): Promise<void> {
  await runInDurableObject(openSession({ onMessage: silent }).stub, async (_, state) => {
    const settings = toSessionSettings({ onMessage: silent });
    const log = new Log(state.storage, settings.maxStoredMessages);
    const connections = new Connections(state, "watched", settings, () => undefined);
    const events = {
      committed: () => undefined,
      broken: () => undefined,
      block: (action: () => Promise<void>) => action(),
    };
    await test(new ActiveSession("watched", log, connections, settings, events), log);
  });
}

it("P1: a watcher is given the entries of each commit, in order and once they are on disk", async () => {
  await withSession(async (session, log) => {
    const seen: [contents: string[], head: number][] = [];
    const onCommit = (entries: readonly Entry[]) =>
      seen.push([entries.map(({ message }) => message.content), log.head]);
    const stop = session.broadcaster.watch(onCommit);
    await Promise.all([session.publish(reply("one")), session.publish(reply("two"))]);
    await session.publish(reply("three"));
    expect(seen).toEqual([
      [["one", "two"], 2],
      [["three"], 3],
    ]);
    stop();
    await session.publish(reply("four"));
    expect(seen).toHaveLength(2);
  });
});

it("a watcher is not called for what enters no log, and what it throws keeps nothing from being delivered", async () => {
  await withSession(async (session) => {
    let calls = 0;
    session.broadcaster.watch(() => {
      calls += 1;
      throw new Error("a watcher that fails");
    });
    await session.publish({ ...reply("typing"), type: "typing" });
    expect(calls).toBe(0);
    const { content } = await session.publish(reply("said"));
    expect([content, calls]).toEqual(["said", 1]);
  });
});
