import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions, ReplyPiece, TurnContext } from "../../src/index.js";
import { meter, newUsage } from "../fixtures/meter.js";
import { openSession, type SessionRoom } from "../fixtures/rooms.js";
import { connectViewer, isReply } from "../fixtures/streams.js";
import { ack, connectV1 } from "../fixtures/v1.js";

const STEP = { type: "finish-step" };
const TOOL = { type: "tool-output-available", toolCallId: "c", output: 1 };

/** Gives pieces, and then nothing more for ever. */
async function* stall(...pieces: ReplyPiece[]): AsyncGenerator<ReplyPiece> {
  yield* pieces;
  await new Promise(() => "never");
}

/** A session that is interrupted while it streams: the handler is given each time what it should do. */
async function interrupt(
  options: Partial<ChatSessionDOOptions> & Pick<ChatSessionDOOptions, "onMessage">,
  shown: string,
) {
  const attempts: number[] = [];
  const room = openSession({
    ...options,
    onMessage: (id, message, context) => {
      attempts.push(context.attempt);
      return options.onMessage(id, message, context);
    },
  });
  const { socket, views } = await connectViewer(room);
  socket.say("hello", { id: "m" });
  const isShown = (open: string) => views.text(open) === shown;
  while (![...views.open.keys()].some(isShown)) await scheduler.wait(1);
  const id = [...views.open.keys()].find(isShown);
  await room.crash();
  return { room, attempts, id };
}

const stored = async (room: SessionRoom) => (await room.session.history()).messages;
const rows = (room: SessionRoom) =>
  runInDurableObject(room.stub, (_, { storage }) => {
    const [table] = storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'workkit_chat_turn'");
    return table ? [...storage.sql.exec("SELECT body FROM workkit_chat_turn")].length : undefined;
  });

describe("P10, P11: a streamed reply that a crash interrupts", () => {
  it("is generated again by the next attempt, under the same id, and what was saved is replaced and never joined", async () => {
    const { room, attempts, id } = await interrupt(
      { onMessage: (_id, _message, { attempt }) => (attempt === 1 ? stall("first", STEP) : stall("second", STEP)) },
      "first",
    );
    const { socket, views } = await connectViewer(room);
    expect(await socket.find(({ type }) => type === "stream")).toMatchObject({ id, attempt: 2 });
    expect(views.text(String(id))).toBe("second");
    await room.session.cancel("m");
    expect(await stored(room)).toMatchObject([
      { id: "m" },
      { id, content: "second", metadata: { finish: "cancelled" } },
    ]);
    // One of the reply, and one that says what the first attempt has finished.
    expect([attempts, await rows(room)]).toEqual([[1, 2], 2]);
  });

  it("P8: a wake-up reads no text that replies which have ended left behind", async () => {
    const ended = Promise.withResolvers<void>();
    const room = openSession({
      authenticate: (request) => ({ id: new URL(request.url).searchParams.get("as") ?? "" }),
      onMessage: async function* (_id, { content }) {
        yield* [content, STEP];
        await (content === "short" ? new Promise(() => "never") : ended.promise);
      },
    });
    const [ann, ben] = await Promise.all(["ann", "ben"].map((as) => connectV1(room, undefined, { query: { as } })));
    const long = "x".repeat(50_000);
    for (const [place, [peer, content]] of [[ann, long] as const, [ben, "short"] as const].entries()) {
      peer?.socket.say(content, { id: `m${place}` });
      while ((await rows(room)) !== place + 1) await scheduler.wait(1);
    }
    ended.resolve();
    await ann?.socket.find(({ role }) => role === "assistant");
    await room.crash();
    let read = "";
    await runInDurableObject(room.stub, (_, { storage: { sql } }) => {
      const exec = sql.exec.bind(sql);
      sql.exec = (query: string, ...values: SqlStorageValue[]) => {
        if (/^SELECT .* FROM workkit_chat_turn/.test(query)) read += JSON.stringify([...exec(query, ...values).raw()]);
        return exec(query, ...values);
      };
    });
    await room.session.history({ limit: 1 });
    expect(read).toContain("short");
    expect(read.length).toBeLessThan(1_000);
  });

  it("may go on from what was saved: the source is given it", async () => {
    const partials: unknown[] = [];
    const onMessage = async (_id: string, _message: unknown, { stream, attempt }: TurnContext) => {
      await stream((_signal, partial) => {
        partials.push(partial?.content);
        return attempt === 1
          ? stall("a step.", STEP, " more")
          : (async function* () {
              yield `${partial?.content} And on.`;
            })();
      });
      return undefined;
    };
    const { room } = await interrupt({ onMessage }, "a step. more");
    const { socket } = await connectViewer(room);
    await socket.content("a step. And on.");
    expect(partials).toEqual([undefined, "a step."]);
  });

  it("is kept as far as it was saved where it is cancelled before the next attempt has shown anything", async () => {
    const { room, id } = await interrupt(
      { onMessage: (_id, _message, { attempt }) => (attempt === 1 ? stall("saved", STEP, " lost") : stall()) },
      "saved lost",
    );
    const { socket } = await connectViewer(room);
    socket.send({ type: "cancel", id: "m" });
    expect(await socket.find(({ type }) => type === "cancelled")).toMatchObject({ result: "done" });
    expect(await stored(room)).toMatchObject([
      { id: "m" },
      { id, content: "saved", metadata: { finish: "cancelled", inReplyTo: "m" } },
    ]);
  });

  it("becomes the reply, and the turn does not run again, where the application keeps it", async () => {
    const { room, attempts, id } = await interrupt(
      { interruptedReply: "keep", onMessage: () => stall("saved", STEP) },
      "saved",
    );
    const { socket } = await connectViewer(room);
    expect((await socket.find(isReply)).metadata).toEqual({ inReplyTo: "m", finish: "interrupted" });
    await room.crash();
    await connectViewer(room);
    expect([attempts, (await stored(room)).map((message) => message.id)]).toEqual([[1], ["m", id]]);
  });

  it("runs again where nothing was saved, also where the application keeps what was", async () => {
    const { room, attempts } = await interrupt(
      { interruptedReply: "keep", onMessage: () => stall("not saved") },
      "not saved",
    );
    const { socket } = await connectViewer(room);
    expect(await socket.find(({ type }) => type === "stream")).toMatchObject({ attempt: 2 });
    expect([attempts, await rows(room)]).toEqual([[1, 2], undefined]);
  });

  it("ends with what was saved once the attempts are exhausted, and no other report", async () => {
    const { room, attempts } = await interrupt({ turnAttempts: 1, onMessage: () => stall("saved", STEP) }, "saved");
    // The first attempt has finished a step and does not count; the second one finishes no other.
    await room.session.history();
    while (attempts.length < 2) await scheduler.wait(1);
    await room.crash();
    const { socket } = await connectViewer(room);
    const reply = await socket.find(isReply);
    expect(reply).toMatchObject({
      content: "saved",
      metadata: { finish: "interrupted", error: { code: "TURN_INTERRUPTED" } },
    });
    expect(await stored(room)).toHaveLength(2);
  });

  it("is not repeated where its envelope is in the log already", async () => {
    const onMessage = async (_id: string, _message: unknown, { stream }: TurnContext) => {
      await stream(async function* () {
        yield* ["done", STEP];
      } as never);
      return stall("shown");
    };
    const { room } = await interrupt({ interruptedReply: "keep", onMessage }, "shown");
    await connectViewer(room);
    await room.session.cancel("m");
    expect((await stored(room)).map(({ content }) => content).filter((content) => content === "done")).toHaveLength(1);
  });

  it("P19: is generated again where its row cannot be read", async () => {
    const { room, attempts } = await interrupt(
      { interruptedReply: "keep", onMessage: () => stall("saved", STEP) },
      "saved",
    );
    // The object that wakes for this has not read its log.
    await runInDurableObject(room.stub, (_, { storage }) =>
      storage.sql.exec("UPDATE workkit_chat_turn SET body = '{'"),
    );
    const { socket } = await connectViewer(room);
    await socket.find(({ type }) => type === "stream");
    expect(attempts).toEqual([1, 2]);
  });

  it("leaves nothing behind after clear()", async () => {
    const { room } = await interrupt({ onMessage: () => stall("saved", STEP) }, "saved");
    await room.session.clear();
    expect(await rows(room)).toBeUndefined();
  });
});

