import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatMessage, ChatSessionDOOptions, Identity, TurnContext } from "../../src/index.js";
import { meter, newUsage } from "../fixtures/meter.js";
import { openSession, type SessionRoom } from "../fixtures/rooms.js";
import type { Frame, TestSocket } from "../fixtures/socket.js";
import { connectPlainViewer, connectViewer, Tap } from "../fixtures/streams.js";
import { ack, connectV1 } from "../fixtures/v1.js";

const authenticate = (request: Request): Identity => ({
  id: new URL(request.url).searchParams.get("as") ?? "ann",
});

interface Call {
  message: ChatMessage;
  context: TurnContext;
  history: string[];
}

/** A session that numbers its answers, and what its handler was given for each. */
function openNumbered(options: Partial<ChatSessionDOOptions> = {}) {
  const calls: Call[] = [];
  const room = openSession({
    authenticate,
    onMessage: async (_id, message, context) => {
      const history = (await context.history()).map(({ content }) => content);
      calls.push({ message, context, history });
      return `Answer ${calls.length}`;
    },
    ...options,
  });
  return { room, calls };
}

async function connectAs(room: SessionRoom, as = "ann"): Promise<TestSocket> {
  return (await connectV1(room, undefined, { query: { as } })).socket;
}

const answerTo = (socket: TestSocket, id: string) =>
  socket.find((frame) => frame["role"] === "assistant" && frame.metadata?.["inReplyTo"] === id);

async function ask(socket: TestSocket, id: string): Promise<Frame> {
  socket.say(id, { id });
  return answerTo(socket, id);
}

/** Asks for another answer, and resolves with the request's refusal, or with the new reply. */
async function regenerate(
  socket: TestSocket,
  named: Frame | { seq: unknown; id: unknown },
  id: string,
): Promise<Frame> {
  const { seq, id: of } = named as Frame;
  socket.say("", { id, metadata: { regenerates: { seq, id: of } } });
  return socket.find(({ metadata }) => metadata?.["inReplyTo"] === id);
}

const stored = async (room: SessionRoom) => (await room.session.history()).messages;
const codeOf = ({ metadata }: Frame) => metadata?.["code"];

