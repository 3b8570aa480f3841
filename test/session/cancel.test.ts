import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions, Identity } from "../../src/index.js";
import { openSession, type SessionRoom } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";
import { connectViewer, Tap } from "../fixtures/streams.js";
import { ack } from "../fixtures/v1.js";

const authenticate = (request: Request): Identity => ({
  id: new URL(request.url).searchParams.get("as") ?? "anonymous",
});
const connectAs = (room: SessionRoom, as: string) => connectViewer(room, { query: { as } });

/** A session whose replies are what the test pushes, by the content of the message. */
function openTaps(options: Partial<ChatSessionDOOptions> = {}) {
  const taps = new Map<string, Tap>();
  const signals = new Map<string, AbortSignal>();
  const room = openSession({
    authenticate,
    onMessage: (_id, { content }, { signal }) => {
      const tap = new Tap();
      taps.set(content, tap);
      signals.set(content, signal);
      return tap.pieces();
    },
    ...options,
  });
  const push = async (content: string, ...pieces: string[]): Promise<void> => {
    while (!taps.has(content)) await scheduler.wait(1);
    await runInDurableObject(room.stub, () => taps.get(content)?.push(...pieces));
  };
  return { room, taps, signals, push };
}

const cancel = async (socket: TestSocket, id: string) => {
  socket.send({ type: "cancel", id });
  const { result } = await socket.find((frame) => frame["type"] === "cancelled" && frame["id"] === id);
  return result;
};
const stored = async (room: SessionRoom) => (await room.session.history()).messages;
const cancelled = (content: string, inReplyTo: string) =>
  expect.objectContaining({ content, metadata: { inReplyTo, finish: "cancelled" } });

