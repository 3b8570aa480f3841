import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions } from "../../src/index.js";
import { Participant } from "../fixtures/line.js";
import { meter, newUsage, type Usage } from "../fixtures/meter.js";
import { echo, openSession, reply, type SessionRoom, silent } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";
import { ack, connectV1, readAlong } from "../fixtures/v1.js";

/* docs/explanation/cost.md reckons with these figures: a change here is one of its table and of its snippet. */

const unlimited = { rateLimit: false } as const;

/** Meters a session from now on. Nothing of the session's is read before its first frame or request, so one that slept is metered whole. */
async function metered(room: SessionRoom): Promise<Usage> {
  const usage = newUsage();
  await runInDurableObject(room.stub, (_session, { storage }) => meter(storage, usage));
  return usage;
}

/** Says something and waits until it is in the log and has its reply. */
async function ask(socket: TestSocket, id: string): Promise<void> {
  socket.say(id, { id });
  await socket.content(`Echo: ${id}`);
}

/** A session with `questions` and as many replies in its log, and a connection to it. */
async function filled(questions: number, options: Partial<ChatSessionDOOptions> = {}) {
  const room = openSession({ onMessage: echo, ...unlimited, ...options });
  const { socket, hello } = await connectV1(room);
  readAlong(socket);
  for (let n = 1; n <= questions; n++) socket.say(`q${n}`, { id: `q${n}` });
  if (questions > 0) await socket.content(`Echo: q${questions}`);
  expect(socket.frames.filter(({ type }) => type === "error")).toEqual([]);
  return { room, socket, epoch: hello.epoch };
}

