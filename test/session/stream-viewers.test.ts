import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { UNREAD_BEFORE_PING } from "../../src/protocol/limits.js";
import { openSession, openTransport } from "../fixtures/rooms.js";
import { connectPlainViewer, connectViewer, isReply, Tap, type Views } from "../fixtures/streams.js";
import { readAlong } from "../fixtures/v1.js";

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
