import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { type Draft, getAttachment, setAttachment } from "../../src/index.js";
import { echo, openSession, silent } from "../fixtures/rooms.js";
import { TestSocket } from "../fixtures/socket.js";
import { ack, connectV1 } from "../fixtures/v1.js";

const byName = (request: Request) => {
  const name = new URL(request.url).searchParams.get("user") ?? "nobody";
  return { id: name, name: name.toUpperCase(), metadata: { secret: true } };
};

describe("a Worker that calls a session", () => {
  it("P2, P5: posts an envelope that everyone gets and nobody answers, once for each id", async () => {
    const room = openSession({ onMessage: echo });
    const [plain, { socket }] = [await room.connect(), await connectV1(room)];
    const draft: Draft = { id: "deploy-7", content: "Deployed.", role: "system", type: "system", metadata: { n: 7 } };
    const stored = await room.session.post(draft);
    expect(stored).toEqual({ ...draft, timestamp: expect.any(Number) });
    expect(await room.session.post(draft)).toEqual(stored);
    await room.hibernate();
    expect(await room.session.post(draft)).toEqual(stored);
    await expect(room.session.post({ ...draft, content: "Other." })).rejects.toMatchObject({
      name: "ChatError",
      code: "ID_CONFLICT",
      inReplyTo: "deploy-7",
    });
    const cursor = expect.stringMatching(/^~[0-9a-f]{16}:1:t\d+$/);
    expect(await plain.content("Deployed.")).toEqual({ ...stored, metadata: { n: 7, cursor } });
    expect(await socket.content("Deployed.")).toEqual({ seq: 1, ...stored });
    expect((await room.session.history()).head).toBe(1);
  });

  it("P7: is refused what cannot be posted, with a typed error", async () => {
    const room = openSession({ onMessage: silent });
    const bad: object[] = [{}, { content: 5 }, { content: "x", type: "error" }];
    for (const draft of [...bad, { content: "x", id: "" }, { content: "x".repeat(2_000_000) }]) {
      await expect(room.session.post(draft as Draft)).rejects.toMatchObject({ code: "INVALID_OPTION" });
    }
    expect((await room.session.history()).head).toBe(0);
  });

  it("P4: pages through history both ways", async () => {
    const room = openSession({ onMessage: silent });
    for (let n = 1; n <= 10; n++) await room.session.post({ content: `${n}` });
    const read = async (query: object) => (await room.session.history(query)).messages.map(({ seq }) => seq);
    expect(await read({ limit: 3 })).toEqual([8, 9, 10]);
    expect(await read({ limit: 3, before: 8 })).toEqual([5, 6, 7]);
    expect(await read({ limit: 3, before: 2 })).toEqual([1]);
    expect(await read({ before: 1 })).toEqual([]);
    expect(await read({ before: 1_000, limit: 2 })).toEqual([9, 10]);
    expect(await read({ limit: 3, after: 0 })).toEqual([1, 2, 3]);
    expect(await read({ limit: 3, after: 9 })).toEqual([10]);
    expect(await read({ after: 10 })).toEqual([]);
    for (const query of [{ limit: 0 }, { limit: 1_001 }, { before: -1 }, { after: 0.5 }, { before: 1, after: 1 }]) {
      await expect(room.session.history(query)).rejects.toMatchObject({ code: "INVALID_OPTION" });
    }
  });

  it("P12: is given no more history at once than RPC can carry, but always one envelope", async () => {
    const room = openSession({ onMessage: silent });
    for (let n = 1; n <= 9; n++) await room.session.post({ content: "x".repeat(1_048_000) });
    const read = async (query: object) => (await room.session.history(query)).messages.map(({ seq }) => seq);
    expect(await read({})).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await read({ after: 0 })).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await read({ before: 2 })).toEqual([1]);
  });

  it("P19: clears a session right after a read that took less than there is", async () => {
    const room = openSession({ onMessage: silent });
    const content = "x".repeat(100_000);
    for (let n = 1; n <= 5; n++) await room.session.post({ content });
    const author = await room.connect();
    author.say("mine", { id: "twice" });
    await author.settle();
    await room.session.post({ content: "the server's", id: "twice" });
    const { socket } = await connectV1(room);
    await socket.find(({ type }) => type === "page");
    await room.connect({ query: { lastMessageId: "twice" } });
    await room.session.clear();
    expect((await room.session.history()).messages).toEqual([]);
  });

  it("lists connections and disconnects one, or all of an identity", async () => {
    const room = openSession({ onMessage: silent, authenticate: byName });
    const ann = await connectV1(room, undefined, { query: { user: "ann" } });
    const bob = await room.connect({ query: { user: "bob" } });
    const bobToo = await room.connect({ query: { user: "bob" } });
    const listed = await room.session.connections();
    expect(listed).toContainEqual({
      id: ann.hello.connectionId,
      dialect: "v1",
      identity: { id: "ann", name: "ANN", metadata: { secret: true } },
    });
    expect(listed.map(({ dialect }) => dialect).sort()).toEqual(["plain", "plain", "v1"]);
    expect(await room.session.disconnect({ identityId: "bob" }, { code: 4100, reason: "elsewhere" })).toBe(2);
    expect(await bob.end()).toEqual({ code: 4100, reason: "elsewhere" });
    await bobToo.end();
    expect(await room.session.disconnect({ connectionId: ann.hello.connectionId })).toBe(1);
    expect((await ann.socket.end()).code).toBe(4500);
    expect(await room.session.disconnect({ identityId: "nobody" })).toBe(0);
    for (const options of [
      { code: 200 },
      { code: 1005 },
      { code: 5000 },
      { code: 4000.5 },
      { reason: "é".repeat(62) },
    ]) {
      const refused = room.session.disconnect({ identityId: "bob" }, options);
      await expect(refused).rejects.toMatchObject({ code: "INVALID_OPTION" });
    }
    expect(await room.session.connections()).toEqual([]);
  });

  it("P4: clears the log: everyone is closed, cursors are void, ids are free again", async () => {
    const room = openSession({ onMessage: silent });
    const [plain, { socket, hello }] = [await room.connect(), await connectV1(room)];
    socket.say("one", { id: "a" });
    const { id } = await plain.content("one");
    await room.session.clear();
    expect((await plain.end()).code).toBe(4002);
    expect((await socket.end()).code).toBe(4002);
    // Asked of the log itself: a cursor beyond its head would have given it a new epoch as well.
    const { epoch } = await room.session.history();
    expect(epoch).not.toBe(hello.epoch);
    const again = await connectV1(room, `${hello.epoch}:1`);
    expect(again.hello).toMatchObject({ resume: "gap", head: 0, tail: 1, epoch });
    const plainAgain = await room.connect({ query: { lastMessageId: String(id) } });
    await plainAgain.error("GAP");
    again.socket.say("two", { id: "a", after: `${hello.epoch}:0` });
    await again.socket.error("UNKNOWN_OUTCOME");
    again.socket.say("two", { id: "a" });
    expect(await ack(again.socket, "a")).toMatchObject({ seq: 1 });
  });

  it("is given an error for a method that does not exist", async () => {
    const room = openSession({ onMessage: silent });
    const outcome = await room.stub.workkitChat("constructor" as "post", []);
    expect(outcome).toMatchObject({ error: { code: "INVALID_OPTION" } });
  });
});

