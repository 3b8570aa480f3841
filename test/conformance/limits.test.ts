import { describe, expect, it } from "vitest";
import {
  DEFAULT_MAX_MESSAGE_SIZE,
  DEFAULT_MAX_METADATA_DEPTH,
  DEFAULT_MAX_METADATA_SIZE,
  MAX_MESSAGE_SIZE,
} from "../../src/protocol/limits.js";
import { kinds } from "../fixtures/kinds.js";
import { echo } from "../fixtures/rooms.js";

const bytes = (text: string) => new TextEncoder().encode(text).byteLength;

/** A frame of so many bytes whose content is mostly `filler`. */
function frameOf(size: number, filler: string): string {
  const frame = (content: string) => JSON.stringify({ id: "a", type: "message", content });
  const room = size - bytes(frame(""));
  const count = Math.floor(room / bytes(filler));
  return frame(filler.repeat(count) + "x".repeat(room - count * bytes(filler)));
}

/** A `metadata` of so many bytes as JSON, in letters of three bytes. */
function metadataOf(size: number): Record<string, string> {
  const room = size - bytes('{"a":""}');
  return { a: "€".repeat(Math.floor(room / 3)) + "x".repeat(room % 3) };
}

function nested(depth: number, innermost: object): object {
  return depth === 1 ? innermost : { inner: nested(depth - 1, innermost) };
}