describe("P10: a cancel", () => {
  it("keeps what was shown, unflushed pieces too, aborts the signal, leaves the source and drops late output", async () => {
    const { room, taps, signals, push } = openTaps();
    const { socket } = await connectAs(room, "ann");
    socket.say("a", { id: "a" });
    await push("a", "shown");
    await socket.find(({ type }) => type === "stream");
    await push("a", " and", " more");
    expect(await cancel(socket, "a")).toBe("done");
    await push("a", "late");
    expect(await stored(room)).toEqual([expect.objectContaining({ id: "a" }), cancelled("shown and more", "a")]);
    expect(signals.get("a")?.aborted).toBe(true);
    while (!taps.get("a")?.left) await scheduler.wait(1);
    const order = socket.frames.map(({ type, role }) => (role === "assistant" ? "reply" : type));
    expect(order.indexOf("reply")).toBeLessThan(order.indexOf("cancelled"));
    socket.send({ type: "cancel", id: "a" });
    await socket.find(({ result }) => result === "over");
  });

  it("may name the reply, from another connection of the author", async () => {
    const { room, push } = openTaps();
    const [{ socket }, { socket: other }] = [await connectAs(room, "ann"), await connectAs(room, "ann")];
    socket.say("a", { id: "a" });
    await push("a", "shown");
    const { id } = await other.find(({ type }) => type === "stream");
    expect(await cancel(other, String(id))).toBe("done");
    expect(await stored(room)).toContainEqual(cancelled("shown", "a"));
  });

  it("is forbidden to others, unless the application lets them", async () => {
    const { room, push } = openTaps({
      mayCancel: ({ id }, { message, author }) => id === `${author.id} of ${message.id}`,
    });
    const [{ socket }, { socket: other }] = [await connectAs(room, "ann"), await connectAs(room, "ben")];
    socket.say("a", { id: "a" });
    await push("a", "shown");
    expect(await cancel(other, "a")).toBe("forbidden");
    expect(await cancel(other, "nothing")).toBe("unknown");
    const { socket: moderator } = await connectAs(room, "ann of a");
    expect(await cancel(moderator, "a")).toBe("done");
  });

  it("of a function that throws is forbidden", async () => {
    const mayCancel = () => {
      throw new Error("broken");
    };
    const { room, push } = openTaps({ mayCancel });
    const [{ socket }, { socket: other }] = [await connectAs(room, "ann"), await connectAs(room, "ben")];
    socket.say("a", { id: "a" });
    await push("a", "shown");
    expect(await cancel(other, "a")).toBe("forbidden");
  });

  it("ends a turn that waits, which then never runs, and the turn behind it runs", async () => {
    const { room, taps, push } = openTaps();
    const { socket } = await connectAs(room, "ann");
    for (const id of ["a", "b", "c"]) socket.say(id, { id });
    await ack(socket, "c");
    expect(await cancel(socket, "b")).toBe("done");
    await push("a", "shown");
    expect(await cancel(socket, "a")).toBe("done");
    await push("c", "next");
    expect([...taps.keys()]).toEqual(["a", "c"]);
    await room.crash();
    await connectAs(room, "ann");
    await push("c", "again");
    expect([...taps.keys()]).toEqual(["a", "c"]);
  });

  it("ends a deaf source, which ignores its signal and its end", async () => {
    const deaf = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => "never") }) };
    const { room } = openTaps({ onMessage: () => deaf });
    const { socket } = await connectAs(room, "ann");
    for (const id of ["a", "b"]) socket.say(id, { id });
    await ack(socket, "b");
    expect([await cancel(socket, "a"), await cancel(socket, "b")]).toEqual(["done", "done"]);
    expect(await stored(room)).toHaveLength(2);
    await room.crash();
    const { socket: again } = await connectAs(room, "ann");
    again.send({ type: "cancel", id: "a" });
    expect((await again.find(({ type }) => type === "cancelled"))["result"]).toBe("over");
  });

  it("ends a turn that runs again after a crash", async () => {
    const { room, taps, push } = openTaps();
    const { socket } = await connectAs(room, "ann");
    socket.say("a", { id: "a" });
    await push("a", "shown");
    await socket.find(({ type }) => type === "stream");
    taps.clear();
    await room.crash();
    const { socket: again } = await connectAs(room, "ann");
    expect(await cancel(again, "a")).toBe("done");
    await push("a", "late");
    await room.crash();
    await connectAs(room, "ann");
    expect((await stored(room)).map(({ content }) => content)).toEqual(["a"]);
  });

  it("ends a turn that waited when the object crashed, and the others run", async () => {
    const { room, taps, push } = openTaps();
    const { socket } = await connectAs(room, "ann");
    for (const id of ["a", "b", "c"]) socket.say(id, { id });
    await ack(socket, "c");
    await push("a", "shown");
    taps.clear();
    await room.crash();
    const { socket: again } = await connectAs(room, "ann");
    for (const id of ["b", "a"]) expect(await cancel(again, id)).toBe("done");
    await push("c", "next");
    expect([...taps.keys()].filter((content) => content !== "a")).toEqual(["c"]);
    expect(await cancel(again, "c")).toBe("done");
    await room.crash();
    const { socket: last } = await connectAs(room, "ann");
    for (const id of ["a", "b", "c"]) expect(await cancel(last, id)).toBe("over");
  });

  it("that is asked for many times at once, from several tabs, is done once", async () => {
    const { room, push } = openTaps();
    const tabs = [await connectAs(room, "ann"), await connectAs(room, "ann"), await connectAs(room, "ann")];
    tabs[0]?.socket.say("a", { id: "a" });
    await push("a", "shown");
    for (const { socket } of tabs) for (let n = 0; n < 3; n++) socket.send({ type: "cancel", id: "a" });
    for (const { socket } of tabs) await socket.settle();
    const results = tabs.flatMap(({ socket }) => socket.frames.flatMap(({ result }) => (result ? [result] : [])));
    expect(results.sort()).toEqual(["done", ...Array(8).fill("over")]);
    expect(await stored(room)).toEqual([expect.objectContaining({ id: "a" }), cancelled("shown", "a")]);
  });

  it("comes by RPC, too, for any author", async () => {
    const { room, push } = openTaps();
    const { socket } = await connectAs(room, "ann");
    socket.say("a", { id: "a" });
    await push("a", "shown");
    const { session } = room;
    const [first, second, third] = [await session.cancel("a"), await session.cancel("a"), await session.cancel("b")];
    expect([first, third]).toEqual(["done", "unknown"]);
    expect(["over", "unknown"]).toContain(second);
    expect(await stored(room)).toContainEqual(cancelled("shown", "a"));
  });

  it("leaves out the first half of a surrogate pair whose second half did not come", async () => {
    const { room, push } = openTaps();
    const { socket } = await connectAs(room, "ann");
    socket.say("a", { id: "a" });
    await push("a", "shown \ud83d");
    await socket.find(({ type }) => type === "stream");
    expect(await cancel(socket, "a")).toBe("done");
    expect(await stored(room)).toContainEqual(cancelled("shown ", "a"));
  });

  it("leaves out the first bytes of a character whose other bytes did not come", async () => {
    const { room, taps, push } = openTaps();
    const { socket } = await connectAs(room, "ann");
    socket.say("a", { id: "a" });
    await push("a");
    const [...bytes] = new TextEncoder().encode("shown 漢");
    await runInDurableObject(room.stub, () => taps.get("a")?.push(Uint8Array.from(bytes.slice(0, -1))));
    await socket.find(({ type }) => type === "stream");
    expect(await cancel(socket, "a")).toBe("done");
    expect(await stored(room)).toContainEqual(cancelled("shown ", "a"));
  });

  it("P7: that names nothing is refused", async () => {
    const { room } = openTaps();
    const { socket } = await connectAs(room, "ann");
    for (const id of [undefined, 5, "", "x".repeat(129)]) socket.send({ type: "cancel", id });
    await socket.settle();
    expect(socket.envelopes().map(({ metadata }) => metadata?.["code"])).toEqual(Array(4).fill("INVALID_MESSAGE"));
  });
});

