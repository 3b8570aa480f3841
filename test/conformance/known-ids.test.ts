import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions } from "../../src/index.js";
import { FAULTS, KNOWN } from "../fixtures/faults.js";
import { openSession, openTransport, type SessionRoom, silent } from "../fixtures/rooms.js";
import type { Frame, TestSocket } from "../fixtures/socket.js";
import { frameOf, prepare } from "../fixtures/stage.js";

const servers = [
  { kind: "session", dialect: "plain" },
  { kind: "session", dialect: "v1" },
] as const;

/** The frame that answers a message: an ack, the stored envelope, or an error. */
async function answerTo(socket: TestSocket, frame: string | ArrayBuffer | object): Promise<Frame> {
  const start = socket.frames.length;
  socket.send(frame);
  return socket.find((answer) => {
    const isOfIt = answer["id"] === KNOWN.id || answer["type"] === "error";
    return isOfIt && socket.frames.indexOf(answer) >= start;
  });
}

/** What a retry is answered of which `stored` is in the log. */
function retryOf(stored: Frame, dialect: string): Frame {
  const { id, seq, timestamp, ...rest } = stored;
  if (dialect === "v1") return { type: "ack", id, seq, timestamp, retry: true };
  return { ...rest, id, timestamp, metadata: { ...stored.metadata, cursor: expect.any(String) } };
}

interface Case {
  why: string;
  /** By name: what speaks against the resend. */
  faults: readonly string[];
  /** What differs from the first time. */
  fields?: Record<string, unknown>;
  answer: string;
}

describe.each(servers)("a known id that comes again to a $kind on $dialect", (server) => {
  const cases: readonly Case[] = [
    { why: "nothing has changed", faults: [], answer: "retry" },
    { why: "its author may only read", faults: ["read only"], answer: "retry" },
    { why: "the memory does not reach back to its `after`", faults: ["unknown outcome"], answer: "retry" },
    { why: "an earlier message was refused", faults: ["out of turn"], answer: "retry" },
    { why: "the rate is spent", faults: ["rate"], answer: "retry" },
    { why: "the rate of bytes is spent", faults: ["byte rate"], answer: "retry" },
    { why: "there is no room for one more turn", faults: ["busy"], answer: "retry" },
    {
      why: "out of turn, rate and room all speak against it",
      faults: ["out of turn", "rate", "busy"],
      answer: "retry",
    },
    { why: "its type is no longer allowed", faults: ["type not allowed"], answer: "TYPE_NOT_ALLOWED" },
    { why: "the limit key has no work left", faults: ["known, no work left"], answer: "RATE_LIMITED" },
    { why: "its body is another", faults: ["known, another body"], answer: "ID_CONFLICT" },
    { why: "its type is another", faults: [], fields: { type: "tool_result" }, answer: "ID_CONFLICT" },
    { why: "its metadata is more", faults: [], fields: { metadata: { more: 1 } }, answer: "ID_CONFLICT" },
    {
      why: "its body is another, whatever else speaks against it",
      faults: ["known, another body", "unknown outcome", "out of turn", "rate", "busy"],
      answer: "ID_CONFLICT",
    },
  ];

  async function check({ faults: names, fields, answer }: Case): Promise<void> {
    const faults = FAULTS.filter(({ name, on }) => names.includes(name) && (on?.(server) ?? true));
    const { socket, heard, log, end } = await prepare(server, faults);
    const effects = async () => JSON.stringify([await log(), heard]);
    const before = await effects();
    const stored: Frame = { ...(await log())[0] };
    const { dialect } = server;
    const retry = retryOf(stored, dialect);
    const error = expect.objectContaining({ type: "error", metadata: expect.objectContaining({ code: answer }) });
    const frame = frameOf([{ name: "", row: "the frame is binary", ...(fields && { fields }) }, ...faults], KNOWN.id);
    // The first answer may be given by a session that was asleep, the second by one that is awake.
    for (const when of ["at first", "again"]) {
      const given = await answerTo(socket, frame);
      expect([when, given]).toEqual([when, answer === "retry" ? retry : error]);
      if (answer !== "retry") expect(given.metadata?.["inReplyTo"]).toBe(KNOWN.id);
      // That refusal closes the connection when it comes too often.
      if (answer === "RATE_LIMITED") break;
    }
    expect(await effects()).toBe(before);
    end();
  }

  it.each(cases)("P2: is answered with $answer though $why", check);
});

const open = (options: Partial<ChatSessionDOOptions> = {}) =>
  openSession({
    onMessage: silent,
    violationLimit: false,
    authenticate: ({ headers }) => ({ id: headers.get("x-user") ?? "ann" }),
    ...options,
  });

