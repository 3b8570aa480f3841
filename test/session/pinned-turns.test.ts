import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatMessage } from "../../src/index.js";
import { openSession, type SessionRoom, silent } from "../fixtures/rooms.js";
import { ack, connectV1, seqs } from "../fixtures/v1.js";
import { sessionOptions } from "../fixtures/worker.js";

const never = () => new Promise<undefined>(() => "a turn that hangs");
const placed = async (room: SessionRoom) =>
  (await room.session.history({ limit: 1_000 })).messages.map(({ seq, content }) => `${seq} ${content}`);

describe("P11: a log whose oldest turns are unfinished", () => {
  it("keeps its newest envelopes all the same, and gives no seq twice after a crash", async () => {
    const room = openSession({ onMessage: never, maxStoredMessages: 2, turnAttempts: 9 });
    const { socket, hello } = await connectV1(room);
    socket.say("a", { id: "a" });
    await ack(socket, "a");
    const { socket: other } = await connectV1(room);
    other.say("b", { id: "b" });
    await ack(other, "b");
    for (const content of ["one", "two", "three"]) await room.session.post({ content });
    expect(await placed(room)).toEqual(["4 two", "5 three"]);
    await room.crash();
    expect((await connectV1(room, `${hello.epoch}:3`)).hello).toMatchObject({ resume: "complete", head: 5, tail: 4 });
    await room.session.post({ content: "four" });
    expect(await placed(room)).toEqual(["5 three", "6 four"]);
    const rows = await runInDurableObject(room.stub, (_, { storage }) =>
      storage.sql.exec("SELECT group_concat(seq) AS seqs FROM (SELECT seq FROM workkit_chat_log ORDER BY seq)").one(),
    );
    expect(rows).toEqual({ seqs: "1,2,5,6" });
  });

  it("P2: knows a retry of its newest envelopes, awake and after sleep", async () => {
    const room = openSession({
      onMessage: (_id, { content }) => (content === "slow" ? never() : silent()),
      concurrency: "parallel",
      maxStoredMessages: 3,
    });
    const { socket } = await connectV1(room);
    for (const id of ["slow", "b", "c", "d", "e"]) socket.say(id, { id });
    await ack(socket, "e");
    socket.say("c", { id: "c" });
    await socket.find((frame) => frame["retry"] === true && frame["seq"] === 3);
    await room.crash();
    const again = await connectV1(room);
    again.socket.say("c", { id: "c" });
    expect(await ack(again.socket, "c")).toMatchObject({ seq: 3, retry: true });
  });

  it("accepts the tool result that the running turn waits for, though it is full", async () => {
    let answered: (() => void) | undefined;
    const room = openSession({
      maxStoredMessages: 2,
      onMessage: async (_id, message, { post }) => {
        if (message.type === "tool_result") answered?.();
        if (message.content !== "go") return undefined;
        await post({ type: "tool_call", content: "call" });
        await new Promise<void>((resolve) => {
          answered = resolve;
        });
        await post({ content: "done" });
        return undefined;
      },
    });
    const { socket } = await connectV1(room);
    for (const id of ["go", "waiting"]) socket.say(id, { id });
    const call = await socket.content("call");
    socket.say("one too many", { id: "full" });
    await socket.error("BUSY");
    socket.send({ type: "tool_result", id: "result", content: "4", metadata: { inReplyTo: call["id"] } });
    await socket.content("done");
  });

  it("has no hole after a smaller capacity, a turn that ended silently, and a larger capacity", async () => {
    const room = openSession({ onMessage: silent, maxStoredMessages: 10, rateLimit: false });
    const { socket, hello } = await connectV1(room);
    for (let n = 1; n <= 9; n++) socket.say(`m${n}`, { id: `m${n}` });
    await ack(socket, "m9");
    await room.deploy({ onMessage: never, maxStoredMessages: 10 });
    socket.say("slow", { id: "slow" });
    await ack(socket, "slow");
    const ended: string[] = [];
    const slowly = async (_id: string, { content }: ChatMessage): Promise<undefined> => {
      await scheduler.wait(1);
      ended.push(content);
      return undefined;
    };
    sessionOptions.set(room.name, { onMessage: slowly, maxStoredMessages: 3 });
    await room.crash();
    const { socket: waking } = await connectV1(room);
    while (ended.length === 0) await scheduler.wait(5);
    await waking.settle();
    await room.deploy({ onMessage: silent, maxStoredMessages: 100 });
    const again = await connectV1(room, `${hello.epoch}:2`);
    await again.socket.find(({ type }) => type === "page");
    const expected = again.hello.resume === "gap" ? [again.hello.tail, 10] : [3, 10];
    expect([seqs(again.socket)[0], seqs(again.socket).at(-1)]).toEqual(expected);
    expect(seqs(again.socket)).toHaveLength(11 - Number(expected[0]));
  });
});

describe("P11: a message that ends the object", () => {
  it("is reported once its attempts are exhausted, also where it does so before anything could be awaited", async () => {
    const attempts: number[] = [];
    let abort: ((reason: string) => void) | undefined;
    const room = openSession({
      turnAttempts: 3,
      onMessage: async (_id, { content }, { attempt }) => {
        if (content !== "poison") return undefined;
        attempts.push(attempt);
        if (attempt === 1) await scheduler.wait(20);
        abort?.("poisoned");
        return never();
      },
    });
    const { socket } = await connectV1(room);
    await runInDurableObject(room.stub, (_, state) => {
      abort = (reason) => state.abort(reason);
    });
    socket.say("poison", { id: "p" });
    await socket.end();
    for (let wakes = 0; wakes < 6; wakes++) {
      await runInDurableObject(room.stub, (instance, state) => {
        abort = (reason) => state.abort(reason);
        return instance.workkitChat("connections", []);
      }).catch(() => "the object ended");
      await scheduler.wait(20);
    }
    expect(attempts).toEqual([1, 2, 3]);
    expect((await room.session.history()).messages[1]?.metadata).toEqual({
      code: "TURN_INTERRUPTED",
      inReplyTo: "p",
      inReplyToSeq: 1,
    });
  });
});