describe.each(kinds)("P7: the limits of a $kind", ({ open }) => {
  const sizes = [
    { size: 200, filler: "x", options: { maxMessageSize: 200 } },
    { size: 200, filler: "é", options: { maxMessageSize: 200 } },
    { size: 200, filler: "€", options: { maxMessageSize: 200 } },
    { size: 200, filler: "😀", options: { maxMessageSize: 200 } },
    { size: DEFAULT_MAX_MESSAGE_SIZE, filler: "€", options: {} },
    { size: MAX_MESSAGE_SIZE, filler: "x", options: { maxMessageSize: MAX_MESSAGE_SIZE } },
  ];
  it.each(sizes)(
    "accept a frame of $size bytes of $filler, and refuse one that has one more",
    async ({ size, filler, options }) => {
      const socket = await open({ onMessage: echo, ...options }).connect();
      expect(bytes(frameOf(size, filler))).toBe(size);
      socket.send(frameOf(size + 1, filler));
      socket.send(frameOf(size, filler));
      await socket.find((frame) => String(frame["content"]).startsWith("Echo: "));
      expect(socket.frames.map(({ type }) => type)).toEqual(["error", "message"]);
      expect(socket.frames[0]?.metadata).toEqual({ code: "MESSAGE_TOO_LARGE" });
      expect(socket.frames[0]?.["content"]).toContain(String(size));
    },
  );

  it.each(["x", "€"])("accept typing of 1,024 bytes of %s, and refuse one that has one more", async (filler) => {
    const socket = await open({
      onMessage: async (_id, message) => ({ ...message, id: "seen", type: "message" }),
    }).connect();
    const typing = (size: number) => frameOf(size, filler).replace('"message","content":"', '"typing","content":"y');
    expect(bytes(typing(1_024))).toBe(1_024);
    socket.send(typing(1_025));
    socket.send(typing(1_024));
    await socket.find(({ id }) => id === "seen");
    expect(socket.frames.map(({ type }) => type)).toEqual(["error", "message"]);
    expect(socket.frames[0]?.metadata).toEqual({ code: "MESSAGE_TOO_LARGE", inReplyTo: "a" });
  });

  it("count the bytes of escapes and whitespace, not those of the letters they stand for", async () => {
    const socket = await open({ onMessage: echo, maxMessageSize: 100 }).connect();
    socket.send('{"type":"message","content":"x"}'.padEnd(101));
    await socket.error("MESSAGE_TOO_LARGE");
    socket.send('{"type":"message","content":"\\u0078"}'.padEnd(100));
    await socket.content("Echo: x");
  });

  it.each(["i".repeat(128), "😀".repeat(64), "i", " ", "é€"])("accept an id of up to 128 units: %j", async (id) => {
    const socket = await open({ onMessage: async (_id, message) => ({ ...message, content: message.id }) }).connect();
    socket.say("x", { id });
    await socket.content(id);
  });

  it.each([
    { limit: 100, options: { maxMetadataSize: 100 } },
    { limit: DEFAULT_MAX_METADATA_SIZE, options: {} },
  ])("accept metadata of $limit bytes as JSON, and refuse one that has one more", async ({ limit, options }) => {
    const socket = await open({ onMessage: echo, ...options }).connect();
    expect(bytes(JSON.stringify(metadataOf(limit)))).toBe(limit);
    socket.say("large", { id: "a", metadata: metadataOf(limit + 1) });
    socket.say("fits", { metadata: metadataOf(limit) });
    await socket.content("Echo: fits");
    expect(socket.frames).toHaveLength(2);
    expect(socket.frames[0]?.metadata).toEqual({ code: "METADATA_TOO_LARGE", inReplyTo: "a" });
  });

  it("measure metadata as it is written again, without what the client claims in from", async () => {
    const socket = await open({ onMessage: echo, maxMetadataSize: 20 }).connect();
    socket.send(`{"type":"message","content":"spaced","metadata":{"a" : ${" ".repeat(50)} "\\u0062"}}`);
    await socket.content("Echo: spaced");
    socket.say("claimed", { metadata: { from: { id: "x".repeat(100) }, a: 1 } });
    await socket.content("Echo: claimed");
  });

  it.each([
    { who: "nobody", hooks: {} },
    { who: "a hook", hooks: { onFrameIn: () => undefined } },
  ])("measure numbers as they are written again, in full, watched by $who", async ({ hooks }) => {
    const socket = await open({ onMessage: echo, ...hooks }).connect();
    const numbers = (count: number) => `{"a":[${Array(count).fill("1e20").join(",")}]}`;
    const written = (count: number) => bytes(JSON.stringify(JSON.parse(numbers(count))));
    const most = Math.floor(DEFAULT_MAX_METADATA_SIZE / 22);
    expect(written(most)).toBeLessThanOrEqual(DEFAULT_MAX_METADATA_SIZE);
    expect(written(most + 1)).toBeGreaterThan(DEFAULT_MAX_METADATA_SIZE);
    socket.send(`{"type":"message","content":"more","metadata":${numbers(most + 1)}}`);
    socket.send(`{"type":"message","content":"most","metadata":${numbers(most)}}`);
    await socket.content("Echo: most");
    expect(socket.frames.map(({ metadata }) => metadata?.["code"])).toEqual(["METADATA_TOO_LARGE", undefined]);
  });

  it.each([
    { limit: 1, options: { maxMetadataDepth: 1 } },
    { limit: 3, options: { maxMetadataDepth: 3 } },
    { limit: DEFAULT_MAX_METADATA_DEPTH, options: {} },
  ])("accept metadata nested $limit deep, and refuse one level more", async ({ limit, options }) => {
    const socket = await open({ onMessage: echo, ...options }).connect();
    socket.say("deep in objects", { id: "a", metadata: nested(limit, { in: {} }) });
    socket.say("deep in arrays", { id: "b", metadata: nested(limit, { in: [] }) });
    socket.say("fits", { metadata: nested(limit, { in: 1 }) });
    await socket.content("Echo: fits");
    const errors = socket.frames.filter(({ type }) => type === "error");
    expect(errors.map(({ metadata }) => metadata?.["inReplyTo"])).toEqual(["a", "b"]);
    expect(socket.frames[0]?.metadata).toEqual({ code: "METADATA_TOO_DEEP", inReplyTo: "a" });
    expect(socket.frames[0]?.["content"]).toContain(String(limit));
  });

  it("accept any nesting in from, because it is dropped", async () => {
    const socket = await open({ onMessage: echo, maxMetadataDepth: 1 }).connect();
    socket.say("x", { metadata: { from: nested(50, {}) } });
    await socket.content("Echo: x");
  });
});
