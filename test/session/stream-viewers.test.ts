import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions } from "../../src/index.js";
import { MAX_PLAIN_SENT, MAX_PLAIN_SENT_BY_KEY, UNREAD_BEFORE_PING } from "../../src/protocol/limits.js";
import { openSession, openTransport } from "../fixtures/rooms.js";
import { TestSocket } from "../fixtures/socket.js";
import { connectPlainViewer, connectViewer, isReply, Tap, type Views } from "../fixtures/streams.js";
import { ack, readAlong } from "../fixtures/v1.js";

/** A source of numbered pieces, each followed by a pause. */
async function* pieces(count: number, text = "", pause = 2): AsyncGenerator<string> {
  for (let n = 1; n <= count; n++) {
    yield `${n}${text} `;
    await scheduler.wait(pause);
  }
}
const all = (count: number, text = "") => Array.from({ length: count }, (_, n) => `${n + 1}${text} `).join("");

/** What a viewer held of the one reply when its envelope came. */
const held = ({ ended }: Views) => [...ended.values()][0];
const textOf = (views: Views) =>
  held(views)
    ?.parts.map(({ text }) => text)
    .join("") ?? "";

describe("P10: a viewer that joins while a reply grows", () => {
  it("is sent one snapshot and then each piece once, at whatever point it joins, on v1 and on plain", async () => {
    const room = openSession({ onMessage: () => pieces(400), maxConnections: 200 });
    const { socket } = await connectViewer(room);
    socket.say("hello", { id: "m" });
    const joined = [];
    for (let n = 0; n < 40; n++) {
      const v1 = await connectViewer(room);
      const plain = await connectPlainViewer(room, n % 2 === 0 ? {} : { lastMessageId: "none" });
      joined.push(readAlong(v1.socket) && v1.views, plain.views);
      if (n % 2 === 0) v1.socket.send({ type: "next", seq: 1 });
      await scheduler.wait(n % 7);
    }
    await socket.find(isReply);
    while (joined.some((views) => views.open.size > 0)) await scheduler.wait(1);
    expect(joined.flatMap(({ strays }) => strays)).toEqual([]);
    const shown = joined.filter((views) => views.ended.size > 0);
    expect(shown.length).toBeGreaterThan(60);
    for (const views of shown) {
      expect(held(views)?.snapshots).toBe(1);
      expect(all(400).startsWith(textOf(views))).toBe(true);
    }
  });

  it("is sent the reply after the last page of its replay, and the envelope in place of one that has ended meanwhile", async () => {
    const room = openSession({
      onMessage: (_id, { content }) => (content === "go" ? pieces(100) : pieces(1)),
      rateLimit: false,
    });
    const { socket } = await connectViewer(room);
    for (let n = 0; n < 3; n++) await room.session.post({ content: "x".repeat(200_000) });
    readAlong(socket).say("go", { id: "go" });
    await socket.find(({ type }) => type === "stream");
    const { socket: late, views } = await connectViewer(room, { query: { deltas: "1" } }, undefined);
    const page = await late.find(({ type }) => type === "page");
    expect(page).toMatchObject({ more: true });
    expect(views.open.size).toBe(0);
    readAlong(late).send({ type: "next", seq: page["seq"] });
    await late.find(({ type }) => type === "stream");
    const order = late.frames.map(({ type, more }) => `${type} ${more}`);
    expect(order.indexOf("page false")).toBeLessThan(order.indexOf("stream undefined"));
    await late.find((frame) => isReply(frame) && frame.metadata?.["finish"] === "stop");
    expect([held(views)?.snapshots, views.strays]).toEqual([1, []]);
  });
});

