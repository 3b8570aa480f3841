import { describe, expect, it } from "vitest";
import { echo, openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";

const unlimited = { rateLimit: false } as const;
const lastId = (socket: TestSocket) => {
  const { id, metadata } = socket.envelopes().at(-1) ?? {};
  return String(metadata?.["cursor"] ?? id);
};
const resume = (room: SessionRoom, lastMessageId: string) => room.connect({ query: { lastMessageId } });

describe("P4: a plain reconnect", () => {
  it("is sent exactly what it missed after a burst, in order, its own envelopes too", async () => {
    const room = openSession({ onMessage: echo, ...unlimited });
    const socket = await room.connect();
    socket.say("first");
    await socket.content("Echo: first");
    const cursor = lastId(socket);
    for (let n = 1; n <= 40; n++) socket.say(`m${n}`);
    await socket.content("Echo: m40");
    socket.close();
    const again = await resume(room, cursor);
    const missed = Array.from({ length: 40 }, (_, n) => [`m${n + 1}`, `Echo: m${n + 1}`])
      .flat()
      .sort();
    expect([...(await again.settle()).map((frame) => frame["content"])].sort()).toEqual(missed);
    expect(again.contents()).toEqual((await room.session.history()).messages.slice(2).map(({ content }) => content));
  });

  it("is sent nothing without a cursor, or with the newest", async () => {
    const room = openSession({ onMessage: echo });
    const socket = await room.connect();
    socket.say("x");
    await socket.content("Echo: x");
    expect(await (await room.connect()).settle()).toEqual([]);
    expect(await (await resume(room, lastId(socket))).settle()).toEqual([]);
  });

  it("is sent a gap, then the whole retained log, where its cursor cannot be placed", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 3 });
    const socket = await room.connect();
    for (const id of ["a", "b", "c", "d", "e"]) socket.say(id, { id });
    await socket.settle();
    await room.session.history();
    for (const cursor of ["a", "never-heard-of", "", "~", "~ff:1:2", "~0123456789abcdef:9:x"]) {
      const [gap, ...rest] = await (await resume(room, cursor)).settle();
      expect(gap).toMatchObject({ type: "error", role: "system", metadata: { code: "GAP" } });
      expect(rest.map(({ content }) => content)).toEqual(["c", "d", "e"]);
    }
    // The notice's own id stands for the place before what follows it: a client that drops right there loses nothing.
    const { id: notice } = await (await resume(room, "nope")).error("GAP");
    const afterNotice = await (await resume(room, String(notice))).settle();
    expect(afterNotice.map(({ content }) => content)).toEqual(["c", "d", "e"]);
    // The place before the oldest that is kept is the oldest that still joins without a hole.
    const { epoch } = await room.session.history();
    expect((await (await resume(room, `~${epoch}:2:`)).settle()).map(({ content }) => content)).toEqual([
      "c",
      "d",
      "e",
    ]);
  });

  it("P13: resumes from the id of an error or of somebody's typing as from any other", async () => {
    const room = openSession({ onMessage: silent });
    const [ann, bob] = [await room.connect(), await room.connect()];
    ann.say("one");
    await bob.content("one");
    ann.send({ type: "typing", content: "", id: "chosen-by-ann" });
    const typing = await bob.find((frame) => frame["type"] === "typing");
    bob.send("not json");
    const error = await bob.error("INVALID_MESSAGE");
    ann.say("two");
    await bob.content("two");
    for (const { id } of [typing, error]) {
      const again = await resume(room, String(id));
      expect((await again.settle()).map(({ content }) => content)).toEqual(["two"]);
    }
  });

  it("resumes across hibernation", async () => {
    const room = openSession({ onMessage: echo });
    const socket = await room.connect();
    socket.say("one");
    await socket.content("Echo: one");
    const cursor = lastId(socket);
    socket.say("two");
    await socket.content("Echo: two");
    await room.hibernate();
    const again = await resume(room, cursor);
    expect((await again.settle()).map(({ content }) => content)).toEqual(["two", "Echo: two"]);
  });

  it("joins replay and live traffic without a hole or a double", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 1_000, ...unlimited });
    const author = await room.connect();
    author.say("0", { id: "0" });
    await author.settle();
    for (let n = 1; n <= 100; n++) author.say(`${n}`);
    const joining = Array.from({ length: 5 }, () => resume(room, "0"));
    for (let n = 101; n <= 200; n++) author.say(`${n}`);
    for (const socket of await Promise.all(joining)) {
      await socket.content("200");
      expect(socket.contents()).toEqual(Array.from({ length: 200 }, (_, n) => `${n + 1}`));
    }
  });

  it("P12: is bounded: past 1,000 envelopes or 8 MiB it is a gap and the newest that fit", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 2_000, ...unlimited });
    const post = (content: string, id: string) => room.session.post({ content, id });
    for (let n = 0; n <= 1_001; n++) await post(`${n}`, `${n}`);
    const exact = await (await resume(room, "1")).settle();
    expect(exact).toHaveLength(1_000);
    const [gap, ...rest] = await (await resume(room, "0")).settle();
    expect(gap?.metadata).toMatchObject({ code: "GAP" });
    expect([rest.length, rest[0]?.["content"], rest.at(-1)?.["content"]]).toEqual([1_000, "2", "1001"]);
    const large = "x".repeat(1_000_000);
    for (let n = 0; n < 9; n++) await post(large, `large-${n}`);
    const [gapOfBytes, ...fitting] = await (await resume(room, "1001")).settle();
    expect(gapOfBytes?.metadata).toMatchObject({ code: "GAP" });
    expect(fitting.map(({ id }) => id)).toEqual(Array.from({ length: 8 }, (_, n) => `large-${n + 1}`));
    expect(await (await resume(room, "large-0")).settle()).toHaveLength(8);
  });
});

describe("everyone", () => {
  it("P5: sees what any other connection and the server add, and the author gets no echo", async () => {
    const room = openSession({ onMessage: echo });
    const [one, two, three] = [await room.connect(), await room.connect(), await room.connect()];
    one.say("from one");
    await Promise.all([one, two, three].map((socket) => socket.content("Echo: from one")));
    two.say("from two");
    await Promise.all([one, two, three].map((socket) => socket.content("Echo: from two")));
    expect(one.contents()).toEqual(["Echo: from one", "from two", "Echo: from two"]);
    expect(two.contents()).toEqual(["from one", "Echo: from one", "Echo: from two"]);
    expect(three.contents()).toEqual(["from one", "Echo: from one", "from two", "Echo: from two"]);
  });

  it("P3, P5: sees the same order, however many write at once", async () => {
    const room = openSession({ onMessage: echo, maxStoredMessages: 1_000, ...unlimited });
    const sockets = await Promise.all(Array.from({ length: 5 }, () => room.connect()));
    const watcher = await room.connect();
    for (let n = 0; n < 20; n++) for (const [who, socket] of sockets.entries()) socket.say(`${who}.${n}`);
    for (const [who] of sockets.entries()) await watcher.content(`Echo: ${who}.19`);
    const log = (await room.session.history({ limit: 1_000 })).messages.map(({ content }) => content);
    expect(watcher.contents()).toEqual(log);
    for (const [who, socket] of sockets.entries()) {
      await socket.settle();
      expect(socket.contents()).toEqual(log.filter((content) => !content.startsWith(`${who}.`)));
      const own = log.filter((content) => content.startsWith(`${who}.`));
      expect(own).toEqual(Array.from({ length: 20 }, (_, n) => `${who}.${n}`));
    }
  });
});
