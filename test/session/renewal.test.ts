import { describe, expect, it } from "vitest";
import { ChatError, type ChatSessionDOOptions, type Reauthenticate } from "../../src/index.js";
import { openSession, silent } from "../fixtures/rooms.js";
import { connectV1 } from "../fixtures/v1.js";

const LIFE = 300;
const LONG = 3_600_000;

/** A session whose identities live for a moment, and one connection to it. */
async function openExpiring(renew?: Reauthenticate, options: Partial<ChatSessionDOOptions> = {}) {
  const authenticate = () => ({ id: "ann", expiresAt: Date.now() + LIFE });
  const room = openSession({ onMessage: silent, authenticate, ...(renew && { reauthenticate: renew }), ...options });
  return { room, ...(await connectV1(room)) };
}

describe("P6: a token that is sent on a live connection", () => {
  it("keeps the connection, also after a sleep, and is answered with for how long", async () => {
    const seen: unknown[] = [];
    const renew: Reauthenticate = async (token, connection) => {
      seen.push(token, connection);
      return { id: "ann", name: "Ann", expiresAt: Date.now() + LONG };
    };
    const { room, socket, hello } = await openExpiring(renew);
    expect(hello["expiresIn"]).toSatisfy((life: number) => life > 0 && life <= LIFE);
    socket.send({ type: "auth", token: "fresh" });
    const { expiresIn, identity } = await socket.find(({ type }) => type === "auth");
    expect(identity).toEqual({ id: "ann", name: "Ann" });
    expect(expiresIn).toSatisfy((life: number) => life > LIFE && life <= LONG);
    expect(seen).toEqual(["fresh", { sessionId: room.name, identity: { id: "ann", expiresAt: expect.any(Number) } }]);
    await room.hibernate();
    await scheduler.wait(LIFE + 10);
    socket.say("still here", { id: "a" });
    await socket.find(({ type }) => type === "ack");
    const [stored] = (await room.session.history()).messages;
    expect(stored?.metadata).toEqual({ from: { id: "ann", name: "Ann" } });
  });

  it("may make the identity one that does not expire", async () => {
    const { socket } = await openExpiring(() => ({ id: "ann" }));
    socket.send({ type: "auth", token: "for good" });
    expect(await socket.find(({ type }) => type === "auth")).toEqual({ type: "auth", identity: { id: "ann" } });
    await scheduler.wait(LIFE + 10);
    socket.say("still here", { id: "a" });
    await socket.find(({ type }) => type === "ack");
  });

  const broken = () => {
    throw new Error("the secret of the database");
  };
  const refusals: [string, Reauthenticate | undefined, string][] = [
    ["where nothing is renewed", undefined, "FORBIDDEN"],
    ["that is somebody else's", () => ({ id: "bob" }), "FORBIDDEN"],
    ["that is refused with 401", () => new Response("no", { status: 401 }), "UNAUTHORIZED"],
    ["that is refused with 403", () => new Response("no", { status: 403 }), "FORBIDDEN"],
    ["that is refused by a ChatError", () => Promise.reject(new ChatError("FORBIDDEN", "Not you.")), "FORBIDDEN"],
    ["that has expired", () => ({ id: "ann", expiresAt: 1 }), "UNAUTHORIZED"],
    ["that makes no valid identity", () => ({ id: "" }), "UNAUTHORIZED"],
    ["that cannot be checked", broken, "UNAUTHORIZED"],
  ];
  it.each(refusals)("P7: gets a typed error %s, and the connection stays until it expires", async (_, renew, code) => {
    const { room, socket } = await openExpiring(renew);
    socket.send({ type: "auth", token: "stale" });
    const error = await socket.error(code);
    expect(JSON.stringify(error)).not.toContain("secret");
    expect(error["metadata"]).toEqual({ code });
    socket.say("in time", { id: "a" });
    await socket.find(({ type }) => type === "ack");
    await scheduler.wait(LIFE + 10);
    await room.session.post({ content: "too late for you" });
    expect(await socket.end()).toMatchObject({ code: 4001 });
  });

  it("P12: is checked alone: the next has to wait", async () => {
    let checks = 0;
    const { promise, resolve } = Promise.withResolvers<{ id: string }>();
    const renew = () => {
      checks += 1;
      return promise;
    };
    const { socket } = await openExpiring(renew);
    for (let n = 0; n < 5; n++) socket.send({ type: "auth", token: `${n}` });
    expect((await socket.error("RATE_LIMITED")).metadata).toEqual({ code: "RATE_LIMITED", retryAfterMs: 1_000 });
    await socket.settle();
    resolve({ id: "ann" });
    await socket.find(({ type }) => type === "auth");
    expect(checks).toBe(1);
    socket.send({ type: "auth", token: "next" });
    await socket.settle();
    expect(checks).toBe(2);
  });

  it("is refused where nothing is renewed", async () => {
    expect((await openExpiring()).hello).not.toHaveProperty("expiresIn");
  });

  it("P12: counts as a violation when it is refused", async () => {
    const { socket } = await openExpiring(undefined, { violationLimit: { burst: 2, perSecond: 0.001 } });
    for (let n = 0; n < 3; n++) socket.send({ type: "auth", token: "guess" });
    expect(await socket.end()).toMatchObject({ code: 1008 });
  });
});
