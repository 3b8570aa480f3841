import { describe, expect, it } from "vitest";
import { echo, openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import type { Frame } from "../fixtures/socket.js";
import { connectV1 } from "../fixtures/v1.js";

const byName = (request: Request) => ({ id: new URL(request.url).searchParams.get("user") ?? "nobody" });
const unlimited = { onMessage: silent, rateLimit: false } as const;
const resume = async (room: SessionRoom, lastMessageId: unknown) =>
  (await (await room.connect({ query: { lastMessageId: String(lastMessageId) } })).settle()).map(
    ({ content }) => content,
  );
const placeOf = ({ id, metadata }: Frame) => metadata?.["cursor"] ?? id;
const isGap = (contents: unknown[]) => String(contents[0]).startsWith("Envelopes are missing");

async function post(room: SessionRoom, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) await room.session.post({ content: `${n}` });
}

describe("P4: a plain reader's place", () => {
  it("is exact, also where somebody uses the id of the last envelope again", async () => {
    const room = openSession({ ...unlimited, authenticate: byName });
    const [ann, bob] = [await room.connect({ query: { user: "ann" } }), await room.connect({ query: { user: "bob" } })];
    ann.say("k of ann", { id: "k" });
    const seen = await bob.content("k of ann");
    await post(room, 1, 150);
    await room.session.post({ id: "k", content: "k of the server" });
    bob.say("k of bob", { id: "k" });
    await ann.content("k of bob");
    expect(isGap(await resume(room, placeOf(seen)))).toBe(true);
    expect(isGap(await resume(room, "k"))).toBe(true);
    const [last] = bob.envelopes().slice(-1);
    expect(await resume(room, placeOf(last ?? {}))).toEqual(["k of bob"]);
  });

  it("is the oldest entry with the id while the log is whole", async () => {
    const room = openSession(unlimited);
    await room.session.post({ id: "k", content: "k" });
    const socket = await room.connect();
    socket.say("k again", { id: "k" });
    await socket.settle();
    expect(await resume(room, "k")).toEqual(["k again"]);
  });

  it("is the oldest entry with a UUID, also in a log that was pruned, and within a minute of the time in it", async () => {
    const room = openSession({ ...unlimited, maxStoredMessages: 4, authenticate: byName });
    const random = crypto.randomUUID();
    const ann = await room.connect({ query: { user: "ann" } });
    await post(room, 1, 2);
    await room.session.post({ id: random, content: "random" });
    await post(room, 3, 4);
    ann.say("again", { id: random });
    await ann.settle();
    expect(await resume(room, random)).toEqual(["3", "4", "again"]);
    const hex = (time: number) => time.toString(16).padStart(12, "0").replace(/^.{8}/, "$&-");
    const timed = (time: number) => `${hex(time)}-7000-8000-000000000000`;
    for (const [age, found] of [
      [0, true],
      [55_000, true],
      [-55_000, true],
      [65_000, false],
      [-65_000, false],
    ] as const) {
      const id = timed(Date.now() - age);
      await room.session.post({ id, content: `${age}` });
      expect(isGap(await resume(room, id))).toBe(!found);
    }
  });

  it("is the place in what the server made: of posts, of messages without an id, of errors", async () => {
    const room = openSession({ ...unlimited, onMessage: echo });
    const [socket, other] = [await room.connect(), await room.connect()];
    const { id: posted } = await room.session.post({ content: "posted" });
    socket.say("without an id");
    const { id: unnamed } = await other.content("without an id");
    socket.send("no json");
    const { id: error } = await socket.error("INVALID_MESSAGE");
    await post(room, 1, 1);
    expect([posted, unnamed, error].every((id) => String(id).startsWith("~"))).toBe(true);
    expect(await resume(room, posted)).toEqual(["without an id", "Echo: without an id", "1"]);
    expect(await resume(room, unnamed)).toEqual(["Echo: without an id", "1"]);
    expect(await resume(room, error)).toEqual(["1"]);
  });

  it("is a gap beyond the head, in another epoch or with another time, and changes nothing for others", async () => {
    const room = openSession(unlimited);
    await post(room, 1, 2);
    const { epoch, messages } = await room.session.history();
    const time = messages[0]?.timestamp ?? 0;
    for (const forged of [
      `~${epoch}:3:`,
      `~${epoch}:999999999999999:x`,
      `~0123456789abcdef:1:`,
      `~${epoch}:1:t${time + 1}`,
      "~",
      `~${epoch}`,
    ]) {
      expect(isGap(await resume(room, forged))).toBe(true);
    }
    expect(await resume(room, `~${epoch}:1:t${time}`)).toEqual(["2"]);
    expect((await room.session.history()).epoch).toBe(epoch);
  });
});