describe("P12: a viewer that does not read", () => {
  it("is sent 256 KiB at most, delays nobody, and is sent what it lacks once it has read", async () => {
    const tap = new Tap();
    const room = openSession({ onMessage: () => tap.pieces() });
    const [{ socket, views }, slow] = [await connectViewer(room), await connectViewer(room)];
    slow.socket.answersPings = false;
    socket.say("hello", { id: "m" });
    const { id } = await slow.socket
      .find(({ type }) => type === "message")
      .then(async () => {
        await runInDurableObject(room.stub, () => tap.push("begin"));
        return slow.socket.find(({ type }) => type === "stream");
      });
    const grow = async (length: number) => {
      await runInDurableObject(room.stub, () => tap.push(...Array.from({ length: 100 }, () => "x".repeat(4_000))));
      while (views.text(String(id))?.length !== length) await scheduler.wait(1);
    };
    await grow(400_005);
    const { nonce } = await slow.socket.find((frame) => frame["type"] === "ping" && frame["nonce"] !== undefined);
    const sent = slow.socket.frames.reduce((sum, frame) => sum + JSON.stringify(frame).length, 0);
    expect(sent).toBeLessThan(UNREAD_BEFORE_PING + 1_000);
    await grow(800_005);
    slow.socket.answersPings = true;
    slow.socket.send({ type: "pong", nonce });
    while (slow.views.text(String(id)) !== views.text(String(id))) await scheduler.wait(1);
    expect(slow.views.open.get(String(id))?.snapshots).toBe(2);
    await runInDurableObject(room.stub, () => tap.push(" and on"));
    while (!slow.views.text(String(id))?.endsWith(" and on")) await scheduler.wait(1);
    expect([slow.views.strays, slow.socket.closed]).toEqual([[], undefined]);
  });
});

/** A reply that grows as the test says: shown to one who reads, and to one who does not answer pings. */
async function growing(options: Partial<ChatSessionDOOptions> = {}) {
  const tap = new Tap();
  const room = openSession({
    onMessage: (_id, { content }) => (content === "go" ? tap.pieces() : stalled()),
    ...options,
  });
  const [reader, slow] = [await connectViewer(room), await connectViewer(room)];
  slow.socket.answersPings = false;
  reader.socket.say("go", { id: "go" });
  await ack(reader.socket, "go");
  let text = "";
  const id = () => [...reader.views.open.keys()].find((open) => reader.views.text(open)?.startsWith("begin")) ?? "";
  const push = async (more: string) => {
    text += more;
    await runInDurableObject(room.stub, () => tap.push(more));
    while (reader.views.text(id()) !== text) await scheduler.wait(1);
  };
  const catchUp = async () => {
    const { nonce } = await slow.socket.find((frame) => frame["type"] === "ping" && frame["nonce"] !== undefined);
    slow.socket.answersPings = true;
    slow.socket.send({ type: "pong", nonce });
    while (slow.views.text(id()) !== text) await scheduler.wait(1);
  };
  await push("begin");
  while (slow.views.text(id()) !== text) await scheduler.wait(1);
  return { room, reader, slow, push, catchUp, id };
}

async function* stalled(): AsyncGenerator<string> {
  yield "idle";
  await new Promise(() => "never");
}

describe("P12: a viewer that is slow to answer a ping", () => {
  it("is asked at 128 KiB, sent nothing more a second later, and then the frames that it lacks", async () => {
    const { slow, push, catchUp, id } = await growing();
    await push("x".repeat(140_000));
    await slow.socket.find((frame) => frame["type"] === "ping" && frame["nonce"] !== undefined);
    await push("at once");
    while (!slow.views.text(id())?.endsWith("at once")) await scheduler.wait(1);
    await scheduler.wait(1_100);
    for (const more of ["late", "later", "y".repeat(100_000)]) await push(more);
    await slow.socket.settle();
    expect(slow.views.text(id())?.endsWith("at once")).toBe(true);
    await catchUp();
    expect([slow.views.open.get(id())?.snapshots, slow.views.strays]).toEqual([1, []]);
  });

  it("is sent a snapshot in place of frames that are not kept, of which all replies together have 4 Mi characters", async () => {
    const { reader, slow, push, catchUp, id } = await growing({
      concurrency: "parallel",
      rateLimit: false,
      maxStoredMessages: 1_000,
    });
    for (let n = 0; n < 79; n++) reader.socket.say("idle", { id: `${n}` });
    while (slow.views.open.size < 80) await scheduler.wait(1);
    await push("x".repeat(140_000));
    await scheduler.wait(1_100);
    for (let n = 0; n < 5; n++) await push("y".repeat(20_000));
    await catchUp();
    expect([slow.views.open.get(id())?.snapshots, slow.views.strays]).toEqual([2, []]);
  });
});

