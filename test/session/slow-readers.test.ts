import { describe, expect, it } from "vitest";
import { openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";
import { ack, acks, connectV1, readAlong, seqs } from "../fixtures/v1.js";

const SIZE = 65_536;
const MiB = 1_048_576;
/** The window of a v1 connection, and one envelope that may exceed it, in mebibytes. */
const WINDOW = 0.5 + SIZE / MiB;

/** Posts so many mebibytes, a sixteenth of one at a time. Returns the seq of the last. */
async function post(room: SessionRoom, mebibytes: number): Promise<number> {
  const content = "x".repeat(SIZE);
  for (let n = 0; n < mebibytes * 16; n++) await room.session.post({ content });
  return (await room.session.history({ limit: 1 })).head;
}

const pages = (socket: TestSocket) => socket.frames.filter(({ type }) => type === "page");
const pings = (socket: TestSocket) => socket.frames.filter(({ type }) => type === "ping");
const weight = (socket: TestSocket) =>
  socket.envelopes().reduce((sum, { content }) => sum + String(content).length, 0) / MiB;
/** A v1 connection that answers no ping. */
async function stall(room: SessionRoom): Promise<TestSocket> {
  const { socket } = await connectV1(room);
  socket.answersPings = false;
  return socket;
}
const upTo = (head: number) => Array.from({ length: head }, (_, index) => index + 1);

/** Proves that it reads, and asks for page after page until it is live again. */
async function catchUp(socket: TestSocket): Promise<void> {
  await socket.settle();
  readAlong(socket);
  socket.send({ type: "next", seq: pages(socket)[0]?.["seq"] });
  for (const { nonce } of pings(socket)) socket.send({ type: "pong", nonce });
  await socket.find(({ type, more }) => type === "page" && more === false);
}

describe("a v1 connection that does not prove that it reads", () => {
  it("P12: is sent its window and a page that has more, stays open, and the others get everything", async () => {
    const room = openSession({ onMessage: silent });
    const { socket: reader } = await connectV1(room);
    readAlong(reader);
    const stalled = await stall(room);
    const head = await post(room, 3);
    await stalled.settle();
    expect(weight(stalled)).toBeGreaterThan(0.4);
    expect(weight(stalled)).toBeLessThanOrEqual(WINDOW);
    expect(pings(stalled)).toHaveLength(1);
    expect(pages(stalled)).toEqual([{ type: "page", seq: seqs(stalled).at(-1), more: true }]);
    await reader.find(({ seq }) => seq === head);
    expect(seqs(reader)).toEqual(upTo(head));
  });

  it("P4: goes on where it stood once it answers, each envelope once and in order, and is live again", async () => {
    const room = openSession({ onMessage: silent });
    const socket = await stall(room);
    const head = await post(room, 3);
    await catchUp(socket);
    expect(seqs(socket)).toEqual(upTo(head));
    await room.session.post({ content: "live" });
    await socket.content("live");
    expect(seqs(socket)).toEqual(upTo(head + 1));
  });

  it("P4: misses nothing that a short log has pruned meanwhile", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 4 });
    const socket = await stall(room);
    const head = await post(room, 8);
    await catchUp(socket);
    expect(seqs(socket)).toEqual(upTo(head));
  });

  it("P4: reconnects to a gap when neither the log nor the memory has what comes next", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 4 });
    const socket = await stall(room);
    await post(room, 17);
    await socket.settle();
    socket.send({ type: "next", seq: pages(socket)[0]?.["seq"] });
    for (const { nonce } of pings(socket)) socket.send({ type: "pong", nonce });
    expect(await socket.end()).toMatchObject({ code: 4006 });
  });

  it.each([
    { what: "a bare pong", frame: () => ({ type: "pong" }) },
    { what: "another nonce", frame: () => ({ type: "pong", nonce: "12345678" }) },
    { what: "a ping", frame: () => ({ type: "ping", by: "the client" }) },
    { what: "history", frame: () => ({ type: "history", before: 9, limit: 1 }) },
    { what: "a message", frame: (id: string) => ({ type: "message", id, content: "here" }) },
  ])("P12: proves nothing by $what, and is sent no page after page", async ({ frame }) => {
    const room = openSession({ onMessage: silent });
    const socket = await stall(room);
    await post(room, 3);
    await socket.settle();
    for (let n = 0; n < 12; n++) {
      socket.send(frame(`m${n}`));
      socket.send({ type: "next", seq: pages(socket).at(-1)?.["seq"] });
      await socket.settle();
    }
    // The first page may still have had room.
    expect(weight(socket)).toBeLessThanOrEqual(WINDOW + 0.3);
    expect(pages(socket).length).toBeLessThanOrEqual(2);
  });

  it("P12: proves nothing by the nonce of an earlier ping", async () => {
    const room = openSession({ onMessage: silent });
    const socket = await stall(room);
    await post(room, 3);
    await socket.settle();
    const [first] = pings(socket);
    for (let n = 0; n < 12; n++) {
      socket.send({ type: "pong", nonce: first?.["nonce"] });
      socket.send({ type: "next", seq: pages(socket).at(-1)?.["seq"] });
      await socket.settle();
    }
    expect(pings(socket).length).toBeGreaterThan(1);
    expect(weight(socket)).toBeLessThanOrEqual(2 * WINDOW + 0.3);
  });

  it("P7: has one next and one history wait, and more of them refused", async () => {
    const room = openSession({ onMessage: silent });
    const socket = await stall(room);
    const head = await post(room, 2);
    await socket.settle();
    const { seq } = pages(socket)[0] ?? {};
    const history = { type: "history", before: head, limit: 200 };
    // The first may still have room.
    for (const frame of [history, history, history, { type: "next", seq }, { type: "next", seq }]) socket.send(frame);
    await socket.settle();
    const refused = socket.envelopes().filter(({ type }) => type === "error");
    expect(refused.map(({ metadata }) => metadata)).toEqual(
      refused.map(() => ({ code: "RATE_LIMITED", retryAfterMs: 1_000 })),
    );
    expect(refused.length).toBeGreaterThanOrEqual(2);
    const before = socket.frames.filter(({ type }) => type === "history").length;
    readAlong(socket);
    for (const { nonce } of pings(socket)) socket.send({ type: "pong", nonce });
    await socket.find(({ type, more }) => type === "page" && more === false);
    await socket.find(({ type }) => type === "history");
    expect(socket.frames.filter(({ type }) => type === "history")).toHaveLength(before + 1);
    expect(seqs(socket)).toEqual(upTo(head));
  });

  it("P4: is sent after hibernation what it asked for before", async () => {
    const room = openSession({ onMessage: silent });
    const socket = await stall(room);
    const head = await post(room, 2);
    await socket.settle();
    socket.send({ type: "history", before: head, limit: 1 });
    socket.send({ type: "history", before: head, limit: 2 });
    socket.send({ type: "next", seq: pages(socket)[0]?.["seq"] });
    await socket.settle();
    await room.hibernate();
    readAlong(socket);
    for (const { nonce } of pings(socket)) socket.send({ type: "pong", nonce });
    await socket.find(({ type, more }) => type === "page" && more === false);
    expect(seqs(socket)).toEqual(upTo(head));
  });

  it("P7: gets its acks and errors meanwhile, but nothing ephemeral", async () => {
    const room = openSession({ onMessage: silent });
    const socket = await stall(room);
    const { socket: other } = await connectV1(room);
    readAlong(other);
    await post(room, 2);
    other.send({ type: "typing", content: "" });
    await other.settle();
    socket.say("mine", { id: "mine" });
    socket.say("", { type: "system", id: "system" });
    await ack(socket, "mine");
    expect(acks(socket)).toMatchObject([{ id: "mine", seq: 33 }]);
    expect(socket.envelopes().filter(({ type }) => type === "typing")).toEqual([]);
    await socket.error("TYPE_NOT_ALLOWED");
  });

  it("P12: is closed when what is sent to it alone fills a second window", async () => {
    const room = openSession({
      onMessage: async (_sessionId, _message, { send }) => {
        for (let n = 0; n < 64; n++) send({ content: "x".repeat(SIZE), type: "typing" });
        return undefined;
      },
    });
    const socket = await stall(room);
    socket.say("begin", { id: "begin" });
    expect(await socket.end()).toEqual({ code: 4007, reason: "send window exceeded" });
    expect(weight(socket)).toBeGreaterThanOrEqual(1);
    expect(weight(socket)).toBeLessThan(1.2);
  });

  it("P12: is none of those that answer, however many are asked in the same moment", async () => {
    const room = openSession({ onMessage: silent });
    const sockets = await Promise.all(
      Array.from({ length: 300 }, async () => readAlong((await connectV1(room)).socket)),
    );
    for (let n = 0; n < 9; n++) {
      await room.session.post({ content: "x".repeat(32_000) });
      await Promise.all(sockets.map((socket) => socket.find(({ seq, content }) => seq === n + 1 && content !== "")));
    }
    expect(await room.session.connections()).toHaveLength(sockets.length);
  });

  it("P8: is sent no ping for little", async () => {
    const room = openSession({ onMessage: silent });
    const { socket } = await connectV1(room);
    await room.session.post({ content: "x".repeat(100_000) });
    await socket.settle();
    expect(pings(socket)).toEqual([]);
  });

  it("P12: is closed for no typing of others, however large the room", async () => {
    const room = openSession({ onMessage: silent, maxMessageSize: 70_000 });
    const sockets = await Promise.all(Array.from({ length: 400 }, () => stall(room)));
    const { socket: typist } = await connectV1(room);
    for (let n = 0; n < 20; n++) typist.send({ type: "typing", content: "x".repeat(1_000) });
    for (let n = 0; n < 6; n++) await room.session.post({ type: "typing", content: "x".repeat(65_000) });
    await sockets.at(-1)?.settle();
    expect(await room.session.connections()).toHaveLength(401);
  });
});

