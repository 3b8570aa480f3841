import { describe, expect, it } from "vitest";
import { openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";
import { connectV1 } from "../fixtures/v1.js";

const LIFE = 40;
const EXPIRED = { code: 4001, reason: "the identity has expired" };

/** A session with someone whose identity is about to expire, and someone whose is not. */
async function openWithExpiring({
  protocol = "workkit.chat.plain",
  life = LIFE,
} = {}): Promise<{ room: SessionRoom; old: TestSocket; young: TestSocket }> {
  const room = openSession({
    onMessage: silent,
    authenticate: (request) => ({
      id: request.headers.get("x-user") ?? "",
      ...(request.headers.get("x-user") === "old" && { expiresAt: Date.now() + life }),
    }),
  });
  const old = await room.connect({ headers: { "x-user": "old" }, protocol });
  const young = await room.connect({ headers: { "x-user": "young" } });
  return { room, old, young };
}

describe("P6: a connection of a session whose identity has expired", () => {
  it.each(["workkit.chat.plain", "workkit.chat.v1"])(
    "is closed instead of being sent a message: %s",
    async (protocol) => {
      const { old, young } = await openWithExpiring({ protocol });
      await scheduler.wait(LIFE + 10);
      young.say("for your eyes only");
      expect(await old.end()).toEqual(EXPIRED);
      expect(old.contents()).toEqual([]);
    },
  );

  it("is sent what others say before it expires", async () => {
    const { old, young } = await openWithExpiring({ life: 10_000 });
    young.say("in time");
    await old.content("in time");
  });

  it("is closed instead of being sent a typing", async () => {
    const { old, young } = await openWithExpiring();
    await scheduler.wait(LIFE + 10);
    young.say("half a sente", { type: "typing" });
    expect(await old.end()).toEqual(EXPIRED);
    expect(old.contents()).toEqual([]);
  });

  it("is closed instead of being sent what the server posts", async () => {
    const { room, old } = await openWithExpiring();
    await scheduler.wait(LIFE + 10);
    await room.session.post({ content: "for your eyes only" });
    expect(await old.end()).toEqual(EXPIRED);
    expect(old.contents()).toEqual([]);
  });

  it("is closed instead of being sent the answer to what it asked before", async () => {
    const room = openSession({
      onMessage: async (_sessionId, _message, { send }) => {
        await scheduler.wait(LIFE + 20);
        send({ content: "for your eyes only" });
        return undefined;
      },
      authenticate: () => ({ id: "old", expiresAt: Date.now() + LIFE }),
    });
    const old = await room.connect();
    old.say("in time");
    expect(await old.end()).toEqual(EXPIRED);
    expect(old.contents()).toEqual([]);
  });

  it("is closed instead of being sent the error that its handler returns", async () => {
    const room = openSession({
      onMessage: async () => {
        await scheduler.wait(LIFE + 20);
        return { type: "error", role: "system", content: "for your eyes only" };
      },
      authenticate: () => ({ id: "old", expiresAt: Date.now() + LIFE }),
    });
    const old = await room.connect();
    old.say("in time");
    expect(await old.end()).toEqual(EXPIRED);
    expect(old.contents()).toEqual([]);
  });

  it("is closed after a sleep, too, and what it says is not in the log", async () => {
    const { room, old } = await openWithExpiring();
    await room.hibernate();
    await scheduler.wait(LIFE + 10);
    old.say("too late");
    expect(await old.end()).toEqual(EXPIRED);
    expect((await room.session.history()).messages).toEqual([]);
  });

  it("is closed instead of being sent the next page of its replay", async () => {
    // The first page has to arrive in time, on a busy machine, too.
    const life = 1_000;
    const room = openSession({
      onMessage: silent,
      rateLimit: false,
      maxStoredMessages: 1_000,
      authenticate: (request) => ({ id: "a", expiresAt: Date.now() + (request.headers.has("x-short") ? life : 1e9) }),
    });
    const { socket: writer, hello } = await connectV1(room);
    for (let n = 1; n <= 300; n++) writer.say(`${n}`, { id: `${n}` });
    await writer.find(({ type, seq }) => type === "ack" && seq === 300);
    const { socket } = await connectV1(room, `${hello.epoch}:0`, { headers: { "x-short": "yes" } });
    const page = await socket.find(({ type }) => type === "page");
    expect(page).toMatchObject({ seq: 200, more: true });
    await scheduler.wait(life + 10);
    socket.send({ type: "next", seq: 200 });
    expect(await socket.end()).toEqual(EXPIRED);
    expect(socket.envelopes()).toHaveLength(200);
  });

  it("is closed alone: the others stay", async () => {
    const { room, young } = await openWithExpiring();
    await scheduler.wait(LIFE + 10);
    young.say("still here");
    await young.settle();
    expect((await room.session.connections()).map(({ identity }) => identity.id)).toEqual(["young"]);
  });
});