describe("P8: a streamed reply costs", () => {
  it("a frame each 50 ms, the rows of its message and of its envelope, and one each time that it is saved: at 5 and 10 s, and at a step", async () => {
    const slow = async function* () {
      for (const beganAt = Date.now(); Date.now() - beganAt < 11_000; ) {
        await scheduler.wait(40);
        yield "sixteen letters ";
      }
    };
    const quick = async function* () {
      yield* ["a", STEP, "b", TOOL];
    };
    const room = openSession({ onMessage: (_id, { content }) => (content === "slow" ? slow() : quick()) });
    const { socket } = await connectViewer(room);
    const usage = newUsage();
    await runInDurableObject(room.stub, (_, { storage }) => meter(storage, usage));
    const begunAt = Date.now();
    socket.say("slow", { id: "slow" });
    const slowReply = await socket.find(isReply);
    const rowsOfSlow = usage.rowsWritten;
    // For 4,096 characters in 10 seconds that is 22,000, with a frame each 50 milliseconds at most: text twice, and what each frame adds.
    const shown = socket.frames.filter(
      (frame) => ["stream", "delta"].includes(String(frame["type"])) || isReply(frame),
    );
    const characters = shown.reduce((sum, frame) => sum + JSON.stringify(frame).length, 0);
    expect(characters).toBeLessThan(2 * String(slowReply["content"]).length + 66 * shown.length + 400);
    expect(shown.length).toBeLessThanOrEqual((Number(slowReply["timestamp"]) - begunAt) / 50 + 3);
    socket.say("quick", { id: "quick" });
    await socket.find((frame) => isReply(frame) && frame["id"] !== slowReply["id"]);
    await ack(socket, "quick");
    // Two rows more are the table, once.
    expect([rowsOfSlow, usage.rowsWritten - rowsOfSlow]).toEqual([4 + 2, 4]);
  });
});