describe("P8: a stored envelope costs", () => {
  it("one row written and one read, and half a statement, for its reply goes with it", async () => {
    const { room, socket } = await filled(1);
    const usage = await metered(room);
    for (let n = 1; n <= 10; n++) await ask(socket, `n${n}`);
    expect(usage).toMatchObject({ rowsWritten: 20, rowsRead: 20, statements: 10 });
  });

  it("no more where it takes the place of an older one", async () => {
    const { room, socket } = await filled(10, { maxStoredMessages: 10 });
    const usage = await metered(room);
    for (let n = 1; n <= 10; n++) await ask(socket, `n${n}`);
    expect(usage).toMatchObject({ rowsWritten: 20, rowsRead: 20, statements: 10 });
  });

  it("a thirteenth of a statement where many come at once", async () => {
    const { room, socket } = await filled(10, { maxStoredMessages: 1_000 });
    for (let n = 1; n <= 10; n++) socket.say("warm", { id: `warm${n}` });
    const usage = await metered(room);
    for (let n = 1; n <= 260; n++) socket.say(`n${n}`, { id: `n${n}` });
    await socket.content("Echo: n260");
    expect(usage.rowsWritten).toBeGreaterThanOrEqual(520);
    expect(usage.statements).toBeLessThan(usage.rowsWritten / 6);
  });

  it("one row read when it is sent again", async () => {
    const { room, socket } = await filled(1);
    const usage = await metered(room);
    socket.say("q1", { id: "q1" });
    await socket.find(({ retry: again }) => again === true);
    expect(usage).toMatchObject({ rowsWritten: 0, rowsRead: 1 });
  });

  it("no more for fifty connections than for one, and nothing for a typing, a refused frame, a heartbeat or a Close", async () => {
    const room = openSession({ onMessage: silent });
    const { socket } = await connectV1(room);
    socket.say("first", { id: "first" });
    await ack(socket, "first");
    const others = await Promise.all(Array.from({ length: 49 }, async () => (await connectV1(room)).socket));
    const usage = await metered(room);
    socket.say("hello", { id: "hello" });
    for (const other of others) await other.content("hello");
    expect(usage).toMatchObject({ rowsWritten: 1, rowsRead: 1, statements: 1 });
    socket.send({ type: "typing", content: "" });
    socket.send("no envelope");
    socket.send('{"type":"ping"}');
    for (const other of others.slice(1)) await other.find(({ type }) => type === "typing");
    others[0]?.close();
    await others[0]?.end();
    await socket.settle();
    expect(usage).toMatchObject({ rowsWritten: 1, rowsRead: 1, statements: 1 });
  });

  it("one row more where a turn takes a while and replies nothing", async () => {
    let isOver = false;
    const onMessage = async () => {
      await scheduler.wait(1);
      isOver = true;
      return undefined;
    };
    const room = openSession({ onMessage });
    const { socket } = await connectV1(room);
    const usage = await metered(room);
    socket.say("hello", { id: "hello" });
    await ack(socket, "hello");
    while (!isOver) await scheduler.wait(1);
    await socket.settle();
    expect(usage.rowsWritten).toBe(2);
  });

  it("no row more for turns that wait for others of their author, or that begin at once, and one for one that waited while others run", async () => {
    let isHeld = true;
    let isOtherHeld = false;
    const onMessage: ChatSessionDOOptions["onMessage"] = async (sessionId, message) => {
      if (["a", "d", "h"].includes(message.content)) while (isHeld) await scheduler.wait(1);
      if (message.content === "j") while (isOtherHeld) await scheduler.wait(1);
      return echo(sessionId, message);
    };
    const authenticate = (request: Request) => ({ id: new URL(request.url).searchParams.get("as") ?? "ann" });
    const { room, socket } = await filled(1, { onMessage, authenticate });
    const usage = await metered(room);
    for (const id of ["a", "b", "c"]) socket.say(id, { id });
    await ack(socket, "c");
    isHeld = false;
    await socket.content("Echo: c");
    expect(usage.rowsWritten).toBe(6);
    isHeld = true;
    const { socket: other } = await connectV1(room, undefined, { query: { as: "ben" } });
    for (const id of ["d", "e", "f"]) socket.say(id, { id });
    await ack(socket, "f");
    other.say("g", { id: "g" });
    await socket.content("g");
    isHeld = false;
    await socket.content("Echo: f");
    expect(usage.rowsWritten).toBe(6 + 8);
    isHeld = isOtherHeld = true;
    for (const id of ["h", "i"]) socket.say(id, { id });
    await ack(socket, "i");
    other.say("j", { id: "j" });
    await ack(other, "j");
    isHeld = false;
    await socket.content("Echo: i");
    isOtherHeld = false;
    await socket.content("Echo: j");
    expect(usage.rowsWritten).toBe(14 + 6 + 1);
  });

  it("one row more for each new attempt of a turn that was interrupted", async () => {
    const onMessage: ChatSessionDOOptions["onMessage"] = async (sessionId, message, { attempt }) => {
      if (attempt === 1) await new Promise(() => undefined);
      return echo(sessionId, message);
    };
    const { room, socket } = await filled(0, { onMessage });
    socket.say("hello", { id: "hello" });
    await ack(socket, "hello");
    await room.crash();
    const usage = await metered(room);
    const { socket: again } = await connectV1(room);
    await again.content("Echo: hello");
    expect(usage.rowsWritten).toBe(2);
  });

  it.each([
    { recoverByAlarm: false, rows: 2 },
    { recoverByAlarm: true, rows: 3 },
  ])("an alarm only where it was asked for: $recoverByAlarm", async ({ recoverByAlarm, rows }) => {
    const onMessage: ChatSessionDOOptions["onMessage"] = async (sessionId, message) => {
      await scheduler.wait(1);
      return echo(sessionId, message);
    };
    const { room, socket } = await filled(0, { onMessage, recoverByAlarm });
    const usage = await metered(room);
    await ask(socket, "hello");
    expect(usage.rowsWritten).toBe(rows);
    const alarm = await runInDurableObject(room.stub, (_session, { storage }) => storage.getAlarm());
    expect(alarm !== null).toBe(recoverByAlarm);
  });

  it("one encoding, however many read it", async () => {
    let encodings = 0;
    const counting = {
      toJSON() {
        encodings++;
        return "counted";
      },
    };
    const { room, socket } = await filled(0, {
      onMessage: async () => ({ ...reply("hello"), metadata: { counting } }),
    });
    const others = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => (n % 2 === 0 ? room.connect() : (await connectV1(room)).socket)),
    );
    socket.say("question", { id: "question" });
    for (const reader of [socket, ...others]) {
      const frame = await reader.content("hello");
      expect(frame.metadata).toMatchObject({ counting: "counted" });
    }
    expect(encodings).toBe(1);
  });
});

