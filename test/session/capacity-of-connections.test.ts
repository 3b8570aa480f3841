import { describe, expect, it } from "vitest";
import { refusalOnV1 } from "../fixtures/refusals.js";
import { openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import { connectV1 } from "../fixtures/v1.js";

const byName = (request: Request) => ({ id: request.headers.get("x-user") ?? "nobody" });

async function expectFull(room: SessionRoom): Promise<void> {
  const answer = await room.upgrade();
  expect([answer.status, answer.webSocket, await answer.text()]).toEqual([503, null, "the session is full"]);
  expect(await refusalOnV1(room)).toBe(4003);
}

describe("P12: a session of two connections at most", () => {
  const open = () => openSession({ onMessage: silent, maxConnections: 2, authenticate: byName });

  it("accepts two, of either dialect, and refuses a third", async () => {
    const room = open();
    await room.connect();
    await expect(room.upgrade()).resolves.toMatchObject({ status: 101 });
    await expectFull(room);
    const other = open();
    await connectV1(other);
    await connectV1(other);
    await expectFull(other);
    expect(await other.session.connections()).toHaveLength(2);
  });

  it("goes on serving those that it has accepted", async () => {
    const room = open();
    const [one, other] = [await room.connect(), await room.connect()];
    await expectFull(room);
    one.say("hello");
    await other.content("hello");
  });

  it("has a place again once one has left, and one only", async () => {
    const room = open();
    const [one] = [await room.connect(), await room.connect()];
    await expectFull(room);
    one.close();
    await one.end();
    await room.connect();
    await expectFull(room);
  });

  it("counts those that stay while it sleeps, and not those that leave meanwhile", async () => {
    const room = open();
    const [one] = [await room.connect(), await room.connect()];
    await room.hibernate();
    await expectFull(room);
    await room.hibernate();
    one.close();
    await one.end();
    await room.connect();
    await expectFull(room);
  });

  it("has a place again once it has closed one, whether or not the client answers", async () => {
    const room = open();
    await room.connect({ headers: { "x-user": "stays" } });
    const { webSocket } = await room.upgrade({ headers: { "x-user": "goes" } });
    webSocket?.accept({ allowHalfOpen: true });
    await expectFull(room);
    await room.session.disconnect({ identityId: "goes" });
    await room.connect();
    await expectFull(room);
    webSocket?.close();
  });

  it("gives no place to a client that it refuses", async () => {
    const room = openSession({
      onMessage: silent,
      maxConnections: 1,
      authenticate: (request) =>
        request.headers.has("x-user") ? byName(request) : new Response("no", { status: 401 }),
    });
    for (let n = 0; n < 3; n++) expect((await room.upgrade()).status).toBe(401);
    await room.connect({ headers: { "x-user": "ann" } });
  });

  it("calls authenticate before it answers that it is full", async () => {
    const room = openSession({ onMessage: silent, maxConnections: 1 });
    await room.connect();
    await room.deploy({
      onMessage: silent,
      maxConnections: 1,
      authenticate: () => new Response("no", { status: 401 }),
    });
    expect((await room.upgrade()).status).toBe(401);
    expect(await refusalOnV1(room)).toBe(4501);
  });
});
