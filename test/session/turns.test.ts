import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { ChatError, type ChatMessage, type TurnContext } from "../../src/index.js";
import { openSession, reply, type SessionRoom } from "../fixtures/rooms.js";
import { ack, acks, connectV1, seqs } from "../fixtures/v1.js";

/** A handler that the test lets go on, message by message. */
class Gate {
  readonly begun: string[] = [];
  readonly contexts = new Map<string, TurnContext>();
  readonly #release = new Map<string, (returned: ChatMessage | undefined) => void>();

  readonly onMessage = (_id: string, message: ChatMessage, context: TurnContext) => {
    this.begun.push(message.content);
    this.contexts.set(message.content, context);
    return new Promise<ChatMessage | undefined>((resolve) => this.#release.set(message.content, resolve));
  };

  /** Resolves when so many turns have begun. */
  async hasBegun(turns: number): Promise<void> {
    while (this.begun.length < turns) await scheduler.wait(1);
  }

  /** Ends the turn of a message from within its object, as a real handler would. */
  async release(room: SessionRoom, content: string, returned?: ChatMessage): Promise<void> {
    await runInDurableObject(room.stub, () => this.#release.get(content)?.(returned));
  }
}

const log = async (room: SessionRoom) => (await room.session.history()).messages;
const contents = async (room: SessionRoom) => (await log(room)).map(({ content }) => content);

describe("turns", () => {
  it("P3: run one at a time in log order, while messages are acked at once", async () => {
    const gate = new Gate();
    const room = openSession({ onMessage: gate.onMessage });
    const { socket } = await connectV1(room);
    for (const id of ["a", "b", "c"]) socket.say(id, { id });
    await ack(socket, "c");
    await gate.hasBegun(1);
    expect(gate.begun).toEqual(["a"]);
    await gate.release(room, "a", reply("re a"));
    await socket.content("re a");
    expect(gate.begun).toEqual(["a", "b"]);
    await gate.release(room, "b");
    await gate.release(room, "c", reply("re c"));
    await socket.content("re c");
    expect(await contents(room)).toEqual(["a", "b", "c", "re a", "re c"]);
  });

  it("P3: overlap where the application asks for it, and reply as they finish", async () => {
    const gate = new Gate();
    const room = openSession({ onMessage: gate.onMessage, concurrency: "parallel" });
    const { socket } = await connectV1(room);
    for (const id of ["a", "b"]) socket.say(id, { id });
    await gate.hasBegun(2);
    expect(gate.begun).toEqual(["a", "b"]);
    await gate.release(room, "b", reply("re b"));
    await socket.content("re b");
    await gate.release(room, "a", reply("re a"));
    await socket.content("re a");
    expect(await contents(room)).toEqual(["a", "b", "re b", "re a"]);
  });

  it("P3: never block typing, nor a tool result for the turn that is running", async () => {
    const gate = new Gate();
    const room = openSession({ onMessage: gate.onMessage });
    const { socket } = await connectV1(room);
    socket.say("question", { id: "q" });
    await gate.hasBegun(1);
    socket.send({ type: "tool_result", id: "early", content: "early" });
    await ack(socket, "early");
    await runInDurableObject(room.stub, () =>
      gate.contexts.get("question")?.post({ type: "tool_call", content: "call" }),
    );
    const call = await socket.content("call");
    socket.send({ type: "tool_result", id: "other", content: "other", metadata: { inReplyTo: "somebody else" } });
    socket.send({ type: "tool_result", id: "named", content: "named", metadata: { inReplyTo: call["id"] } });
    socket.send({ type: "tool_result", id: "open", content: "open" });
    await gate.hasBegun(3);
    socket.send({ type: "typing", content: "typing" });
    await socket.settle();
    expect(gate.begun).toEqual(["question", "named", "open", "typing"]);
    for (const content of ["named", "open", "typing", "question", "early", "other"]) await gate.release(room, content);
    expect(gate.begun).toEqual(["question", "named", "open", "typing", "early", "other"]);
  });

  it("P11: are ended when they take too long: signalled, reported, and those behind them run", async () => {
    const gate = new Gate();
    const room = openSession({ onMessage: gate.onMessage, turnTimeout: 1_000 });
    const { socket } = await connectV1(room);
    socket.say("hung", { id: "h" });
    await ack(socket, "h");
    await gate.hasBegun(1);
    const signal = gate.contexts.get("hung")?.signal;
    expect(signal?.aborted).toBe(false);
    socket.say("next", { id: "n" });
    expect((await socket.error("TURN_TIMEOUT")).metadata).toEqual({
      code: "TURN_TIMEOUT",
      inReplyTo: "h",
      inReplyToSeq: 1,
    });
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toBeInstanceOf(ChatError);
    await gate.release(room, "hung", reply("too late"));
    await expect(gate.contexts.get("hung")?.post({ content: "too late" })).rejects.toMatchObject({
      code: "TURN_ENDED",
    });
    expect(gate.contexts.get("hung")?.send({ content: "too late" })).toBe(false);
    await gate.release(room, "next", reply("re next"));
    await socket.content("re next");
    expect(await contents(room)).toEqual(["hung", "next", "re next"]);
    await room.hibernate();
    expect(await contents(room)).toEqual(["hung", "next", "re next"]);
    expect(gate.begun).toEqual(["hung", "next"]);
  });

  it("abort their signal when they end, also where it is first read then", async () => {
    let context: TurnContext | undefined;
    const room = openSession({
      onMessage: async (_id, _message, given) => {
        context = given;
        return undefined;
      },
    });
    const { socket } = await connectV1(room);
    socket.say("x", { id: "x" });
    while (context === undefined) await scheduler.wait(1);
    await socket.settle();
    expect(context.signal.aborted).toBe(true);
  });

  it("P3, P5: send to their connection alone and post to all, in order, before their reply", async () => {
    const room = openSession({
      onMessage: async (_id, _message, { send, post, connectionId, identity, attempt }) => {
        send({ type: "typing", content: "thinking" });
        const posted = await post({ content: "one moment", metadata: { attempt } });
        await post({ type: "system", role: "system", content: `${connectionId !== undefined} ${identity.id}` });
        return reply(`re ${posted.content}`);
      },
    });
    const [{ socket: asker }, { socket: other }] = [await connectV1(room), await connectV1(room)];
    asker.say("x", { id: "x" });
    await Promise.all([asker.content("re one moment"), other.content("re one moment")]);
    expect(asker.contents()).toEqual(["thinking", "one moment", "true anonymous", "re one moment"]);
    expect(other.contents()).toEqual(["x", "one moment", "true anonymous", "re one moment"]);
    expect(seqs(asker)).toEqual([2, 3, 4]);
    const [, moment] = await log(room);
    expect(moment).toMatchObject({ role: "assistant", type: "message", metadata: { attempt: 1 } });
  });

  it("P7: are reported to the requesting connection after the ack when they fail, in the application's words only if it means them for the client", async () => {
    const room = openSession({
      onMessage: async (_id, { content }) => {
        if (content === "plain") throw new Error("secret");
        throw new ChatError("REJECTED", "Not on Sundays.", { cause: new Error("secret") });
      },
    });
    const { socket } = await connectV1(room);
    socket.say("plain", { id: "a" });
    socket.say("meant", { id: "b" });
    await socket.error("REJECTED");
    expect(socket.frames.slice(1).map(({ type, content, metadata }) => [type, content, metadata?.["code"]])).toEqual([
      ["ack", undefined, undefined],
      ["error", "The message could not be handled.", "HANDLER_FAILED"],
      ["ack", undefined, undefined],
      ["error", "Not on Sundays.", "REJECTED"],
    ]);
    await room.crash();
    expect(await contents(room)).toEqual(["plain", "meant"]);
  });

  it("P11: are reported in the log when they fail and their connection is gone", async () => {
    const gate = new Gate();
    const room = openSession({ onMessage: gate.onMessage, turnTimeout: 1_000 });
    const { socket } = await connectV1(room);
    socket.say("x", { id: "x" });
    await gate.hasBegun(1);
    socket.close();
    const { socket: other } = await connectV1(room);
    const report = await other.error("TURN_TIMEOUT");
    expect(report).toMatchObject({ seq: 2, type: "system", role: "system", metadata: { inReplyTo: "x" } });
  });

  it("P11, P12: fill the log until it answers BUSY, and none of their messages is pruned", async () => {
    const gate = new Gate();
    const room = openSession({ onMessage: gate.onMessage, maxStoredMessages: 3 });
    const { socket } = await connectV1(room);
    for (const id of ["a", "b", "refused"]) socket.say(id, { id });
    const busy = await socket.error("BUSY");
    expect(busy.metadata).toMatchObject({ inReplyTo: "refused", retryAfterMs: expect.any(Number) });
    const { socket: third } = await connectV1(room);
    for (const id of ["c", "d"]) third.say(id, { id });
    expect((await third.error("BUSY")).metadata?.["inReplyTo"]).toBe("d");
    const { socket: another } = await connectV1(room);
    another.say("a", { id: "a" });
    expect(await ack(another, "a")).toMatchObject({ seq: 1, retry: true });
    await gate.release(room, "a", reply("re a"));
    await socket.content("re a");
    for (let n = 0; n < 5; n++) await room.session.post({ content: `push ${n}` });
    await room.crash();
    const again = await connectV1(room);
    await gate.hasBegun(4);
    // Of recovered turns the limit key is not known: these two are one author now.
    expect(gate.begun).toEqual(["a", "c", "b", "b"]);
    await gate.release(room, "b", reply("re b"));
    await again.socket.content("re b");
    await gate.release(room, "c", reply("re c"));
    await again.socket.content("re c");
    expect((await contents(room)).slice(-2)).toEqual(["re b", "re c"]);
  });
});

describe("a busy session", () => {
  it("P3: keeps the order of what one connection sends: what comes after a refused message waits for it", async () => {
    const gate = new Gate();
    const room = openSession({ onMessage: gate.onMessage, maxStoredMessages: 1, rateLimit: false });
    const { socket } = await connectV1(room);
    socket.say("q", { id: "q" });
    await ack(socket, "q");
    socket.say("first", { id: "first" });
    await socket.error("BUSY");
    await gate.release(room, "q", reply("re q"));
    await socket.content("re q");
    socket.say("second", { id: "second" });
    expect((await socket.error("RATE_LIMITED")).metadata).toMatchObject({ inReplyTo: "second" });
    socket.say("first", { id: "first" });
    expect(await ack(socket, "first")).toMatchObject({ seq: 3 });
  });

  it("P12: accepts no more tool results of one client than half of what it can hold beside messages, though it waits for one", async () => {
    const gate = new Gate();
    const room = openSession({ onMessage: gate.onMessage, maxStoredMessages: 3, rateLimit: false });
    const { socket } = await connectV1(room);
    socket.say("go", { id: "go" });
    await gate.hasBegun(1);
    await runInDurableObject(room.stub, () => gate.contexts.get("go")?.post({ type: "tool_call", content: "call" }));
    for (let n = 0; n < 20; n++) socket.send({ type: "tool_result", id: `${n}`, content: `${n}` });
    await socket.error("BUSY");
    await room.session.history();
    await socket.settle();
    expect(acks(socket)).toHaveLength(3);
  });
});

describe("P11: an interrupted turn", () => {
  it("runs again on the next wake-up and is given the number of its attempt", async () => {
    const gate = new Gate();
    const room = openSession({ onMessage: gate.onMessage });
    const { socket, hello } = await connectV1(room);
    for (const id of ["a", "b"]) socket.say(id, { id });
    await ack(socket, "b");
    await gate.hasBegun(1);
    await room.crash();
    expect((await socket.end()).code).toBe(1006);
    const again = await connectV1(room, `${hello.epoch}:2`);
    await gate.hasBegun(2);
    expect(gate.begun).toEqual(["a", "a"]);
    const context = gate.contexts.get("a");
    expect([context?.attempt, context?.connectionId, context?.identity]).toEqual([2, undefined, { id: "anonymous" }]);
    await gate.release(room, "a", reply("re a"));
    await again.socket.content("re a");
    // The second never began before the crash: this is its first attempt.
    expect(gate.contexts.get("b")?.attempt).toBe(1);
    await gate.release(room, "b", reply("re b"));
    await again.socket.content("re b");
    expect(await contents(room)).toEqual(["a", "b", "re a", "re b"]);
  });

  it("is not run again once its reply is in the log, nor if it ended without one", async () => {
    const gate = new Gate();
    const room = openSession({ onMessage: gate.onMessage, concurrency: "parallel" });
    const { socket } = await connectV1(room);
    for (const id of ["a", "b", "c"]) socket.say(id, { id });
    await gate.hasBegun(3);
    await gate.release(room, "b", reply("re b"));
    await socket.content("re b");
    await gate.release(room, "c");
    await room.session.history();
    await room.crash();
    await connectV1(room);
    await gate.hasBegun(4);
    expect(gate.begun).toEqual(["a", "b", "c", "a"]);
    await gate.release(room, "a", reply("re a"));
    await room.crash();
    await connectV1(room);
    expect(gate.begun).toEqual(["a", "b", "c", "a"]);
    expect(await contents(room)).toEqual(["a", "b", "c", "re b", "re a"]);
  });

  it("posts nothing twice when it runs again", async () => {
    const attempts: number[] = [];
    const posted: string[] = [];
    const room = openSession({
      onMessage: async (_id, _message, { attempt, post, signal }) => {
        attempts.push(attempt);
        posted.push((await post({ content: `step one, attempt ${attempt}` })).content);
        posted.push((await post({ content: "step two", id: "named" })).content);
        if (attempt === 1) await new Promise((resolve) => signal.addEventListener("abort", resolve));
        await post({ content: "step three" });
        return reply("done");
      },
    });
    const { socket } = await connectV1(room);
    socket.say("x", { id: "x" });
    await socket.content("step two");
    await room.crash();
    const again = await connectV1(room);
    await again.socket.content("done");
    expect(attempts).toEqual([1, 2]);
    expect(posted).toEqual(["step one, attempt 1", "step two", "step one, attempt 1", "step two"]);
    expect(await contents(room)).toEqual(["x", "step one, attempt 1", "step two", "step three", "done"]);
  });

  it("P2: is not silenced by a client that has taken the id of its post, and posts it once", async () => {
    const outcomes: unknown[] = [];
    const room = openSession({
      onMessage: async (_id, { content }, { attempt, post }) => {
        if (content !== "go") return undefined;
        outcomes.push(await post({ id: "squat", content: "important" }).catch((error: unknown) => error));
        return attempt === 1 ? new Promise<undefined>(() => "never") : reply("done");
      },
    });
    const { socket } = await connectV1(room);
    socket.say("squatted", { id: "squat" });
    socket.say("go", { id: "go" });
    while (outcomes.length === 0) await scheduler.wait(1);
    await room.crash();
    await (await connectV1(room)).socket.content("done");
    const posted = expect.objectContaining({ id: "squat", content: "important" });
    expect(outcomes).toEqual([posted, posted]);
    const { messages } = await room.session.history();
    expect(messages.map(({ content }) => content)).toEqual(["squatted", "go", "important", "done"]);
  });

  it("gets the tool result that came before the crash, once it has called again", async () => {
    const results: string[] = [];
    let wake: (() => void) | undefined;
    const room = openSession({
      onMessage: async (_id, message, { attempt, post }) => {
        if (message.type === "tool_result") {
          results.push(message.content);
          wake?.();
          return attempt === 1 && results.length === 1 ? new Promise<undefined>(() => "never") : undefined;
        }
        await post({ type: "tool_call", content: "call" });
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        return attempt === 1 ? new Promise<undefined>(() => "never") : reply("done");
      },
    });
    const { socket } = await connectV1(room);
    socket.say("go", { id: "go" });
    const call = await socket.content("call");
    socket.send({ type: "tool_result", id: "r", content: "4", metadata: { inReplyTo: call["id"] } });
    await ack(socket, "r");
    await room.crash();
    await (await connectV1(room)).socket.content("done");
    expect(results).toEqual(["4", "4"]);
  });

  it("is reported in the log when its attempts are exhausted", async () => {
    const gate = new Gate();
    const room = openSession({ onMessage: gate.onMessage, turnAttempts: 2 });
    const first = await connectV1(room);
    first.socket.say("x", { id: "x" });
    await gate.hasBegun(1);
    await room.crash();
    await connectV1(room);
    await gate.hasBegun(2);
    await room.crash();
    const { socket } = await connectV1(room);
    expect(await socket.error("TURN_INTERRUPTED")).toMatchObject({
      seq: 2,
      type: "system",
      metadata: { inReplyTo: "x" },
    });
    await room.crash();
    await connectV1(room);
    expect(gate.begun).toEqual(["x", "x"]);
    expect(await log(room)).toHaveLength(2);
  });

  it("is resumed by an alarm where the application asks for one, with nobody reconnecting", async () => {
    const gate = new Gate();
    const room = openSession({ onMessage: gate.onMessage, recoverByAlarm: true });
    const { socket } = await connectV1(room);
    socket.say("x", { id: "x" });
    await gate.hasBegun(1);
    await room.session.history();
    await room.crash();
    expect(await runDurableObjectAlarm(room.stub)).toBe(true);
    await gate.hasBegun(2);
    expect(gate.begun).toEqual(["x", "x"]);
  });

  it("keeps its object awake while it runs", async () => {
    const gate = new Gate();
    const room = openSession({ onMessage: gate.onMessage });
    const { socket } = await connectV1(room);
    socket.say("x", { id: "x" });
    await gate.hasBegun(1);
    await socket.settle();
    const evicted = evictDurableObject(room.stub).then(() => "evicted");
    expect(await Promise.race([evicted, scheduler.wait(50).then(() => "awake")])).toBe("awake");
    await gate.release(room, "x", reply("re x"));
    await socket.content("re x");
    await evicted;
    expect(acks(socket)).toHaveLength(1);
  });
});

describe("ephemeral replies", () => {
  it("P3: are sent in their place among the others, to everyone or the requesting connection, and never stored", async () => {
    const room = openSession({
      onMessage: async () => [
        reply("first"),
        { ...reply("typing on"), type: "typing" },
        { ...reply("only for you"), type: "error", role: "system" },
        reply("last"),
        { ...reply("typing off"), type: "typing" },
      ],
    });
    const [{ socket: asker }, other] = [await connectV1(room), await room.connect()];
    asker.say("x", { id: "x" });
    await Promise.all([asker.content("typing off"), other.content("typing off")]);
    expect(asker.contents()).toEqual(["first", "typing on", "only for you", "last", "typing off"]);
    expect(other.contents()).toEqual(["x", "first", "typing on", "last", "typing off"]);
    expect(await contents(room)).toEqual(["x", "first", "last"]);
    // An ephemeral id stands for what had been sent by then: resuming from it brings what came after, once.
    const { id } = await other.content("typing on");
    const again = await room.connect({ query: { lastMessageId: String(id) } });
    expect((await again.settle()).map(({ content }) => content)).toEqual(["last"]);
  });

  it("with equal ids are all kept", async () => {
    const same = reply("one");
    const room = openSession({ onMessage: async () => [same, { ...same, content: "two" }] });
    const socket = await room.connect();
    socket.say("x");
    await socket.content("two");
    const ids = (await log(room)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
  });

  it("may be posted to everyone, by a handler or by a worker", async () => {
    const room = openSession({
      onMessage: async (_id, _message, { post }) => {
        await post({ type: "typing", content: "thinking" });
        return reply("done");
      },
    });
    const [asker, other] = [await room.connect(), await room.connect()];
    asker.say("x");
    await Promise.all([asker.content("done"), other.content("done")]);
    expect(asker.contents()).toEqual(["thinking", "done"]);
    await room.session.post({ type: "typing", content: "from a worker" });
    await other.content("from a worker");
    expect(await contents(room)).toEqual(["x", "done"]);
  });
});