describe("P8: a session costs", () => {
  it("two rows written when it begins", async () => {
    const room = openSession({ onMessage: echo });
    const usage = await metered(room);
    await connectV1(room);
    expect(usage).toMatchObject({ rowsWritten: 2, rowsRead: 4 });
  });

  it.each([
    { maxStoredMessages: 100, questions: 50, rowsRead: 109, statements: 5 },
    { maxStoredMessages: 100, questions: 1_000, rowsRead: 109, statements: 5 },
    { maxStoredMessages: 100, questions: 1_025, rowsRead: 115, statements: 12 },
    { maxStoredMessages: 1_000, questions: 500, rowsRead: 1_009, statements: 5 },
    { maxStoredMessages: 5_000, questions: 2_500, rowsRead: 1_009, statements: 5 },
    { maxStoredMessages: 5_000, questions: 3_000, rowsRead: 1_021, statements: 17 },
  ])(
    "at most $rowsRead rows read when a message wakes it, its own and its reply's included, with $maxStoredMessages kept of $questions questions",
    async ({ maxStoredMessages, questions, rowsRead, statements }) => {
      const { room, socket } = await filled(questions, { maxStoredMessages });
      await room.hibernate();
      const usage = await metered(room);
      await ask(socket, "awake");
      expect(usage.rowsRead).toBe(rowsRead);
      expect(usage.rowsWritten).toBe(2);
      expect(usage.statements).toBe(statements);
    },
  );

  it.each([10, 1_000, 5_000])(
    "what was missed and seven rows read when a reconnect wakes it, with %i envelopes kept",
    async (maxStoredMessages) => {
      const { room, epoch } = await filled(maxStoredMessages / 2, { maxStoredMessages });
      await room.hibernate();
      const usage = await metered(room);
      const { hello } = await connectV1(room, `${epoch}:${maxStoredMessages - 5}`);
      expect(hello).toMatchObject({ epoch, head: maxStoredMessages, tail: 1, resume: "complete" });
      expect(usage).toMatchObject({ rowsWritten: 0, rowsRead: 7 + 5 });
      await connectV1(room, `${epoch}:${maxStoredMessages - 5}`);
      expect(usage).toMatchObject({ rowsWritten: 0, rowsRead: 7 + 5 + 5 });
    },
  );

  it("the log and what was missed when a plain client reconnects, and what was missed alone when it has a cursor", async () => {
    const { room, socket } = await filled(47, { maxStoredMessages: 1_000 });
    for (const id of ["q48", "q49", "q50"]) await ask(socket, id);
    const usage = await metered(room);
    await (await room.connect({ query: { lastMessageId: "q48" } })).content("Echo: q50");
    expect(usage).toMatchObject({ rowsWritten: 0, rowsRead: 100 + 5 });
    await (await room.connect({ query: { lastMessageId: "nowhere" } })).content("Echo: q50");
    expect(usage).toMatchObject({ rowsWritten: 0, rowsRead: 100 + 5 + 2 * 100 });
  });

  it("nothing when a connection of it ends while it sleeps", async () => {
    const { room, socket } = await filled(10);
    await room.hibernate();
    const usage = await metered(room);
    socket.close();
    await socket.end();
    expect(usage.statements).toBe(0);
  });
});

describe("a client sends", () => {
  it("a frame for each message, and none for what it receives", async () => {
    const room = openSession({ onMessage: echo });
    const author = await new Participant(room).live();
    const reader = await new Participant(room).live();
    const said = Array.from({ length: 5 }, (_, n) => `m${n}`);
    for (const content of said) author.client.send(content);
    for (const participant of [author, reader]) {
      await participant.until(({ messages }) => messages.filter(({ state }) => state === "sent").length === 10);
    }
    expect(author.line.sent).toHaveLength(said.length);
    expect(reader.line.sent).toEqual([]);
  });

  it("a frame for each page of 200 after the first of what it missed", async () => {
    const { room, socket } = await filled(0, { maxStoredMessages: 1_000 });
    const reader = await new Participant(room).live();
    reader.client.close();
    for (let n = 1; n <= 250; n++) socket.say(`q${n}`, { id: `q${n}` });
    await socket.content("Echo: q250");
    reader.client.connect();
    await reader.until(({ messages }) => messages.length === 500);
    expect(reader.line.sent.map((frame) => JSON.parse(frame))).toEqual([
      { type: "next", seq: 200 },
      { type: "next", seq: 400 },
    ]);
  });
});
