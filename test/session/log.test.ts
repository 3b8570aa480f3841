import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { meter, newUsage } from "../fixtures/meter.js";
import { echo, openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";

const unlimited = { rateLimit: false } as const;

/** Says `count` things, one after the other or all at once, and waits until all are in the log. */
async function fill(room: SessionRoom, socket: TestSocket, count: number, prefix = "m"): Promise<void> {
  for (let n = 1; n <= count; n++) socket.say(`${prefix}${n}`, { id: `${prefix}${n}` });
  await socket.settle();
  await room.session.history();
}

const contents = async (room: SessionRoom) =>
  (await room.session.history({ limit: 1_000 })).messages.map((message) => message.content);

const numbered = (from: number, to: number, prefix = "m") =>
  Array.from({ length: to - from + 1 }, (_, index) => `${prefix}${from + index}`);

/** Rows written by all that the session does, since this was last asked. */
async function countRowsWritten(room: SessionRoom): Promise<() => number> {
  const usage = newUsage();
  await runInDurableObject(room.stub, (_session, { storage }) => meter(storage, usage));
  return () => {
    const { rowsWritten } = usage;
    usage.rowsWritten = 0;
    return rowsWritten;
  };
}

describe("the log", () => {
  it("P4: keeps the newest maxStoredMessages and says where it begins", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 5, ...unlimited });
    const socket = await room.connect();
    await fill(room, socket, 12);
    expect(await room.session.history()).toMatchObject({ head: 12, tail: 8 });
    expect(await contents(room)).toEqual(numbered(8, 12));
  });

  it("keeps one envelope, with a capacity of one", async () => {
    const room = openSession({ onMessage: echo, maxStoredMessages: 1, ...unlimited });
    const socket = await room.connect();
    for (const content of ["a", "b", "c"]) {
      socket.say(content);
      await socket.content(`Echo: ${content}`);
    }
    expect(await contents(room)).toEqual(["Echo: c"]);
    await room.hibernate();
    expect(await room.session.history()).toMatchObject({ head: 6, tail: 6 });
  });

  it("P3: keeps its order when the object sleeps", async () => {
    const room = openSession({ onMessage: silent, ...unlimited });
    const socket = await room.connect();
    await fill(room, socket, 3);
    const before = await room.session.history();
    await room.hibernate();
    await fill(room, socket, 2, "n");
    const after = await room.session.history();
    expect(after.epoch).toBe(before.epoch);
    expect(after.messages.map(({ seq, content }) => `${seq}${content}`)).toEqual(["1m1", "2m2", "3m3", "4n1", "5n2"]);
  });

  it("P1: loses nothing that still fits when a deploy changes its capacity", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 6, ...unlimited });
    const socket = await room.connect();
    await fill(room, socket, 9);
    await room.deploy({ onMessage: silent, maxStoredMessages: 8, ...unlimited });
    expect(await contents(room)).toEqual(numbered(4, 9));
    await fill(room, socket, 4, "n");
    expect(await contents(room)).toEqual([...numbered(6, 9), ...numbered(1, 4, "n")]);
    await room.deploy({ onMessage: silent, maxStoredMessages: 3, ...unlimited });
    expect(await contents(room)).toEqual(numbered(2, 4, "n"));
    await fill(room, socket, 1, "o");
    expect(await contents(room)).toEqual([...numbered(3, 4, "n"), "o1"]);
    await room.deploy({ onMessage: silent, maxStoredMessages: 100, ...unlimited });
    expect(await contents(room)).toEqual([...numbered(3, 4, "n"), "o1"]);
    const rows = await runInDurableObject(room.stub, (_, { storage }) =>
      storage.sql.exec("SELECT COUNT(*) AS rows FROM workkit_chat_log").one(),
    );
    expect(rows).toEqual({ rows: 3 });
  });

  it.each([0, 1.5, -1, 100_001, Number.NaN])("refuses a capacity of %s", async (maxStoredMessages) => {
    const room = openSession({ onMessage: silent, maxStoredMessages });
    await expect(room.upgrade()).rejects.toThrow(/maxStoredMessages must be a whole number from 1 to 100000/);
  });

  it.each([1, 100_000])("accepts a capacity of %s", async (maxStoredMessages) => {
    const room = openSession({ onMessage: silent, maxStoredMessages });
    expect((await room.upgrade()).status).toBe(101);
  });

  it("writes one row for each stored envelope, at capacity and with turns, and none for a retry", async () => {
    const room = openSession({ onMessage: echo, maxStoredMessages: 100, ...unlimited });
    const socket = await room.connect();
    await fill(room, socket, 100);
    const rowsWritten = await countRowsWritten(room);
    await fill(room, socket, 30, "n");
    expect(rowsWritten()).toBe(60);
    socket.say("n30", { id: "n30" });
    await socket.content("n30");
    expect(rowsWritten()).toBe(0);
  });

  it("writes one row for each question whose slow turn replies", async () => {
    const room = openSession({
      onMessage: async (id, message) => {
        await scheduler.wait(1);
        return echo(id, message);
      },
      maxStoredMessages: 20,
      ...unlimited,
    });
    const socket = await room.connect();
    await fill(room, socket, 10);
    await socket.content("Echo: m10");
    const rowsWritten = await countRowsWritten(room);
    await fill(room, socket, 10, "n");
    await socket.content("Echo: n10");
    expect(rowsWritten()).toBe(20);
  });

  it("commits a burst in few commits", async () => {
    const room = openSession({ onMessage: echo, maxStoredMessages: 1_000, ...unlimited });
    const socket = await room.connect();
    const commits = await runInDurableObject(room.stub, (_, { storage: { sql } }) => {
      const { exec } = sql;
      let count = 0;
      let goesOn = false;
      sql.exec = function counted(this: SqlStorage, ...parameters: Parameters<typeof exec>) {
        if (!goesOn) count++;
        // What is written without an await in between is one commit.
        goesOn = true;
        queueMicrotask(() => {
          goesOn = false;
        });
        return exec.apply(this, parameters);
      } as typeof exec;
      return () => count;
    });
    await fill(room, socket, 200);
    const written = commits();
    expect(await contents(room)).toHaveLength(400);
    expect(written).toBeLessThan(50);
  });

  it("never stores what is ephemeral", async () => {
    const room = openSession({ onMessage: silent });
    const [one, other] = [await room.connect(), await room.connect()];
    one.send({ type: "typing", content: "" });
    one.send({ type: "bogus", content: "" });
    await other.find((frame) => frame["type"] === "typing");
    expect(await contents(room)).toEqual([]);
  });

  it("refuses to open a log of a newer release, and says what to do", async () => {
    const room = openSession({ onMessage: silent });
    await room.connect();
    await runInDurableObject(room.stub, (_, { storage }) => {
      storage.sql.exec("DROP TABLE workkit_chat_log");
      storage.sql.exec("CREATE TABLE workkit_chat_log (slot INTEGER PRIMARY KEY /* version 99, ring of 9 */)");
    });
    await room.hibernate();
    await expect(room.upgrade()).rejects.toThrow(/schema version 99.*deploy the newer release/);
  });
});