describe("P2, P11: a reply is generated again", () => {
  it("by a turn of its own, whose handler is given the message as the first time", async () => {
    const { room, calls } = openNumbered();
    const socket = await connectAs(room);
    await ask(socket, "before");
    const first = await ask(socket, "m");
    const reply = await regenerate(socket, first, "again");
    expect(reply).toMatchObject({ content: "Answer 3", metadata: { inReplyTo: "again", supersedes: first["id"] } });
    expect(await ack(socket, "again")).toMatchObject({ seq: 5 });
    expect(calls[2]?.message).toEqual(calls[1]?.message);
    expect(calls[2]?.history).toEqual(["before", "Answer 1", "m"]);
    const { regenerates, seq, attempt } = calls[2]?.context ?? {};
    expect({ regenerates, seq, attempt }).toEqual({
      regenerates: { seq: first["seq"], id: first["id"] },
      seq: 3,
      attempt: 1,
    });
    expect(calls[1]?.context.regenerates).toBeUndefined();
    const next = await regenerate(socket, reply, "and again");
    expect(next).toMatchObject({ content: "Answer 4", metadata: { supersedes: reply["id"] } });
    expect(await stored(room)).toHaveLength(8);
  });

  it("once, however often that is asked, on any of the author's connections", async () => {
    const { room, calls } = openNumbered();
    const [socket, other] = [await connectAs(room), await connectAs(room)];
    const first = await ask(socket, "m");
    await regenerate(socket, first, "again");
    for (const each of [socket, other, socket]) {
      each.say("", { id: "again", metadata: { regenerates: { seq: first["seq"], id: first["id"] } } });
    }
    await other.find(({ type, retry }) => type === "ack" && retry === true);
    await socket.settle();
    expect(calls).toHaveLength(2);
    expect(await stored(room)).toHaveLength(4);
  });

  it.each([
    ["the author has sent another message since", async (socket: TestSocket) => void (await ask(socket, "m2"))],
    [
      "it was generated again",
      async (socket: TestSocket, first: Frame) => void (await regenerate(socket, first, "other")),
    ],
  ])("CONFLICT, and nothing is appended, where %s", async (_why, meanwhile) => {
    const { room, calls } = openNumbered();
    const [socket, stale] = [await connectAs(room), await connectAs(room)];
    const first = await ask(socket, "m");
    await meanwhile(socket, first);
    const before = await stored(room);
    expect(codeOf(await regenerate(stale, first, "stale"))).toBe("CONFLICT");
    expect(await stored(room)).toEqual(before);
    expect(calls).toHaveLength(2);
    expect(stale.frames.filter(({ type }) => type === "ack")).toEqual([]);
  });

  it("CONFLICT for what the log does not have, or does not have there, and for what no turn has written", async () => {
    const { room } = openNumbered();
    const socket = await connectAs(room);
    const first = await ask(socket, "m");
    const posted = await room.session.post({ content: "notice" });
    const named = [
      { seq: 9, id: first["id"] },
      { seq: 0, id: first["id"] },
      { seq: first["seq"], id: "m" },
      { seq: 1, id: first["id"] },
      { seq: 3, id: posted.id },
      { seq: 1, id: "m" },
    ];
    for (const [at, one] of named.entries()) expect(codeOf(await regenerate(socket, one, `r${at}`))).toBe("CONFLICT");
    expect(await stored(room)).toHaveLength(3);
  });

  it("CONFLICT while the message is being answered, first or again", async () => {
    const tap = new Tap();
    const { room } = openNumbered({
      onMessage: async (_id, { content }, { post, regenerates }) => {
        if (content === "m" && !regenerates) await post({ content: "note" });
        if (content === "m") for await (const _ of tap.pieces()) return "done";
        return undefined;
      },
    });
    const socket = await connectAs(room);
    socket.say("m", { id: "m" });
    const note = await socket.content("note");
    expect(codeOf(await regenerate(socket, note, "early"))).toBe("CONFLICT");
    await runInDurableObject(room.stub, () => tap.push("go"));
    const done = await socket.content("done");
    expect(codeOf(await regenerate(socket, note, "older"))).toBe("CONFLICT");
    socket.say("", { id: "again", metadata: { regenerates: { seq: done["seq"], id: done["id"] } } });
    await ack(socket, "again");
    expect(codeOf(await regenerate(socket, done, "twice"))).toBe("CONFLICT");
    await runInDurableObject(room.stub, () => tap.push("go"));
    expect(await answerTo(socket, "again")).toMatchObject({ metadata: { supersedes: done["id"] } });
  });

  it("FORBIDDEN to others, who may go on talking meanwhile", async () => {
    const { room } = openNumbered();
    const [ann, ben] = [await connectAs(room), await connectAs(room, "ben")];
    const first = await ask(ann, "m");
    expect(codeOf(await regenerate(ben, first, "mine"))).toBe("FORBIDDEN");
    await ask(ben, "hello");
    expect(await regenerate(ann, first, "again")).toMatchObject({ metadata: { supersedes: first["id"] } });
  });

  it("for a message whose turn failed without a reply, and once more where that failed, too", async () => {
    let failures = 2;
    const { room } = openNumbered({
      onMessage: async () => {
        if (failures-- > 0) throw new Error("broken");
        return "at last";
      },
    });
    const socket = await connectAs(room);
    socket.say("m", { id: "m" });
    await socket.error("HANDLER_FAILED");
    expect(await regenerate(socket, { seq: 1, id: "m" }, "r1")).toMatchObject({
      metadata: { code: "HANDLER_FAILED", inReplyTo: "r1", inReplyToSeq: 2 },
    });
    expect(codeOf(await regenerate(socket, { seq: 1, id: "m" }, "stale"))).toBe("CONFLICT");
    const reply = await regenerate(socket, { seq: 2, id: "r1" }, "r2");
    expect(reply).toMatchObject({ content: "at last" });
    expect(reply.metadata).toEqual({ inReplyTo: "r2" });
    expect(codeOf(await regenerate(socket, { seq: 1, id: "m" }, "late"))).toBe("CONFLICT");
  });

  it("again, where the last attempt to do so failed: the reply that is shown is superseded", async () => {
    let isBroken = false;
    const { room } = openNumbered({
      onMessage: async (_id, { content }) => {
        if (isBroken) throw new Error("broken");
        return content;
      },
    });
    const socket = await connectAs(room);
    const first = await ask(socket, "m");
    isBroken = true;
    expect(codeOf(await regenerate(socket, first, "r1"))).toBe("HANDLER_FAILED");
    isBroken = false;
    expect(await regenerate(socket, first, "r2")).toMatchObject({ metadata: { supersedes: first["id"] } });
  });

  it("is streamed as what supersedes the old one, and can be cancelled by the id of the request", async () => {
    const tap = new Tap();
    const { room } = openNumbered({
      onMessage: async (_id, { content }, { regenerates }) => (regenerates ? tap.pieces() : content),
    });
    const { socket } = await connectViewer(room);
    const first = await ask(socket, "m");
    socket.say("", { id: "again", metadata: { regenerates: { seq: first["seq"], id: first["id"] } } });
    await ack(socket, "again");
    await runInDurableObject(room.stub, () => tap.push("new"));
    const { ref } = await socket.find(({ type }) => type === "stream");
    expect(ref).toEqual({ id: "again", seq: 3, supersedes: first["id"] });
    socket.send({ type: "cancel", id: "again" });
    expect(await answerTo(socket, "again")).toMatchObject({
      content: "new",
      metadata: { finish: "cancelled", supersedes: first["id"] },
    });
  });

  it("P11: after a crash, by a second attempt that is given the same", async () => {
    const { room, calls } = openNumbered();
    const socket = await connectAs(room);
    const first = await ask(socket, "m");
    let isHeld = true;
    await room.deploy({
      authenticate,
      onMessage: async (_id, message, context) => {
        calls.push({ message, context, history: (await context.history()).map(({ content }) => content) });
        while (isHeld) await scheduler.wait(1);
        return "second attempt";
      },
    });
    socket.say("", { id: "again", metadata: { regenerates: { seq: first["seq"], id: first["id"] } } });
    await ack(socket, "again");
    await room.crash();
    isHeld = false;
    const again = await connectAs(room);
    expect(await again.content("second attempt")).toMatchObject({
      metadata: { inReplyTo: "again", supersedes: first["id"] },
    });
    const last = calls.at(-1);
    expect(last?.message).toEqual(calls[0]?.message);
    expect(last?.history).toEqual(["m"]);
    expect(last?.context).toMatchObject({ attempt: 2, seq: 1, regenerates: { seq: 2, id: first["id"] } });
  });

  it("P11: is reported after a crash if the log has turned over since, and the message is gone", async () => {
    const room = openSession({
      authenticate,
      maxStoredMessages: 4,
      onMessage: async (_id, { content }, { regenerates }) => {
        if (regenerates) await new Promise(() => "never");
        return content === "m" ? "first" : undefined;
      },
    });
    const socket = await connectAs(room);
    const first = await ask(socket, "m");
    socket.say("", { id: "again", metadata: { regenerates: { seq: first["seq"], id: first["id"] } } });
    await ack(socket, "again");
    for (let n = 0; n < 4; n++) await room.session.post({ content: `${n}` });
    await room.crash();
    expect((await stored(room)).at(-1)).toMatchObject({
      type: "system",
      metadata: { code: "TURN_INTERRUPTED", inReplyTo: "again", inReplyToSeq: 3 },
    });
  });

  it("P8: costs two rows, as a message and its reply do", async () => {
    const { room } = openNumbered();
    const socket = await connectAs(room);
    const first = await ask(socket, "m");
    const usage = newUsage();
    await runInDurableObject(room.stub, (_session, { storage }) => meter(storage, usage));
    await regenerate(socket, first, "again");
    expect(usage.rowsWritten).toBe(2);
  });

  it("P13: plain is not sent the request, live or replayed, and sends none", async () => {
    const { room, calls } = openNumbered();
    const socket = await connectAs(room);
    const { socket: plain } = await connectPlainViewer(room, { as: "ben" });
    const first = await ask(socket, "m");
    await regenerate(socket, first, "again");
    await plain.content("Answer 2");
    const cursor = String(plain.envelopes()[0]?.metadata?.["cursor"]).replace(/:1:.*/, ":0:");
    const { socket: late } = await connectPlainViewer(room, { as: "ben", lastMessageId: cursor });
    await late.settle();
    for (const each of [plain, late]) expect(each.contents()).toEqual(["m", "Answer 1", "Answer 2"]);
    plain.say("", { metadata: { regenerates: { seq: 4, id: first["id"] } } });
    await plain.content("Answer 3");
    expect(calls[2]?.message).toMatchObject({ content: "", metadata: { from: { id: "ben" } } });
  });
});