const contents = async ({ session }: SessionRoom) => (await session.history()).messages.map(({ content }) => content);

describe.each(servers)("the memory of ids of a $kind on $dialect", ({ dialect }) => {
  const connect = async (room: SessionRoom, user: string) => {
    const socket = await room.connect({ protocol: `workkit.chat.${dialect}`, headers: { "x-user": user } });
    // What is replayed to it is no answer.
    await socket.settle();
    return socket;
  };
  const message = { type: "message", ...KNOWN };

  /** Has it accepted, and known to be. */
  async function accept(room: SessionRoom, socket: TestSocket, frame: object): Promise<void> {
    const count = (await contents(room)).length;
    socket.send(frame);
    while ((await contents(room)).length === count) await socket.settle();
  }

  it.each([
    { what: "maxMessageSize", options: { maxMessageSize: 100 }, code: "MESSAGE_TOO_LARGE" },
    { what: "maxMetadataDepth", options: { maxMetadataDepth: 2 }, code: "METADATA_TOO_DEEP" },
    { what: "maxMetadataSize", options: { maxMetadataSize: 50 }, code: "METADATA_TOO_LARGE" },
  ])("P7: is not asked where $what was lowered below what is stored", async ({ options, code }) => {
    const room = open();
    const socket = await connect(room, "ann");
    const large = { ...message, metadata: { a: { b: { c: "x".repeat(100) } } } };
    await accept(room, socket, large);
    expect(retryOf({ ...(await room.session.history()).messages[0] }, dialect)).toEqual(await answerTo(socket, large));
    await room.deploy({ onMessage: silent, ...options });
    for (let n = 0; n < 2; n++) expect((await answerTo(socket, large)).metadata?.["code"]).toBe(code);
    expect(await contents(room)).toEqual([KNOWN.content]);
  });

  it.each([false, true])("P2: is each author's own, and the server's (asleep between: %s)", async (sleeps) => {
    const room = open();
    await room.session.post({ ...KNOWN, content: "the server's" });
    for (const user of ["ann", "ben"]) {
      if (sleeps) await room.hibernate();
      await accept(room, await connect(room, user), { ...message, content: `${user}'s` });
    }
    if (sleeps) await room.hibernate();
    const { messages } = await room.session.history();
    expect(messages.map(({ id, content }) => [id, content])).toEqual([
      [KNOWN.id, "the server's"],
      [KNOWN.id, "ann's"],
      [KNOWN.id, "ben's"],
    ]);
    for (const [place, user] of ["ann", "ben"].entries()) {
      const socket = await connect(room, user);
      const stored: Frame = { ...messages[place + 1] };
      expect(await answerTo(socket, { ...message, content: `${user}'s` })).toEqual(retryOf(stored, dialect));
      const other = await answerTo(socket, { ...message, content: "the server's" });
      expect(other.metadata).toEqual({ code: "ID_CONFLICT", inReplyTo: KNOWN.id });
    }
  });

  it("P2: is not asked for what is typed", async () => {
    const room = open();
    const [ann, ben] = [await connect(room, "ann"), await connect(room, "ben")];
    await accept(room, ann, message);
    ann.send({ ...message, type: "typing", content: "other" });
    expect((await ben.content("other"))["type"]).toBe("typing");
    await ann.settle();
    expect(ann.envelopes()).toEqual([]);
  });

  it("P2: answers a message whose turn has not ended, and runs no second one", async () => {
    let runs = 0;
    let isOver = false;
    const room = open({
      onMessage: async () => {
        runs++;
        while (!isOver) await scheduler.wait(1);
        return undefined;
      },
    });
    const socket = await connect(room, "ann");
    await accept(room, socket, message);
    const stored: Frame = { ...(await room.session.history()).messages[0] };
    expect(await answerTo(socket, message)).toEqual(retryOf(stored, dialect));
    isOver = true;
    await socket.settle();
    expect(await answerTo(socket, message)).toEqual(retryOf(stored, dialect));
    expect(runs).toBe(1);
  });
});

it("P2: a transport remembers no ids, and hands each message to its handler", async () => {
  const heard: string[] = [];
  const room = openTransport({
    onMessage: async (_id, { id }) => {
      heard.push(id);
      return undefined;
    },
  });
  const socket = await room.connect();
  for (const content of ["x", "x", "another"]) socket.say(content, { id: KNOWN.id });
  expect(await socket.settle()).toEqual([]);
  expect(heard).toEqual([KNOWN.id, KNOWN.id, KNOWN.id]);
});
