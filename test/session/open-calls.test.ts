import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { ChatError, type ChatMessage } from "../../src/index.js";
import { answer, ask, callTools, codeOf, connectAs, openCalling, replyTo } from "../fixtures/calls.js";
import { meter, newUsage } from "../fixtures/meter.js";
import type { SessionRoom } from "../fixtures/rooms.js";
import { connectPlainViewer, connectViewer, isReply } from "../fixtures/streams.js";
import { ack } from "../fixtures/v1.js";

const stored = async (room: SessionRoom) => (await room.session.history({ limit: 1_000 })).messages;

/** Meters a session from now on. */
async function metered(room: SessionRoom) {
  const usage = newUsage();
  await runInDurableObject(room.stub, (_session, { storage }) => meter(storage, usage));
  return usage;
}

/** Has so many envelopes enter the log that nothing older is left. */
async function turnOver(room: SessionRoom, entries: number): Promise<void> {
  await Promise.all(Array.from({ length: entries }, (_, n) => room.session.post({ content: `${n}` })));
}

describe("a reply that ends with calls of tools which are not run", () => {
  it("ends its turn, and each call is an envelope of its own", async () => {
    const { room } = openCalling();
    const socket = await connectAs(room);
    const { reply, calls } = await ask(socket, "m", { calls: ["c1", "c2"], needsApproval: true });
    expect(reply).toMatchObject({ content: "Let me see.", metadata: { finish: "tool-calls", inReplyTo: "m" } });
    expect(calls).toMatchObject([
      {
        role: "assistant",
        content: "pay",
        seq: 3,
        metadata: {
          inReplyTo: "m",
          reply: reply["id"],
          toolCallId: "c1",
          toolName: "pay",
          input: { amount: 5, toolCallId: "c1" },
          needsApproval: true,
          for: { id: "ann" },
          expiresAt: expect.any(Number),
        },
      },
      { seq: 4, metadata: { toolCallId: "c2" } },
    ]);
    socket.say("next", { id: "next" });
    await socket.content("Echo: next");
  });

  it("goes on when the last of its calls is answered, whatever the order, by a turn of its own", async () => {
    const { room, continued } = openCalling();
    const socket = await connectAs(room);
    const { reply, calls } = await ask(socket, "m", { calls: ["c1", "c2"] });
    expect(await answer(socket, calls[1], "r2", "two")).toMatchObject({ type: "ack", seq: 5 });
    await socket.settle();
    expect(continued).toEqual([]);
    expect(await answer(socket, calls[0], "r1", "one")).toMatchObject({ type: "ack", seq: 6 });
    expect(await replyTo(socket, "r1")).toMatchObject({
      content: "Goes on: one,two",
      metadata: { inReplyTo: "r1", continues: reply["id"] },
    });
    const [{ context, history } = {}] = continued;
    expect(context).toMatchObject({ attempt: 1, seq: 6, identity: { id: "ann" } });
    expect(context?.continues).toEqual({
      id: reply["id"],
      calls: ["c1", "c2"].map((toolCallId, at) => ({
        id: calls[at]?.["id"],
        toolCallId,
        toolName: "pay",
        input: { amount: 5, toolCallId },
        content: ["one", "two"][at],
        isError: false,
        approved: undefined,
        reason: undefined,
        by: { id: "ann" },
      })),
    });
    expect(history?.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("takes an approval, and why", async () => {
    const { room, continued } = openCalling();
    const socket = await connectAs(room);
    const { calls } = await ask(socket, "m", { calls: ["c1"], needsApproval: true });
    await answer(socket, calls[0], "r", { approved: false, reason: "Too much." });
    await replyTo(socket, "r");
    expect(continued[0]?.context.continues?.calls).toMatchObject([
      { approved: false, reason: "Too much.", content: "" },
    ]);
  });

  it("may end with further calls, whose answers go on with the same reply", async () => {
    const { room, continued } = openCalling({}, async (_id, _message, { continues }) =>
      continues?.calls[0]?.toolCallId === "c1" ? callTools({ calls: ["c9"] }) : "done",
    );
    const socket = await connectAs(room);
    const { reply, calls } = await ask(socket, "m", { calls: ["c1"] });
    await answer(socket, calls[0], "r1", "one");
    const [next] = [
      await socket.find(({ type, metadata }) => type === "tool_call" && metadata?.["toolCallId"] === "c9"),
    ];
    expect(next?.metadata).toMatchObject({ for: { id: "ann" }, inReplyTo: "r1" });
    await answer(socket, next, "r9", "nine");
    expect(await replyTo(socket, "r9")).toMatchObject({ content: "done", metadata: { continues: reply["id"] } });
    expect(continued).toHaveLength(2);
  });

  it("of context.stream, too; not where the handler says more, and not one that was cut off", async () => {
    let more: string | undefined;
    const { room } = openCalling({
      onMessage: async (_id, { content }, { stream, continues }) => {
        if (continues) return "went on";
        await stream(() => callTools({ calls: ["c1"] }));
        more = content === "more" ? "more said" : undefined;
        return more;
      },
    });
    const socket = await connectAs(room);
    socket.say("more", { id: "m1" });
    await socket.content("more said");
    await socket.settle();
    expect(socket.frames.filter(({ type }) => type === "tool_call")).toEqual([]);
    socket.say("less", { id: "m2" });
    const call = await socket.find(({ type }) => type === "tool_call");
    await answer(socket, call, "r", "one");
    expect(await replyTo(socket, "r")).toMatchObject({ content: "went on" });
  });

  it("P10: shows what goes on as a part of the reply, with the result of a tool at its call", async () => {
    const { room } = openCalling({}, async function* () {
      yield { type: "tool-output-available", toolCallId: "c1", output: { paid: 5 } };
      // What has ended by the next flush is sent as an envelope alone.
      await scheduler.wait(100);
      yield "Paid.";
    });
    const { socket } = await connectViewer(room);
    const { reply, calls } = await ask(socket, "m", { calls: ["c1"], needsApproval: true });
    await answer(socket, calls[0], "r", { approved: true });
    const shown = await socket.find(({ type, ref }) => type === "stream" && Object(ref).id === "r");
    expect(shown).toMatchObject({ ref: { id: "r", seq: 4, continues: reply["id"] } });
    expect((await replyTo(socket, "r")).metadata).toMatchObject({
      parts: [
        { type: "dynamic-tool", toolCallId: "c1", toolName: "pay", input: { amount: 5 }, state: "output-available" },
        { type: "text" },
      ],
    });
  });
});

describe("P2: an answer to an open call", () => {
  it("counts once: the first of two people at once, the second one learns it, and a resend is still a retry", async () => {
    const { room, continued } = openCalling({ mayAnswer: ({ id }) => id === "boss" });
    const [ann, boss] = [await connectAs(room), await connectAs(room, "boss")];
    const { calls } = await ask(ann, "m", { calls: ["c1"], needsApproval: true });
    const answers = [
      answer(ann, calls[0], "a1", { approved: true }),
      answer(boss, calls[0], "a2", { approved: false }),
    ];
    const kinds = (await Promise.all(answers)).map((frame) => codeOf(frame) ?? frame["type"]).sort();
    expect(kinds).toEqual(["ALREADY_ANSWERED", "ack"]);
    await ann.find(({ metadata }) => metadata?.["continues"] !== undefined);
    const before = await stored(room);
    for (const [socket, id] of [
      [ann, "a1"],
      [boss, "a2"],
      [boss, "a3"],
    ] as const) {
      const seen = socket.frames.length;
      const approved = id === "a1";
      socket.send({ type: "tool_result", id, content: "", metadata: { approved, inReplyTo: calls[0]?.["id"] } });
      while (socket.frames.length === seen) await scheduler.wait(1);
    }
    expect(await stored(room)).toEqual(before);
    expect(continued).toHaveLength(1);
    expect(ann.frames.some(({ retry }) => retry === true)).toBe(true);
    expect((await answer(boss, calls[0], "a4", { approved: true })).metadata?.["code"]).toBe("ALREADY_ANSWERED");
  });

  it("counts once while another call of its reply is open, too", async () => {
    const { room, continued } = openCalling();
    const socket = await connectAs(room);
    const { calls } = await ask(socket, "m", { calls: ["c1", "c2"] });
    expect(await answer(socket, calls[0], "r1", "one")).toMatchObject({ type: "ack" });
    expect(codeOf(await answer(socket, calls[0], "r2", "other"))).toBe("ALREADY_ANSWERED");
    expect(continued).toEqual([]);
    expect(await answer(socket, calls[1], "r3", "two")).toMatchObject({ type: "ack" });
    expect(await replyTo(socket, "r3")).toMatchObject({ content: "Goes on: one,two" });
  });

  it("is refused to others, unless the application lets them", async () => {
    const asked: unknown[] = [];
    const { room, continued } = openCalling({
      mayAnswer: (identity, call) => {
        asked.push([identity.id, call.author, call.message.metadata?.["toolCallId"]]);
        if (identity.id === "eve") throw new Error("broken");
        return identity.id === "boss";
      },
    });
    const [ann, ben, eve, boss] = [
      await connectAs(room),
      await connectAs(room, "ben"),
      await connectAs(room, "eve"),
      await connectAs(room, "boss"),
    ];
    const { calls } = await ask(ann, "m", { calls: ["c1"] });
    for (const socket of [ben, eve]) expect(codeOf(await answer(socket, calls[0], "x", "mine"))).toBe("FORBIDDEN");
    expect(await answer(boss, calls[0], "y", "ok")).toMatchObject({ type: "ack" });
    await replyTo(boss, "y");
    expect(asked).toEqual(["ben", "eve", "boss"].map((id) => [id, { id: "ann" }, "c1"]));
    expect(continued[0]?.context.identity).toEqual({ id: "boss" });
  });

  it("CONFLICT once the one who asked has said something else, and its calls are closed", async () => {
    const { room, continued } = openCalling();
    const [ann, ben] = [await connectAs(room), await connectAs(room, "ben")];
    const { calls } = await ask(ann, "m", { calls: ["c1", "c2"] });
    await answer(ann, calls[0], "r1", "one");
    ben.say("hello", { id: "b" });
    await ben.content("Echo: hello");
    expect(await room.session.openCalls()).toHaveLength(1);
    ann.say("never mind", { id: "m2" });
    await ann.content("Echo: never mind");
    for (const call of calls) expect(codeOf(await answer(ann, call, `r-${call["id"]}`, "late"))).toBe("CONFLICT");
    expect(await room.session.openCalls()).toEqual([]);
    await room.hibernate();
    const again = await connectAs(room);
    expect(codeOf(await answer(again, calls[1], "r2", "late"))).toBe("CONFLICT");
    expect(continued).toEqual([]);
  });

  it("CONFLICT once it has expired, which nobody has to wake up for", async () => {
    const { room, continued } = openCalling({ answerTimeout: 1 });
    const socket = await connectAs(room);
    const { calls } = await ask(socket, "m", { calls: ["c1"] });
    await scheduler.wait(5);
    expect(codeOf(await answer(socket, calls[0], "r", "late"))).toBe("CONFLICT");
    expect(await room.session.openCalls()).toEqual([]);
    expect(continued).toEqual([]);
  });

  it("P6: changes nothing of the call, whatever it says", async () => {
    const { room, continued } = openCalling();
    const socket = await connectAs(room);
    const { calls } = await ask(socket, "m", { calls: ["c1"] });
    const forged = { toolCallId: "x", toolName: "steal", input: { amount: 1e6 }, from: { id: "boss" } };
    socket.send({ type: "tool_result", id: "r", content: "ok", metadata: { ...forged, inReplyTo: calls[0]?.["id"] } });
    await replyTo(socket, "r");
    expect(continued[0]?.context.continues?.calls).toMatchObject([
      { toolCallId: "c1", toolName: "pay", input: { amount: 5 }, by: { id: "ann" } },
    ]);
  });

  it("P7: is refused before it is out of turn, or spends the rate", async () => {
    const { room } = openCalling({ rateLimit: { burst: 2, perSecond: 0.001 }, mayAnswer: () => false });
    const [ann, ben] = [await connectAs(room), await connectAs(room, "ben")];
    const { calls } = await ask(ann, "m", { calls: ["c1"] });
    await answer(ann, calls[0], "r", "one");
    await replyTo(ann, "r");
    ann.say("too much", { id: "blocked" });
    await ann.error("RATE_LIMITED");
    expect(codeOf(await answer(ann, calls[0], "s", "two"))).toBe("ALREADY_ANSWERED");
    expect(codeOf(await answer(ben, calls[0], "s", "two"))).toBe("FORBIDDEN");
  });

  it("of no open call is a message as any other", async () => {
    const { room } = openCalling();
    const socket = await connectAs(room);
    socket.send({ type: "tool_result", id: "r", content: "loose", metadata: { inReplyTo: "nothing" } });
    await socket.content("Result: loose");
  });

  it("P13: comes from plain, too", async () => {
    const { room } = openCalling();
    const { socket: plain } = await connectPlainViewer(room, { as: "ann" });
    plain.say(JSON.stringify({ calls: ["c1"] }), { id: "m" });
    const call = await plain.find(({ type }) => type === "tool_call");
    plain.send({ type: "tool_result", content: "by plain", metadata: { inReplyTo: call["id"] } });
    await plain.content("Goes on: by plain");
  });

  it("comes by RPC for someone, whatever mayAnswer says", async () => {
    const { room, continued } = openCalling();
    const socket = await connectAs(room);
    const { calls } = await ask(socket, "m", { calls: ["c1", "c2"], needsApproval: true });
    const ids = calls.map(({ id }) => String(id));
    expect((await room.session.openCalls()).map(({ id }) => id)).toEqual(ids);
    const by = { id: "desk", name: "The desk" };
    expect(await room.session.answer(ids[0] ?? "", { approved: true, reason: "fine" }, by)).toMatchObject({
      type: "tool_result",
      role: "user",
      metadata: { inReplyTo: ids[0], approved: true, reason: "fine", from: by },
    });
    expect((await room.session.openCalls()).map(({ id }) => id)).toEqual(ids.slice(1));
    await room.session.answer(ids[1] ?? "", "two", by);
    await socket.content("Goes on: true,two");
    expect(continued[0]?.context.identity).toEqual(by);
    const refusals = [
      room.session.answer(ids[0] ?? "", "again", by),
      room.session.answer("nothing", "x", by),
      room.session.answer("", "x", by),
      room.session.answer(ids[0] ?? "", "x", { id: "" }),
      room.session.answer(ids[0] ?? "", { content: 5 } as never, by),
    ];
    const codes = (await Promise.allSettled(refusals)).map((it) => it.status === "rejected" && it.reason.code);
    expect(codes).toEqual(["ALREADY_ANSWERED", "CONFLICT", "INVALID_OPTION", "INVALID_OPTION", "INVALID_OPTION"]);
  });
});

describe("P11: an open call", () => {
  it("may be answered after days, a deploy, a crash, and a log that has turned over ten times", async () => {
    const { room, continued } = openCalling({ maxStoredMessages: 20 });
    const socket = await connectAs(room);
    const { reply, calls } = await ask(socket, "m", { calls: ["c1", "c2"], needsApproval: true });
    await answer(socket, calls[0], "r1", { approved: true });
    await turnOver(room, 200);
    await room.crash();
    const again = await connectAs(room);
    await again.settle();
    expect((await room.session.openCalls()).map(({ id }) => id)).toEqual([calls[1]?.["id"]]);
    expect(await answer(again, calls[1], "r2", { approved: true })).toMatchObject({ type: "ack" });
    expect(await replyTo(again, "r2")).toMatchObject({ metadata: { continues: reply["id"] } });
    const { context, history } = continued[0] ?? {};
    expect(context?.continues?.calls.map(({ approved, input }) => [approved, input])).toEqual([
      [true, { amount: 5, toolCallId: "c1" }],
      [true, { amount: 5, toolCallId: "c2" }],
    ]);
    expect(history?.slice(0, 5).map(({ id }) => id)).toEqual(["m", reply["id"], ...calls.map(({ id }) => id), "r1"]);
    expect(history?.at(-1)?.id).toBe("r2");
  });

  it("that was answered last before a crash is gone on with once, by the next attempt", async () => {
    let isHeld = true;
    const attempts: number[] = [];
    const { room } = openCalling({}, async (_id, _message, { attempt, continues }) => {
      attempts.push(attempt);
      while (isHeld) await scheduler.wait(1);
      return `attempt ${attempt}: ${continues?.calls.map(({ content }) => content)}`;
    });
    const socket = await connectAs(room);
    const { reply, calls } = await ask(socket, "m", { calls: ["c1", "c2"] });
    await answer(socket, calls[0], "r1", "one");
    socket.send({ type: "tool_result", id: "r2", content: "two", metadata: { inReplyTo: calls[1]?.["id"] } });
    await ack(socket, "r2");
    while (attempts.length === 0) await scheduler.wait(1);
    await room.crash();
    const again = await connectAs(room);
    isHeld = false;
    expect(await replyTo(again, "r2")).toMatchObject({
      content: "attempt 2: one,two",
      metadata: { continues: reply["id"] },
    });
    await room.crash();
    const late = await connectAs(room);
    expect(codeOf(await answer(late, calls[1], "r3", "late"))).toBe("ALREADY_ANSWERED");
    expect((await stored(room)).filter(({ metadata }) => metadata?.["continues"])).toHaveLength(1);
    expect(attempts).toEqual([1, 2]);
  });

  it("P8: a wake-up with a hundred reads no more rows than one without", async () => {
    const reads: number[] = [];
    for (const people of [0, 5]) {
      const { room } = openCalling({ maxStoredMessages: 150 });
      for (let n = 0; n < people; n++) {
        const socket = await connectAs(room, `p${n}`);
        await ask(socket, `m${n}`, { calls: Array.from({ length: 20 }, (_, at) => `c${at}`) });
        socket.close();
      }
      expect(await room.session.openCalls()).toHaveLength(20 * people);
      const { head } = await room.session.history({ limit: 1 });
      await turnOver(room, 150 - head);
      await room.hibernate();
      const usage = await metered(room);
      const socket = await connectAs(room, "visitor");
      socket.say("hello", { id: "hello" });
      await socket.content("Echo: hello");
      await room.hibernate();
      reads.push(usage.rowsRead);
    }
    expect(reads[1]).toBe(reads[0]);
  });

  it("P8: costs a row, its reply one more; an answer two, the last of a reply one, and one when its turn ends", async () => {
    const { room } = openCalling();
    await ask(await connectAs(room, "ben"), "first", { calls: ["c1"] });
    const socket = await connectAs(room);
    const usage = await metered(room);
    const { calls } = await ask(socket, "m", { calls: ["c1", "c2", "c3"] });
    expect(usage.rowsWritten).toBe(2 + 3 + 1);
    await answer(socket, calls[0], "r1", "one");
    expect(usage.rowsWritten).toBe(8);
    await answer(socket, calls[1], "r2", "two");
    expect(usage.rowsWritten).toBe(10);
    await answer(socket, calls[2], "r3", "three");
    await replyTo(socket, "r3");
    expect(usage.rowsWritten).toBe(13);
  });

  it("P12: one identity may have 20, a session 100: beyond, the reply ends with BUSY, and everyone goes on", async () => {
    const { room } = openCalling({ concurrency: "parallel", maxStoredMessages: 1_000 });
    const many = (count: number) => ({ calls: Array.from({ length: count }, (_, at) => `c${at}`) });
    const busy = async (as: string, count: number) => {
      const socket = await connectAs(room, as);
      socket.say(JSON.stringify(many(count)), { id: "m" });
      const reply = await socket.find((frame) => isReply(frame) && frame.metadata?.["inReplyTo"] === "m");
      socket.say("and now?", { id: "n" });
      await socket.content("Echo: and now?");
      return reply.metadata;
    };
    expect(await busy("greedy", 21)).toMatchObject({ finish: "error", error: { code: "BUSY" } });
    for (let n = 0; n < 5; n++) await ask(await connectAs(room, `p${n}`), "m", many(20));
    expect(await busy("late", 1)).toMatchObject({ finish: "error", error: { code: "BUSY" } });
    expect(await room.session.openCalls()).toHaveLength(100);
    const first = await connectAs(room, "p0");
    const [call] = await room.session.openCalls();
    expect(await answer(first, { id: call?.id }, "r", "in")).toMatchObject({ type: "ack" });
    await ask(await connectAs(room, "next"), "m", many(1));
  });

  it("P12: whose inputs are too large ends with BUSY", async () => {
    const { room } = openCalling({
      onMessage: async (_id, { content }) => {
        const input = "x".repeat(Number(content));
        return (async function* () {
          yield { type: "tool-input-available", toolCallId: "c", toolName: "t", input };
          yield { type: "finish", finishReason: "tool-calls" };
        })();
      },
    });
    const socket = await connectAs(room);
    socket.say("262144", { id: "m" });
    expect((await replyTo(socket, "m")).metadata).toMatchObject({ finish: "error", error: { code: "BUSY" } });
    socket.say("200000", { id: "n" });
    expect((await replyTo(socket, "n")).metadata).toMatchObject({ finish: "tool-calls" });
    expect(await room.session.openCalls()).toHaveLength(1);
  });

  it.each(["author", "reply", "calls", "body"])(
    "P19: is closed or served, whatever stands in the column %s",
    async (column) => {
      for (const value of ["NULL", "'word'", "x'00'", "'[]'"]) {
        const { room } = openCalling();
        const socket = await connectAs(room);
        const { calls } = await ask(socket, "m", { calls: ["c1", "c2"] });
        await runInDurableObject(room.stub, (_, { storage }) => {
          storage.sql.exec(`UPDATE OR REPLACE workkit_chat_call SET ${column} = ${value}`);
        }).catch(() => "a key cannot be NULL");
        await room.crash();
        const again = await connectAs(room);
        for (const [at, call] of calls.entries()) await answer(again, call, `r${at}`, "x");
        await room.session.openCalls();
        await ask(again, "m2", { calls: ["c1"] });
        expect(await room.session.openCalls()).toHaveLength(1);
        await room.session.clear();
        expect(await room.session.openCalls()).toEqual([]);
      }
    },
  );

  it("P19: is opened though the table is another one", async () => {
    const { room } = openCalling();
    await runInDurableObject(
      room.stub,
      (_, { storage }) => void storage.sql.exec("CREATE TABLE workkit_chat_call (x)"),
    );
    const socket = await connectAs(room);
    const { calls } = await ask(socket, "m", { calls: ["c1"] });
    expect(await answer(socket, calls[0], "r", "one")).toMatchObject({ type: "ack" });
    await replyTo(socket, "r");
  });

  it("of a reply that is generated again is closed, and the whole reply is superseded", async () => {
    const { room } = openCalling();
    const socket = await connectAs(room);
    const { reply, calls } = await ask(socket, "m", { calls: ["c1"] });
    await answer(socket, calls[0], "r", "one");
    const { seq, id } = await replyTo(socket, "r");
    socket.say("", { id: "again", metadata: { regenerates: { seq, id } } });
    expect(await replyTo(socket, "again")).toMatchObject({
      metadata: { supersedes: reply["id"], finish: "tool-calls" },
    });
    expect(await room.session.openCalls()).toHaveLength(1);
    const stale: ChatMessage | undefined = (await stored(room))[1];
    socket.say("", { id: "stale", metadata: { regenerates: { seq: 2, id: stale?.id } } });
    expect(codeOf(await socket.error("CONFLICT"))).toBe(new ChatError("CONFLICT").code);
  });
});