describe("metadata.cursor", () => {
  it("P13: is on plain envelopes whose id is not the server's, live and replayed alike, and nowhere else", async () => {
    const room = openSession({ ...unlimited, onMessage: echo });
    const [plain, { socket: v1 }] = [await room.connect(), await connectV1(room)];
    v1.say("hello", { id: "a", metadata: { cursor: "mine", kept: 1 } });
    await v1.content("Echo: hello");
    await room.session.post({ content: "bare", id: "bare" });
    await room.session.post({ content: "empty", id: "empty", metadata: { cursor: "mine" } });
    await room.session.post({ content: "unnamed" });
    await plain.content("unnamed");
    const live = plain.envelopes();
    const { epoch, messages } = await room.session.history();
    const cursors = messages.slice(0, 4).map(({ seq, timestamp }) => `~${epoch}:${seq}:t${timestamp}`);
    expect(live.map(({ metadata }) => metadata?.["cursor"])).toEqual([...cursors, undefined]);
    expect(live[0]?.metadata).toEqual({ kept: 1, from: { id: "anonymous" }, cursor: cursors[0] });
    const again = await room.connect({ query: { lastMessageId: `~${epoch}:0:` } });
    expect(await again.settle()).toEqual(live);
    for (const { metadata } of [...messages, ...v1.envelopes()]) expect(metadata ?? {}).not.toHaveProperty("cursor");
  });

  it("P4: is, on the answer to a retry, the place up to which everything was sent", async () => {
    const room = openSession(unlimited);
    const socket = await room.connect();
    socket.say("first", { id: "a" });
    await post(room, 1, 3);
    await socket.content("3");
    socket.say("first", { id: "a" });
    const stored = await socket.content("first");
    await post(room, 4, 4);
    expect(await resume(room, placeOf(stored))).toEqual(["4"]);
  });

  it("P6: cannot be set by a client that types", async () => {
    const room = openSession(unlimited);
    const [one, other] = [await room.connect(), await room.connect()];
    one.send({ type: "typing", content: "", metadata: { cursor: "~0:0:", active: true } });
    const typing = await other.find(({ type }) => type === "typing");
    expect(typing.metadata).toEqual({ active: true, from: { id: "anonymous" } });
  });
});

describe("P2: ids", () => {
  it("cannot be taken from the server, nor from another author", async () => {
    const room = openSession({ ...unlimited, authenticate: byName });
    const [ann, bob] = [
      await connectV1(room, undefined, { query: { user: "ann" } }),
      await connectV1(room, undefined, { query: { user: "bob" } }),
    ];
    ann.socket.say("mine", { id: "order-17-shipped" });
    bob.socket.say("mine", { id: "order-17-shipped" });
    await Promise.all([ann, bob].map(({ socket }) => socket.find(({ type }) => type === "ack")));
    const posted = await room.session.post({ id: "order-17-shipped", content: "Shipped." });
    expect(await room.session.post({ id: "order-17-shipped", content: "Shipped." })).toEqual(posted);
    for (const { socket } of [ann, bob]) socket.say("mine", { id: "order-17-shipped" });
    for (const { socket } of [ann, bob]) await socket.find(({ retry }) => retry === true);
    ann.socket.say("other", { id: "order-17-shipped" });
    await ann.socket.error("ID_CONFLICT");
    await room.hibernate();
    for (const { socket } of [ann, bob]) {
      socket.frames.length = 0;
      socket.say("mine", { id: "order-17-shipped" });
      await socket.find(({ retry }) => retry === true);
    }
    expect((await room.session.history()).messages.map(({ content }) => content)).toEqual(["mine", "mine", "Shipped."]);
  });

  it("are forgotten one by one, also where others have used them", async () => {
    const room = openSession({ ...unlimited, authenticate: byName, maxStoredMessages: 4 });
    const users = ["ann", "bob"];
    const sockets = await Promise.all(users.map((user) => connectV1(room, undefined, { query: { user } })));
    const say = async (at: number, id: string) => {
      const { socket } = sockets[at] ?? {};
      socket?.frames.splice(0);
      socket?.say("x", { id });
      return (await socket?.find(({ type }) => type === "ack"))?.["retry"] ?? false;
    };
    for (const id of ["1", "2", "3"]) expect([await say(0, id), await say(1, id)]).toEqual([false, false]);
    // The newest four are remembered: 2 and 3 of both.
    expect([await say(0, "2"), await say(1, "2"), await say(0, "3")]).toEqual([true, true, true]);
    expect([await say(1, "1"), await say(1, "2"), await say(0, "2")]).toEqual([false, true, false]);
  });
});
