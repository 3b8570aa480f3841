import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions, FrameInEvent } from "../../src/index.js";
import { LOOKED_AT_PER_UNIT, PRICES } from "../../src/server/access/prices.js";
import { onceOnly } from "../fixtures/kinds.js";
import { refusalOnV1 } from "../fixtures/refusals.js";
import { type ConnectOptions, openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import { connectV1 } from "../fixtures/v1.js";

const byName = (request: Request) => ({ id: request.headers.get("x-user") ?? "ann" });
const bob = { headers: { "x-user": "bob" } };
const open = (options: Partial<ChatSessionDOOptions>) =>
  openSession({ onMessage: silent, authenticate: byName, ...options });

/** How many of so many upgrades, one after the other, are let in. */
async function admitted(room: SessionRoom, times: number, options: ConnectOptions = {}): Promise<number> {
  let count = 0;
  for (let n = 0; n < times; n++) if ((await room.upgrade(options)).status === 101) count += 1;
  return count;
}

async function post(room: SessionRoom, count: number, size: number): Promise<void> {
  const content = "x".repeat(size);
  await Promise.all(Array.from({ length: count }, () => room.session.post({ content })));
}

describe("P12: the work that a limit key may cause", () => {
  it("is spent by upgrades, whichever connection made them; then they are refused, with when to come again", async () => {
    const room = open({ workLimit: { burst: 3 * PRICES.upgrade, perSecond: 1 } });
    expect(await admitted(room, 5)).toBe(3);
    const refused = await room.upgrade();
    expect([refused.status, refused.webSocket]).toEqual([503, null]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(PRICES.upgrade - 30);
    expect(await refusalOnV1(room)).toBe(4005);
    expect((await room.upgrade(bob)).status).toBe(101);
  });

  it("is spent by the search for a lastMessageId, by the length of the log; not by an id that holds its place", async () => {
    const rows = 2_000;
    const room = open({ workLimit: onceOnly(4 * PRICES.upgrade), maxStoredMessages: rows });
    await post(room, rows, 1);
    expect(4 * PRICES.upgrade - 2 * (PRICES.upgrade + rows / LOOKED_AT_PER_UNIT)).toBeGreaterThan(0);
    expect(await admitted(room, 1, { query: { lastMessageId: "unknown" } })).toBe(1);
    // What was replayed then was paid for as well.
    await scheduler.wait(20);
    expect(await admitted(room, 1, { query: { lastMessageId: "unknown" } })).toBe(0);
    const { epoch, head } = await room.session.history();
    expect(await admitted(room, 5, { ...bob, query: { lastMessageId: `~${epoch}:${head}:x` } })).toBe(4);
  });

  it("is spent by history, for what it is sent", async () => {
    const room = open({ workLimit: onceOnly(400), violationLimit: false });
    await post(room, 10, 20_000);
    const { socket } = await connectV1(room);
    for (let n = 0; n < 40; n++) socket.send({ type: "history", before: 11, limit: 1 });
    await socket.error("RATE_LIMITED");
    const pages = socket.frames.filter(({ type }) => type === "history").length;
    // By its frames alone, without what they were answered with, all 40 would be paid for.
    expect(pages).toBeGreaterThan(2);
    expect(pages).toBeLessThan(30);
  });

  it("is spent by resends, more by those with metadata, which is compared key by key", async () => {
    const size = 10_000;
    const keys = Object.fromEntries(Array.from({ length: 900 }, (_, at) => [`key${at}`, at]));
    const acked = async (fields: Record<string, unknown>) => {
      const room = open({ workLimit: onceOnly(1_000), violationLimit: false });
      const { socket } = await connectV1(room);
      const message = JSON.stringify({ type: "message", id: "a", content: "", ...fields });
      expect(Math.abs(message.length - size)).toBeLessThan(size / 5);
      for (let n = 0; n < 60; n++) socket.send(message);
      await socket.error("RATE_LIMITED");
      return socket.frames.filter(({ type }) => type === "ack").length;
    };
    const [plain, keyed] = [await acked({ content: "x".repeat(size) }), await acked({ metadata: keys })];
    expect(keyed).toBeGreaterThan(5);
    expect(plain).toBeGreaterThan(2 * keyed);
  });

  it("is spent by tokens that the application has to check", async () => {
    let checked = 0;
    const renew = () => {
      checked += 1;
      return { id: "ann" };
    };
    const room = open({ workLimit: onceOnly(5 * PRICES.auth), violationLimit: false, reauthenticate: renew });
    const { socket } = await connectV1(room);
    for (let n = 0; n < 50; n++) {
      socket.send({ type: "auth", token: `${n}` });
      await socket.find((frame) => frame === socket.frames.at(-1) && socket.frames.length > n + 1);
    }
    expect(checked).toBe(4);
  });

  it("is spent by resends of what is in the log, which are refused with their id and block nothing", async () => {
    const room = open({ workLimit: onceOnly(PRICES.upgrade + 50), violationLimit: false });
    const { socket } = await connectV1(room);
    for (let n = 0; n < 20; n++) socket.say("a", { id: "a" });
    expect((await socket.error("RATE_LIMITED")).metadata?.["inReplyTo"]).toBe("a");
    socket.say("b", { id: "b" });
    await socket.find(({ type, id }) => type === "ack" && id === "b");
  });

  it("may be owed for frames that are refused; a connection that goes on is closed to come again later", async () => {
    const room = open({ workLimit: onceOnly(1_000), violationLimit: false, rateLimit: onceOnly(1) });
    const { socket } = await connectV1(room);
    for (let n = 0; n < 60; n++) socket.say("x".repeat(60_000), { id: `${n}` });
    expect((await socket.end()).code).toBe(4005);
    expect(socket.frames.length).toBeLessThan(30);
    expect(await refusalOnV1(room)).toBe(4005);
    expect((await room.upgrade(bob)).status).toBe(101);
  });
});

describe("P12: the rejected frames of a limit key", () => {
  it("are counted over all its connections", async () => {
    const room = open({ violationLimit: onceOnly(3) });
    const first = await room.connect();
    for (let n = 0; n < 4; n++) first.send("nonsense");
    expect((await first.end()).code).toBe(1008);
    const second = await room.connect();
    second.say("welcome all the same");
    second.send("nonsense");
    expect((await second.end()).code).toBe(1008);
    const other = await room.connect(bob);
    other.send("nonsense");
    expect(await other.settle()).toHaveLength(1);
    expect(other.closed).toBeUndefined();
  });

  it("do not close another connection that is only too fast", async () => {
    const room = open({ violationLimit: onceOnly(3), rateLimit: onceOnly(1) });
    const bad = await room.connect();
    const good = await room.connect();
    for (let n = 0; n < 4; n++) bad.send("nonsense");
    await bad.end();
    good.say("1");
    good.say("2");
    await good.error("RATE_LIMITED");
    await good.settle();
    expect(good.closed).toBeUndefined();
  });

  it("are fifty where one is huge, and no hook waits for its bytes to be counted", async () => {
    const seen: FrameInEvent[] = [];
    const room = open({
      maxMessageSize: 1_000,
      violationLimit: onceOnly(60),
      onFrameIn: (event) => void seen.push(event),
    });
    const size = 16 * 1_000 + 1;
    const first = await room.connect();
    first.send("€".repeat(size));
    first.send("x".repeat(size - 1));
    await first.settle();
    expect(first.frames.slice(0, 2).map(({ metadata }) => metadata?.["code"])).toEqual([
      "MESSAGE_TOO_LARGE",
      "MESSAGE_TOO_LARGE",
    ]);
    expect(seen.filter(({ stage }) => stage === "rejected").map(({ bytes }) => bytes)).toEqual([3 * size, size - 1]);
    const second = await room.connect();
    second.send("x".repeat(size));
    await second.error("MESSAGE_TOO_LARGE");
    expect((await second.end()).code).toBe(1008);
  });
});
