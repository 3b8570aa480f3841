import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { echo, openSession, silent } from "../fixtures/rooms.js";
import { ack, acks, connectV1, seqs } from "../fixtures/v1.js";

const unlimited = { rateLimit: false, maxStoredMessages: 2_000 } as const;
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe("workkit.chat.v1", () => {
  it("is selected when it is offered, and begins with hello", async () => {
    const room = openSession({ onMessage: silent });
    const answer = await room.upgrade({ protocol: "workkit.chat.plain, workkit.chat.v1" });
    expect(answer.headers.get("sec-websocket-protocol")).toBe("workkit.chat.v1");
    const { hello } = await connectV1(room);
    expect(hello).toEqual({
      type: "hello",
      protocol: "workkit.chat.v1",
      sessionId: room.name,
      connectionId: hello.connectionId,
      epoch: expect.stringMatching(/^[0-9a-f]{16}$/),
      head: 0,
      tail: 1,
      resume: "new",
      replayFrom: 1,
      identity: { id: "anonymous" },
      limits: { maxMessageSize: 65_536, maxMetadataSize: 16_384, maxMetadataDepth: 16, heartbeatInterval: 30_000 },
      features: ["await", "cancel", "deltas"],
    });
  });

  it("P3: acks with the place in the log, and numbers what others are sent", async () => {
    const room = openSession({ onMessage: echo });
    const [one, other] = [await connectV1(room), await connectV1(room)];
    one.socket.say("hello", { id: "a" });
    await one.socket.content("Echo: hello");
    await other.socket.content("Echo: hello");
    const [received] = acks(one.socket);
    expect(received).toEqual({ type: "ack", id: "a", seq: 1, timestamp: expect.any(Number) });
    expect(one.socket.frames.map(({ type, seq }) => [type, seq])).toEqual([
      ["hello", undefined],
      ["ack", 1],
      ["message", 2],
    ]);
    expect(other.socket.envelopes()[0]).toMatchObject({
      seq: 1,
      id: "a",
      content: "hello",
      timestamp: received?.["timestamp"],
      metadata: { from: { id: "anonymous" } },
    });
    expect(seqs(other.socket)).toEqual([1, 2]);
  });

  it("P5, P13: shares one log with plain connections, whose wire stays plain", async () => {
    const room = openSession({ onMessage: silent });
    const [{ socket: v1 }, plain] = [await connectV1(room), await room.connect()];
    plain.say("from plain", { id: "p" });
    expect(await v1.content("from plain")).toMatchObject({ seq: 1 });
    v1.say("from v1", { id: "v" });
    const received = await plain.content("from v1");
    expect(Object.keys(received).sort()).toEqual(["content", "id", "metadata", "role", "timestamp", "type"]);
    expect(plain.frames).toHaveLength(1);
  });

  it("needs an id on what is durable, and none on typing", async () => {
    const room = openSession({ onMessage: silent });
    const [{ socket }, other] = [await connectV1(room), await room.connect()];
    socket.say("no id");
    await socket.error("INVALID_MESSAGE");
    socket.send({ type: "typing", content: "" });
    await other.find((frame) => frame["type"] === "typing");
  });

  it("ignores control frames that it does not know", async () => {
    const room = openSession({ onMessage: silent });
    const { socket } = await connectV1(room);
    socket.send({ type: "presence", seq: 5 });
    socket.send({ type: "next", seq: 5 });
    expect(await socket.settle()).toEqual([]);
  });

  it("P4: resumes after a cursor with all that was missed, one's own included, and no page where there is nothing", async () => {
    const room = openSession({ onMessage: echo });
    const { socket, hello } = await connectV1(room);
    for (const id of ["a", "b"]) socket.say(id, { id });
    await socket.content("Echo: b");
    const again = await connectV1(room, `${hello.epoch}:1`);
    await again.socket.find((frame) => frame["type"] === "page");
    expect(again.hello).toMatchObject({ resume: "complete", replayFrom: 2, head: 4 });
    expect(seqs(again.socket)).toEqual([2, 3, 4]);
    const current = await connectV1(room, `${hello.epoch}:4`);
    await current.socket.settle();
    expect(current.hello).toMatchObject({ resume: "complete", replayFrom: 5 });
    expect(current.socket.frames.map(({ type }) => type)).toEqual(["hello", "pong"]);
  });

  it("P4: reports a gap when the cursor is pruned, of another epoch, or invalid", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 3 });
    const { socket, hello } = await connectV1(room);
    for (const id of ["a", "b", "c", "d", "e"]) socket.say(id, { id });
    await ack(socket, "e");
    for (const cursor of [`${hello.epoch}:1`, "0123456789abcdef:4", "nonsense", `${hello.epoch}:-1`]) {
      const again = await connectV1(room, cursor);
      await again.socket.find((frame) => frame["type"] === "page");
      expect(again.hello).toMatchObject({ resume: "gap", tail: 3, replayFrom: 3, epoch: hello.epoch });
      expect(seqs(again.socket)).toEqual([3, 4, 5]);
    }
    expect((await connectV1(room, `${hello.epoch}:2`)).hello.resume).toBe("complete");
  });

  it("P4: reports a gap to that client alone when its cursor is beyond the head or names another entry", async () => {
    const room = openSession({ onMessage: silent });
    const { socket, hello } = await connectV1(room);
    for (const id of ["a", "b"]) socket.say(id, { id });
    const { timestamp } = await ack(socket, "a");
    const { timestamp: latest } = await ack(socket, "b");
    const { epoch } = hello;
    for (const forged of [
      `${epoch}:3`,
      `${epoch}:999999999999999`,
      `${epoch}:1:${Number(timestamp) - 1}`,
      `${epoch}:2:0`,
    ]) {
      expect((await connectV1(room, forged)).hello).toMatchObject({ resume: "gap", replayFrom: 1, epoch });
      socket.say("x", { id: forged, after: forged });
      await socket.find(({ metadata }) => metadata?.["inReplyTo"] === forged && metadata["code"] === "UNKNOWN_OUTCOME");
    }
    for (const good of [`${epoch}:1`, `${epoch}:1:${timestamp}`, `${epoch}:2:${latest}`, `${epoch}:0`]) {
      expect((await connectV1(room, good)).hello).toMatchObject({ resume: "complete", epoch });
    }
    socket.say("c", { id: "c", after: `${epoch}:1:${timestamp}` });
    expect(await ack(socket, "c")).toMatchObject({ seq: 3 });
  });

  it("P4: goes by the seq alone where the entry of a cursor is pruned", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 2 });
    const { socket, hello } = await connectV1(room);
    for (const id of ["a", "b", "c"]) socket.say(id, { id });
    await ack(socket, "c");
    expect((await connectV1(room, `${hello.epoch}:1:5`)).hello.resume).toBe("complete");
    expect((await connectV1(room, `${hello.epoch}:2:5`)).hello.resume).toBe("gap");
  });

  it("P4: replays in pages that the client asks for, across hibernation, and then goes live without a hole", async () => {
    const room = openSession({ onMessage: silent, ...unlimited });
    for (let n = 1; n <= 450; n++) await room.session.post({ content: `${n}` });
    const first = await connectV1(room);
    const { epoch } = first.hello;
    const { socket } = await connectV1(room, `${epoch}:0`);
    const page = (seq: number) => socket.find((frame) => frame["type"] === "page" && frame["seq"] === seq);
    expect(await page(200)).toEqual({ type: "page", seq: 200, more: true });
    first.socket.say("451", { id: "live" });
    await ack(first.socket, "live");
    socket.say("452", { id: "mine" });
    expect(await ack(socket, "mine")).toMatchObject({ seq: 452 });
    expect(seqs(socket)).toEqual(upTo(200));
    socket.send({ type: "next", seq: 7 });
    await room.hibernate();
    socket.send({ type: "next", seq: 200 });
    await page(400);
    socket.send({ type: "next", seq: 400 });
    expect(await page(452)).toMatchObject({ more: false });
    first.socket.say("453", { id: "later" });
    await socket.content("453");
    expect(seqs(socket)).toEqual(upTo(453));
  });

  it("P12: bounds a page by bytes as well, but never sends an empty one", async () => {
    const room = openSession({ onMessage: silent, ...unlimited });
    for (let n = 1; n <= 3; n++) await room.session.post({ content: "漢".repeat(66_000) });
    await room.session.post({ content: "x".repeat(400_000) });
    const { hello } = await connectV1(room);
    const { socket } = await connectV1(room, `${hello.epoch}:0`);
    for (const seq of [1, 2, 3]) {
      await socket.find((frame) => frame["type"] === "page" && frame["seq"] === seq && frame["more"] === true);
      expect(seqs(socket)).toEqual(upTo(seq));
      socket.send({ type: "next", seq });
    }
    await socket.find((frame) => frame["type"] === "page" && frame["more"] === false);
    expect(seqs(socket)).toEqual(upTo(4));
  });

  it("P12: begins with the newest page for a new client, and with the newest 1,000 after a gap", async () => {
    const room = openSession({ onMessage: silent, ...unlimited });
    for (let n = 1; n <= 1_100; n++) await room.session.post({ content: `${n}` });
    const newcomer = await connectV1(room);
    await newcomer.socket.find((frame) => frame["type"] === "page");
    expect(newcomer.hello).toMatchObject({ resume: "new", replayFrom: 901, tail: 1, head: 1_100 });
    expect(seqs(newcomer.socket)).toEqual(upTo(1_100, 901));
    expect((await connectV1(room, "0123456789abcdef:1")).hello).toMatchObject({ resume: "gap", replayFrom: 101 });
  });

  it("P4: closes a replay that the log was pruned past, so that the client reconnects to its gap", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 250, rateLimit: false });
    for (let n = 1; n <= 250; n++) await room.session.post({ content: `${n}` });
    const { hello } = await connectV1(room);
    const { socket } = await connectV1(room, `${hello.epoch}:0`);
    await socket.find((frame) => frame["type"] === "page");
    for (let n = 251; n <= 455; n++) await room.session.post({ content: `${n}` });
    socket.send({ type: "next", seq: 200 });
    expect(await socket.end()).toMatchObject({ code: 4006 });
    expect((await connectV1(room, `${hello.epoch}:200`)).hello.resume).toBe("gap");
  });

  it("P1: acks only what the disk holds", async () => {
    const room = openSession({ onMessage: silent });
    const { socket } = await connectV1(room);
    for (let n = 1; n <= 20; n++) {
      socket.say(`${n}`, { id: `${n}` });
      await ack(socket, `${n}`);
      const rows = await runInDurableObject(room.stub, (_, { storage }) =>
        storage.sql.exec("SELECT COUNT(*) AS rows FROM workkit_chat_log WHERE id = ?", `${n}`).one(),
      );
      expect(rows).toEqual({ rows: 1 });
    }
  });
});