describe("a subclass", () => {
  it("without options stays up and answers nothing, and keeps what is said", async () => {
    const room = openSession();
    const [one, other] = [await room.connect(), await room.connect()];
    one.say("anyone?");
    await other.content("anyone?");
    expect(await one.settle()).toEqual([]);
    expect((await room.session.history()).messages).toHaveLength(1);
  });

  it("has routes, tables and RPC methods of its own beside ours", async () => {
    const room = openSession({ onMessage: echo });
    const socket = await room.connect();
    await room.stub.fetch("https://chat.example/notes", { method: "POST", body: "remember" });
    socket.say("hello");
    await socket.content("Echo: hello");
    await room.session.clear();
    expect(await room.stub.countNotes()).toBe(1);
    expect((await room.stub.fetch("https://chat.example/")).status).toBe(426);
  });

  it("has sockets of its own that no chat frame reaches, and whose frames are not ours", async () => {
    const room = openSession({ onMessage: echo });
    const { webSocket } = await room.stub.fetch("https://chat.example/foreign", { headers: { upgrade: "websocket" } });
    const foreign = new TestSocket(webSocket ?? expect.unreachable("the route upgrades"));
    foreign.say("not for the chat");
    const socket = await room.connect();
    socket.say("hello");
    await socket.content("Echo: hello");
    expect(foreign.frames).toEqual([]);
    expect((await room.session.history()).head).toBe(2);
    expect(await room.session.connections()).toHaveLength(1);
  });

  it("tags its connections and attaches data to them, across hibernation, without disturbing ours", async () => {
    const room = openSession({
      onMessage: echo,
      authenticate: byName,
      tags: ({ id }, request) => [`user:${id}`, new URL(request.url).searchParams.get("user") ?? ""],
      rateLimit: { burst: 2, perSecond: 0.001 },
    });
    const socket = await room.connect({ query: { user: "ann" } });
    socket.say("one");
    await socket.content("Echo: one");
    await runInDurableObject(room.stub, (_, { getWebSockets }, state = _) => void [getWebSockets, state]);
    await runInDurableObject(room.stub, (_, state) => {
      for (const tagged of state.getWebSockets("user:ann")) setAttachment(tagged, { seat: 4 });
    });
    await room.hibernate();
    socket.say("two");
    await socket.content("Echo: two");
    socket.say("three");
    await socket.error("RATE_LIMITED");
    const seats = await runInDurableObject(room.stub, (_, state) => state.getWebSockets("ann").map(getAttachment));
    expect(seats).toEqual([{ seat: 4 }]);
  });

  it("that overwrites what we keep on a connection makes it reconnect, not go deaf", async () => {
    const room = openSession({ onMessage: echo });
    const socket = await room.connect();
    await runInDurableObject(room.stub, (_, state) => {
      for (const ours of state.getWebSockets()) ours.serializeAttachment({ mine: true });
    });
    await room.hibernate();
    await room.connect();
    expect((await socket.end()).code).toBe(4005);
  });

  it("has a connection closed to reconnect when another release has written its state", async () => {
    const room = openSession({ onMessage: silent });
    const socket = await room.connect();
    await runInDurableObject(room.stub, (_, state) => {
      for (const ours of state.getWebSockets()) {
        ours.serializeAttachment({ ...Object(ours.deserializeAttachment()), version: 1_000 });
      }
    });
    await room.hibernate();
    socket.say("of an older age");
    expect(await socket.end()).toMatchObject({ code: 4005 });
    expect((await room.session.history()).messages).toEqual([]);
  });

  it("owns its alarm unless it asks us to share it", async () => {
    const room = openSession({ onMessage: () => new Promise(() => "never") });
    const { socket } = await connectV1(room);
    socket.say("x", { id: "x" });
    await ack(socket, "x");
    expect(await runInDurableObject(room.stub, (_, state) => state.storage.getAlarm())).toBeNull();
    expect(await runDurableObjectAlarm(room.stub)).toBe(false);
  });
});
