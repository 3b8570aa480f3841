import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ChatSessionDOOptions, scheduleAlarm } from "../../src/index.js";
import { meter, newUsage } from "../fixtures/meter.js";
import { openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import { ack, connectV1 } from "../fixtures/v1.js";

const HOUR = 3_600_000;
const later = () => Date.now() + HOUR;

beforeEach(() => {
  vi.spyOn(console, "error").mockReturnValue(undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A session that writes down which alarms ran. */
function openWithAlarms(options: Partial<ChatSessionDOOptions> = {}) {
  const ran: string[] = [];
  const onAlarm = (name: string) => void ran.push(name);
  return { ran, room: openSession({ onMessage: silent, onAlarm, ...options }) };
}

function schedule({ stub }: SessionRoom, name: string, at: number | null): Promise<void> {
  return runInDurableObject(stub, (session) => scheduleAlarm(session, name, at));
}

/** What is kept of the alarms, by name. */
function kept({ stub }: SessionRoom): Promise<Record<string, unknown>> {
  return runInDurableObject(stub, (_, { storage }) => {
    return Object.fromEntries(
      Array.from(storage.kv.list(), ([key, value]) => [key.replace("workkit_chat_alarm:", ""), value]),
    );
  });
}

/** Brings the time of all alarms, as if it had passed, and has the object's alarm go off. */
async function ring({ stub }: SessionRoom): Promise<void> {
  await runInDurableObject(stub, (_, { storage }) => {
    for (const [key, alarm] of [...storage.kv.list()]) storage.kv.put(key, { ...Object(alarm), at: 1 });
  });
  expect(await runDurableObjectAlarm(stub)).toBe(true);
}

const setFor = ({ stub }: SessionRoom) => runInDurableObject(stub, (_, { storage }) => storage.getAlarm());

describe("an alarm of the application's own", () => {
  it("runs at its time, and once", async () => {
    const { ran, room } = openWithAlarms();
    await schedule(room, "soon", Date.now() + 50);
    await vi.waitUntil(() => ran.length > 0, { timeout: 30_000 });
    await vi.waitUntil(async () => (await setFor(room)) === null);
    expect(ran).toEqual(["soon"]);
    expect(await kept(room)).toEqual({});
  });

  it.each([0, -5, 1.5, 1])("runs soon where its time has passed: %d", async (at) => {
    const { ran, room } = openWithAlarms();
    await schedule(room, "past", at);
    await vi.waitUntil(() => ran.includes("past"), { timeout: 30_000 });
  });

  it("P8: runs in an object that was evicted meanwhile, and in one that crashed", async () => {
    const { ran, room } = openWithAlarms();
    await schedule(room, "evicted", Date.now() + 300);
    await room.hibernate();
    await vi.waitUntil(() => ran.includes("evicted"), { timeout: 30_000 });
    await schedule(room, "crashed", Date.now() + 300);
    await room.crash();
    await vi.waitUntil(() => ran.includes("crashed"), { timeout: 30_000 });
  });

  it("is one of several: each runs at its own time", async () => {
    const { ran, room } = openWithAlarms();
    await Promise.all([
      schedule(room, "c", later()),
      schedule(room, "a", Date.now() + 150),
      schedule(room, "b", Date.now() + 50),
    ]);
    await vi.waitUntil(() => ran.length === 2, { timeout: 30_000 });
    await vi.waitUntil(async () => (await setFor(room)) !== null);
    expect(ran).toEqual(["b", "a"]);
    expect(Object.keys(await kept(room))).toEqual(["c"]);
  });

  it("replaces the one of the same name, and is cancelled by null", async () => {
    const { ran, room } = openWithAlarms();
    await schedule(room, "a", Date.now() + 20);
    await schedule(room, "a", later());
    await schedule(room, "b", Date.now() + 20);
    await schedule(room, "b", null);
    await schedule(room, "never set", null);
    await schedule(room, "c", Date.now() + 100);
    await vi.waitUntil(() => ran.length > 0, { timeout: 30_000 });
    expect(ran).toEqual(["c"]);
    expect(Object.keys(await kept(room))).toEqual(["a"]);
  });

  it("may schedule itself again, and cancel another that is due", async () => {
    const ran: string[] = [];
    const room = openSession({
      onMessage: silent,
      onAlarm: async (name) => {
        ran.push(name);
        await schedule(room, "a", later());
        await schedule(room, "b", null);
      },
    });
    await schedule(room, "a", later());
    await schedule(room, "b", later());
    await ring(room);
    expect(ran).toEqual(["a"]);
    const { a, ...others } = await kept(room);
    expect(a).toMatchObject({ failures: 0, at: expect.toSatisfy((at: number) => at > Date.now()) });
    expect(others).toEqual({});
  });

  it("P8: is not lost where it is scheduled again while a retry of it is recorded", async () => {
    const { ran, room } = openWithAlarms();
    const key = "workkit_chat_alarm:a";
    await runInDurableObject(room.stub, async (session, { storage }) => {
      storage.kv.put(key, { at: 1, failures: 1 });
      const run = session.alarm();
      while (Object(storage.kv.get(key))["failures"] === 1) await null;
      await scheduleAlarm(session, "a", later());
      await run;
    });
    expect(ran).toEqual([]);
    expect(await kept(room)).toEqual({ a: { at: expect.any(Number), failures: 0 } });
    expect(await setFor(room)).not.toBeNull();
  });

  it("may be as far away as the platform sets alarms", async () => {
    const { room } = openWithAlarms();
    const at = Date.UTC(2189, 0) - 1;
    await schedule(room, "far", at);
    expect(await setFor(room)).toBe(at);
  });

  it("costs two rows to set, two to run, one to set again, and none while nothing is due", async () => {
    const { room } = openWithAlarms();
    await room.session.history();
    await schedule(room, "warm", later());
    const usage = newUsage();
    await runInDurableObject(room.stub, (_, { storage }) => meter(storage, usage));
    const spent = async (action: () => Promise<unknown>) => {
      const before = usage.rowsWritten;
      await action();
      return usage.rowsWritten - before;
    };
    expect(await spent(() => schedule(room, "first", Date.now() + HOUR / 2))).toBe(2);
    expect(await spent(() => schedule(room, "first", Date.now() + HOUR / 2 + 1))).toBe(1);
    expect(await spent(() => schedule(room, "last", later() + HOUR))).toBe(1);
    await runInDurableObject(room.stub, (_, { storage }) => {
      storage.kv.put("workkit_chat_alarm:first", { at: 1, failures: 0 });
    });
    expect(await spent(() => runDurableObjectAlarm(room.stub))).toBe(2);
    expect(await spent(() => schedule(room, "last", null))).toBe(1);
  });
});

describe("an onAlarm that throws", () => {
  it("runs again, less and less often, and is given up in the end", async () => {
    let runs = 0;
    const { ran, room } = openWithAlarms({
      onAlarm: (name) => {
        if (name === "fine") return ran.push(name);
        runs++;
        throw new Error("always");
      },
    });
    await schedule(room, "broken", later());
    const delays: number[] = [];
    for (let failure = 1; failure <= 10; failure++) {
      await ring(room);
      expect(runs).toBe(failure);
      const { broken } = await kept(room);
      expect(broken).toMatchObject({ failures: failure });
      delays.push(Number(Object(broken)["at"]) - Date.now());
      expect(await setFor(room)).not.toBeNull();
    }
    expect(delays.every((delay, at) => at === 0 || delay > (delays[at - 1] ?? 0) * 1.5)).toBe(true);
    await schedule(room, "fine", later());
    await ring(room);
    expect(ran).toEqual(["fine"]);
    expect(await kept(room)).toEqual({});
    expect(runs).toBe(11);
  });

  it("holds up none of the others", async () => {
    const ran: string[] = [];
    const room = openSession({
      onMessage: silent,
      onAlarm: async (name) => {
        if (name === "a") throw new Error("broken");
        ran.push(name);
      },
    });
    for (const name of ["a", "b", "c"]) await schedule(room, name, later());
    await ring(room);
    expect(ran).toEqual(["b", "c"]);
  });

  it("is forgotten once it succeeds", async () => {
    let runs = 0;
    const { room } = openWithAlarms({
      onAlarm: () => {
        if (++runs < 3) throw new Error("not yet");
      },
    });
    await schedule(room, "a", later());
    for (let n = 0; n < 3; n++) await ring(room);
    expect(await kept(room)).toEqual({});
  });
});

describe("a thousand alarms", () => {
  it("all run", async () => {
    const { ran, room } = openWithAlarms();
    await runInDurableObject(room.stub, (session) => {
      return Promise.all(Array.from({ length: 1_000 }, (_, n) => scheduleAlarm(session, `${n}`, later() + n)));
    });
    await room.hibernate();
    await ring(room);
    expect(new Set(ran).size).toBe(1_000);
    expect(await kept(room)).toEqual({});
  });
});

describe("the object's one alarm", () => {
  it("P11: serves the recovery of turns beside the application's alarms", async () => {
    const begun: number[] = [];
    const { ran, room } = openWithAlarms({
      recoverByAlarm: true,
      onMessage: (_id, _message, { attempt }) => {
        begun.push(attempt);
        return new Promise(() => "never");
      },
    });
    await schedule(room, "later", later());
    const { socket } = await connectV1(room);
    socket.say("x", { id: "x" });
    await ack(socket, "x");
    await vi.waitUntil(async () => Number(await setFor(room)) < Date.now() + HOUR / 2);
    await room.crash();
    expect(await runDurableObjectAlarm(room.stub)).toBe(true);
    await vi.waitUntil(() => begun.length === 2);
    expect(await setFor(room)).toBeLessThan(Date.now() + HOUR / 2);
    expect(ran).toEqual([]);
    await ring(room);
    expect(ran).toEqual(["later"]);
    expect(begun).toEqual([1, 2]);
  });

  it("is a subclass's own where neither is used", async () => {
    const room = openSession({ onMessage: silent });
    const mine = later();
    await runInDurableObject(room.stub, (_, { storage }) => storage.setAlarm(mine));
    const { socket } = await connectV1(room);
    socket.say("x", { id: "x" });
    await ack(socket, "x");
    expect(await setFor(room)).toBe(mine);
  });
});

describe("scheduleAlarm", () => {
  const wrong: [unknown, unknown, string][] = [
    ["", 1, "name of scheduleAlarm must be a string of 1 to 256 characters, not ."],
    ["a".repeat(257), 1, "name of scheduleAlarm must be a string of 1 to 256 characters"],
    ["\ud800", 1, "name of scheduleAlarm must be a string of 1 to 256 characters"],
    [7, 1, "name of scheduleAlarm must be a string of 1 to 256 characters, not 7."],
    ["a", Number.NaN, "at of scheduleAlarm must be milliseconds since the Unix epoch before 2189 or null, not NaN."],
    [
      "a",
      Number.POSITIVE_INFINITY,
      "at of scheduleAlarm must be milliseconds since the Unix epoch before 2189 or null, not Infinity.",
    ],
    ["a", Date.UTC(2189, 0), "at of scheduleAlarm must be milliseconds since the Unix epoch before 2189 or null"],
    ["a", "", "at of scheduleAlarm must be milliseconds since the Unix epoch before 2189 or null"],
    ["a", [], "at of scheduleAlarm must be milliseconds since the Unix epoch before 2189 or null"],
    ["a", 5n, "at of scheduleAlarm must be milliseconds since the Unix epoch before 2189 or null, not 5."],
    [
      "a",
      undefined,
      "at of scheduleAlarm must be milliseconds since the Unix epoch before 2189 or null, not undefined.",
    ],
    ["a", "soon", "at of scheduleAlarm must be milliseconds since the Unix epoch before 2189 or null, not soon."],
  ];
  it.each(wrong)("takes no name or time that is none (%#)", async (name, at, message) => {
    const { room } = openWithAlarms();
    const attempt = schedule(room, name as string, at as number);
    await expect(attempt).rejects.toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
    await expect(attempt).rejects.toThrow(message);
    expect(await kept(room)).toEqual({});
  });

  it("takes a name of 256 characters of any kind", async () => {
    const { ran, room } = openWithAlarms();
    const name = "ü:\n ".padEnd(256, "😀");
    await schedule(room, name, 0);
    await vi.waitUntil(() => ran.length > 0, { timeout: 30_000 });
    expect(ran).toEqual([name]);
  });

  it("needs the option onAlarm, and a session", async () => {
    const room = openSession({ onMessage: silent });
    await expect(schedule(room, "a", 1)).rejects.toThrow("onAlarm must be given for scheduleAlarm.");
    const foreign = { workkitChat: () => undefined };
    await expect(scheduleAlarm(foreign, "a", 1)).rejects.toThrow("The object is no ChatSessionDO.");
  });
});