describe("P11: that a turn failed is known", () => {
  it("after a reload, and to all: the message says so in replays and in the history, and its retry is still a retry", async () => {
    const { room } = openNumbered({
      onMessage: async (_id, { content }) => {
        await scheduler.wait(content === "slow" ? 1 : 0);
        throw new Error("broken");
      },
    });
    const socket = await connectAs(room);
    for (const id of ["quick", "slow"]) {
      socket.say(id, { id, metadata: { failed: "forged", own: 1 } });
      await socket.find(({ metadata }) => metadata?.["inReplyTo"] === id);
    }
    await room.hibernate();
    const late = await connectAs(room, "ben");
    for (const messages of [await late.settle(), await stored(room)]) {
      expect(messages.map(({ metadata }) => metadata)).toEqual(
        Array(2).fill({ own: 1, from: { id: "ann" }, failed: true }),
      );
    }
    socket.say("slow", { id: "slow", metadata: { own: 1 } });
    expect(await socket.find(({ retry }) => retry === true)).toMatchObject({ id: "slow", seq: 2 });
  });

  it("and of one that ended without a reply nothing is said", async () => {
    const { room } = openNumbered({ onMessage: async () => undefined });
    const socket = await connectAs(room);
    socket.say("m", { id: "m", metadata: { failed: true } });
    await ack(socket, "m");
    await room.hibernate();
    expect((await stored(room))[0]?.metadata).toEqual({ from: { id: "ann" } });
  });
});