describe("a plain connection", () => {
  it("P12: is closed before it holds more than its share if it sends nothing", async () => {
    const room = openSession({ onMessage: silent });
    const mute = await room.connect();
    await post(room, 17);
    expect(await mute.end()).toEqual({ code: 4007, reason: "send window exceeded" });
    expect(weight(mute)).toBeGreaterThan(15);
    expect(weight(mute)).toBeLessThan(16.3);
  });

  it("P12: leaves less for the next, so that all of them together stay below one bound", async () => {
    const room = openSession({ onMessage: silent });
    const stalled = await Promise.all(Array.from({ length: 5 }, () => room.connect()));
    await post(room, 17);
    for (const socket of stalled) expect(await socket.end()).toMatchObject({ code: 4007 });
    const total = stalled.reduce((sum, socket) => sum + weight(socket), 0);
    expect(Math.min(...stalled.map(weight))).toBeLessThan(10);
    expect(total).toBeLessThan(60);
  });

  it("P12: is closed after 16 MiB, whatever it says", async () => {
    const room = openSession({ onMessage: silent });
    const talking = await room.connect();
    talking.onFrame(({ type }) => type === "ping" && talking.send({ type: "typing", content: "" }));
    await post(room, 14);
    await talking.settle();
    expect(weight(talking)).toBe(14);
    await post(room, 3);
    expect(await talking.end()).toMatchObject({ code: 4007 });
    expect(weight(talking)).toBeLessThan(16.3);
  });

  it("P12: shares a bound with the other connections of its key, whatever they say", async () => {
    const authenticate = (request: Request) => ({ id: new URL(request.url).searchParams.get("as") ?? "" });
    const room = openSession({ onMessage: silent, authenticate });
    const connect = async (as: string) => {
      const socket = await room.connect({ query: { as } });
      socket.onFrame(({ type }) => type === "ping" && socket.send({ type: "typing", content: "" }));
      return socket;
    };
    const hostile = await Promise.all(Array.from({ length: 5 }, () => connect("hostile")));
    const other = await connect("other");
    for (let sent = 0; sent < 9; sent++) {
      await post(room, 1);
      await Promise.all([...hostile, other].map((socket) => socket.closed ?? socket.settle()));
    }
    expect(hostile.filter(({ closed }) => closed?.code === 4007).length).toBeGreaterThan(0);
    expect(other.closed).toBeUndefined();
    expect(weight(other)).toBe(9);
  });

  it("P8: may ping by itself, without waking the session", async () => {
    const room = openSession({ onMessage: silent });
    const sockets = await Promise.all([1, 2, 3, 4, 5].map(() => room.connect()));
    const ping = setInterval(() => {
      for (const socket of sockets) socket.send('{"type":"ping"}');
    }, 5);
    for (let n = 0; n < 14; n++) {
      await post(room, 1);
      await scheduler.wait(20);
    }
    clearInterval(ping);
    expect(sockets.map(weight)).toEqual(sockets.map(() => 14));
    expect(await room.session.connections()).toHaveLength(sockets.length);
  });

  it("P12: has its share whatever another limit key leaves unread", async () => {
    const room = openSession({
      onMessage: silent,
      authenticate: (request) => ({ id: new URL(request.url).searchParams.get("as") ?? "" }),
    });
    await Promise.all(Array.from({ length: 9 }, () => room.connect({ query: { as: "hostile" } })));
    await post(room, 4);
    const honest = await room.connect({ query: { as: "honest" } });
    await post(room, 6);
    await honest.settle();
    expect(honest.closed).toBeUndefined();
    expect(weight(honest)).toBe(6);
    expect((await room.session.connections()).length).toBeLessThan(9);
  });
});
