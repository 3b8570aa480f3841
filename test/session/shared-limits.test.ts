import { describe, expect, it } from "vitest";
import { onceOnly } from "../fixtures/kinds.js";
import { openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import { ack, connectV1 } from "../fixtures/v1.js";

const byName = (request: Request) => ({ id: request.headers.get("x-user") ?? "nobody" });
const as = (user: string) => ({ headers: { "x-user": user } });
const contents = async ({ session }: SessionRoom) => (await session.history()).messages.map(({ content }) => content);

describe("P12: connections of one limit key", () => {
  it("share a rate, which a new connection does not reset", async () => {
    const room = openSession({ onMessage: silent, authenticate: byName, rateLimit: onceOnly(3) });
    for (let n = 0; n < 5; n++) {
      const socket = await room.connect(as("ann"));
      for (const id of ["a", "b"]) socket.say(`${id}${n}`, { id: `${id}${n}` });
      await socket.settle();
      socket.close();
      await socket.end();
    }
    const other = await room.connect(as("bob"));
    other.say("bob's");
    await other.settle();
    expect(await contents(room)).toEqual(["a0", "b0", "a1", "bob's"]);
  });

  it("share a rate by address where they are anonymous", async () => {
    const room = openSession({ onMessage: silent, rateLimit: onceOnly(1) });
    const from = (address: string) => ({ headers: { "cf-connecting-ip": address } });
    const sockets = [await room.connect(from("2001:db8::1")), await room.connect(from("2001:db8::2"))];
    for (const [n, socket] of sockets.entries()) {
      socket.say(`${n}`);
      await socket.settle();
    }
    const elsewhere = await room.connect(from("2001:db8:0:1::1"));
    elsewhere.say("elsewhere");
    await elsewhere.settle();
    expect(await contents(room)).toEqual(["0", "elsewhere"]);
  });

  it("may together send twice as many a second as one; what the key refuses takes nothing of the connection's own", async () => {
    const options = { onMessage: silent, authenticate: byName, rateLimit: { burst: 2, perSecond: 0.01 } };
    const room = openSession(options);
    const [one, other] = [await room.connect(as("ann")), await room.connect(as("ann"))];
    for (const id of ["a", "b", "c"]) one.say(id, { id });
    await one.error("RATE_LIMITED");
    other.say("d", { id: "d" });
    const wait = Number((await other.error("RATE_LIMITED")).metadata?.["retryAfterMs"]);
    expect(wait).toBeGreaterThan(20_000);
    expect(wait).toBeLessThanOrEqual(50_000);
    // What a key has spent is forgotten when the object sleeps, what a connection has spent is not.
    await room.hibernate();
    for (const id of ["d", "e"]) other.say(id, { id });
    await other.settle();
    expect(await contents(room)).toEqual(["a", "b", "d", "e"]);
  });

  it("P3: hold back on v1 what comes after a message that is refused for the key's rate", async () => {
    const options = { onMessage: silent, authenticate: byName };
    const room = openSession({ ...options, rateLimit: onceOnly(2) });
    const [one, other] = [await connectV1(room, undefined, as("ann")), await connectV1(room, undefined, as("ann"))];
    for (const id of ["a", "b"]) one.socket.say(id, { id });
    await ack(one.socket, "b");
    other.socket.say("c", { id: "c" });
    await other.socket.error("RATE_LIMITED");
    await room.deploy({ ...options, rateLimit: false });
    other.socket.say("d", { id: "d" });
    const { content } = await other.socket.find(({ metadata }) => metadata?.["inReplyTo"] === "d");
    expect(content).toBe("An earlier message was refused: send that one first.");
    for (const id of ["c", "d"]) other.socket.say(id, { id });
    await ack(other.socket, "d");
    expect(await contents(room)).toEqual(["a", "b", "c", "d"]);
  });

  it("share a rate of bytes", async () => {
    const room = openSession({
      onMessage: silent,
      authenticate: byName,
      maxMessageSize: 1_000,
      byteRateLimit: { burst: 1_000, perSecond: 1e-6 },
    });
    const [one, other] = [await room.connect(as("ann")), await room.connect(as("ann"))];
    one.say("x".repeat(600), { id: "a" });
    await one.settle();
    other.say("x".repeat(600), { id: "b" });
    expect((await other.error("RATE_LIMITED")).metadata?.["inReplyTo"]).toBe("b");
    other.say("small");
    await one.content("small");
  });

  it("have no rate where rateLimit is false", async () => {
    const room = openSession({ onMessage: silent, authenticate: byName, rateLimit: false });
    for (let n = 0; n < 3; n++) {
      const socket = await room.connect(as("ann"));
      for (let m = 0; m < 150; m++) socket.say(`${m}`);
      expect(await socket.settle()).toEqual([]);
    }
  });
});