describe('with `concurrency: "interrupt"`', () => {
  it("P10: a message cancels the turns of its author, whose replies come before it, and nobody else's", async () => {
    const { room, taps, push } = openTaps({ concurrency: "interrupt" });
    const [{ socket }, { socket: other }] = [await connectAs(room, "ann"), await connectAs(room, "ben")];
    socket.say("a", { id: "a" });
    other.say("b", { id: "b" });
    await push("a", "one");
    await push("b", "two");
    await socket.find(({ type }) => type === "stream");
    socket.say("c", { id: "c" });
    await push("c", "three");
    expect([...taps.keys()].sort()).toEqual(["a", "b", "c"]);
    const contents = (await stored(room)).map(({ content }) => content);
    expect(contents.sort()).toEqual(["a", "b", "c", "one"]);
    expect(await stored(room)).toContainEqual(cancelled("one", "a"));
    const [reply, message] = ["one", "c"].map((content) =>
      socket.frames.findIndex((frame) => frame["content"] === content || frame["id"] === content),
    );
    expect(Number(reply)).toBeLessThan(Number(message));
  });

  it("P10: a message cancels the turns of others, too, that its author may cancel", async () => {
    const { room, push } = openTaps({
      concurrency: "interrupt",
      mayCancel: ({ id }, { author }) => id === "moderator" && author.id === "ann",
    });
    const [{ socket }, { socket: other }, { socket: moderator }] = [
      await connectAs(room, "ann"),
      await connectAs(room, "ben"),
      await connectAs(room, "moderator"),
    ];
    socket.say("a", { id: "a" });
    other.say("b", { id: "b" });
    await push("a", "one");
    await push("b", "two");
    moderator.say("stop", { id: "stop" });
    await ack(moderator, "stop");
    expect(await stored(room)).toContainEqual(cancelled("one", "a"));
    expect(await cancel(other, "b")).toBe("done");
    expect(await cancel(socket, "a")).toBe("over");
  });

  it("P3: a message stands behind the replies that it cancels, also by its time and by the place in its id", async () => {
    const { room, push } = openTaps({ concurrency: "interrupt" });
    const { socket } = await connectAs(room, "ann");
    const plain = await room.connect({ query: { as: "ann" } });
    for (const content of ["a", "b"]) {
      plain.send({ type: "message", content });
      await push(content, "shown");
      await socket.find(({ type, parts }) => type === "stream" && JSON.stringify(parts).includes("shown"));
      await scheduler.wait(5);
    }
    socket.say("c", { id: "c" });
    await push("c", "shown");
    const messages = await stored(room);
    expect(messages.map(({ content }) => content)).toEqual(["a", "shown", "b", "shown", "c"]);
    for (const { id, seq } of messages) if (id.startsWith("~")) expect(id.split(":")[1]).toBe(`${seq}`);
    const times = messages.map(({ timestamp }) => timestamp);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });
});