it("P12: viewers that prove nothing while 50 MB are streamed in many replies are sent little, and who reads is sent all", async () => {
  const REPLIES = 64;
  const LENGTH = 800_000;
  const room = openSession({
    rateLimit: false,
    onMessage: async function* () {
      for (let n = 0; n < 20; n++) {
        yield "x".repeat(LENGTH / 20);
        if (n % 5 === 0) await scheduler.wait(1);
      }
    } as ChatSessionDOOptions["onMessage"],
    authenticate: (request) => ({ id: new URL(request.url).searchParams.get("as") ?? "" }),
  });
  const size = (socket: TestSocket) => socket.frames.reduce((sum, frame) => sum + JSON.stringify(frame).length, 0);
  const { socket: reader } = await connectViewer(room, { query: { as: "reader" } });
  readAlong(reader);
  const stalled: TestSocket[] = [];
  const plain: TestSocket[] = [];
  for (let n = 0; n < 4; n++) {
    stalled.push((await connectViewer(room, { query: { as: "stalled" } })).socket);
    plain.push((await connectPlainViewer(room, { as: "stalled plain" })).socket);
  }
  for (const socket of stalled) socket.answersPings = false;
  for (let n = 1; n <= REPLIES; n++) {
    reader.say("go", { id: `${n}` });
    await reader.find(({ metadata }) => metadata?.["inReplyTo"] === `${n}`);
    reader.frames.splice(0);
  }
  // The floor, a frame that exceeds it, and the acks of nothing.
  for (const socket of stalled) expect(size(socket)).toBeLessThan(UNREAD_BEFORE_PING + 100_000);
  const sentPlain = plain.map(size);
  expect(Math.max(...sentPlain)).toBeLessThan(MAX_PLAIN_SENT + 1_000_000);
  expect(sentPlain.reduce((sum, sent) => sum + sent, 0)).toBeLessThan(MAX_PLAIN_SENT_BY_KEY + 1_000_000);
  expect(plain.map(({ closed }) => closed?.code)).toEqual([4007, 4007, 4007, 4007]);
});

it("P12: who joins is charged for the state of a reply, also where nothing has followed it", async () => {
  const room = openSession({
    onMessage: () => large(),
    authenticate: (request) => ({ id: new URL(request.url).searchParams.get("as") ?? "" }),
    workLimit: { burst: 1_000, perSecond: 0.001 },
  });
  const asker = await room.connect({ query: { as: "asker" } });
  asker.say("go");
  let joined = 0;
  for (; joined < 10; joined++) {
    const { webSocket } = await room.upgrade({ query: { as: "joiner", deltas: "1" } });
    if (webSocket === null) break;
    const socket = new TestSocket(webSocket);
    await socket.find(({ type }) => type === "stream");
    socket.close();
  }
  // An upgrade costs 100, and 400,000 characters cost 195.
  expect(joined).toBe(4);
});

async function* large(): AsyncGenerator<string> {
  yield "x".repeat(400_000);
  await new Promise(() => "never");
}

describe("the stateless transport", () => {
  it("P13: streams to a plain client that asked, and to no other", async () => {
    const room = openTransport({ onMessage: () => pieces(50) });
    const { socket, views } = await connectPlainViewer(room);
    socket.say("hello", { id: "m" });
    expect(await socket.find(isReply)).toMatchObject({
      content: all(50),
      metadata: { inReplyTo: "m", finish: "stop" },
    });
    expect([held(views)?.snapshots, views.strays]).toEqual([1, []]);
    expect(all(50).startsWith(textOf(views))).toBe(true);
    const unasked = await room.connect();
    unasked.say("hello");
    await unasked.find(isReply);
    expect(unasked.frames).toHaveLength(1);
  });
});
