import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { TurnContext } from "../../src/index.js";
import { MAX_CALLS } from "../../src/protocol/limits.js";
import { meter, newUsage } from "../fixtures/meter.js";
import { openSession, openTransport, type SessionRoom } from "../fixtures/rooms.js";
import { ack, connectV1 } from "../fixtures/v1.js";

const never = () => new Promise<never>(() => undefined);

/** A session that is interrupted where the first attempt is ready for it: by default at its end. The next one answers. */
async function interrupt(
  handle: (context: TurnContext) => Promise<unknown>,
  isReady: () => boolean = () => false,
): Promise<SessionRoom> {
  let hasEnded = false;
  const room = openSession({
    onMessage: async (_id, _message, context) => {
      const result = await handle(context);
      if (context.attempt > 1) return JSON.stringify(result);
      hasEnded = true;
      return never();
    },
  });
  const { socket } = await connectV1(room);
  socket.say("go", { id: "m" });
  while (!hasEnded && !isReady()) await scheduler.wait(1);
  await room.crash();
  return room;
}

async function answer(room: SessionRoom): Promise<unknown> {
  const { socket } = await connectV1(room);
  const reply = await socket.find(({ role }) => role === "assistant");
  return JSON.parse(String(reply["content"]));
}

const codeOf = async (call: Promise<unknown>) =>
  call.then(
    (result) => ({ result }),
    ({ code }) => code,
  );
const change = (room: SessionRoom, statement: string) =>
  runInDurableObject(room.stub, (_, { storage }) => void storage.sql.exec(statement));
const rows = (room: SessionRoom) =>
  runInDurableObject(room.stub, (_, { storage }) => {
    const [table] = storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'workkit_chat_turn'");
    return table ? storage.sql.exec("SELECT slot FROM workkit_chat_turn").toArray().length : 0;
  });

/** What a handler that is not interrupted makes of its context. */
async function handle<Result>(run: (context: TurnContext) => Promise<Result>): Promise<Result | undefined> {
  let result: Result | undefined;
  const room = openSession({
    onMessage: async (_id, _message, context) => {
      result = await run(context);
      return undefined;
    },
  });
  const { socket } = await connectV1(room);
  socket.say("go", { id: "m" });
  await ack(socket, "m");
  while (result === undefined) await scheduler.wait(1);
  return result;
}

describe("P10: context.once", () => {
  it("makes a call whose result is saved no second time, whatever the result", async () => {
    const made: string[] = [];
    const results = [{ found: [1, "Zürich"] }, null, undefined, "text", 0];
    const room = await interrupt(async ({ once }) => {
      const given = [];
      for (const [at, result] of results.entries()) {
        given.push(
          await once(`call ${at}`, async () => {
            made.push(`call ${at}`);
            await scheduler.wait(1);
            return result;
          }),
        );
      }
      return given.map((result) => result ?? String(result));
    });
    expect(await answer(room)).toEqual([{ found: [1, "Zürich"] }, "null", "undefined", "text", 0]);
    expect(made).toEqual(results.map((_, at) => `call ${at}`));
  });

  it("reports a call that was interrupted, and does not make it again; another key does", async () => {
    const made: number[] = [];
    const room = await interrupt(
      async ({ once, attempt }) => {
        const pay = async () => {
          made.push(attempt);
          return attempt === 1 ? never() : "paid";
        };
        const again = [await codeOf(once("pay", pay)), await codeOf(once("pay", pay))];
        return [...again, await once("pay again", pay)];
      },
      () => made.length > 0,
    );
    expect(await answer(room)).toEqual(["CALL_INTERRUPTED", "CALL_INTERRUPTED", "paid"]);
    expect(made).toEqual([1, 2]);
  });

  it("has its key on disk before the call is made", async () => {
    let found: unknown;
    const room = openSession({
      onMessage: async (_id, _message, { once }) =>
        once("key", async () => {
          found = await rows(room);
          return "done";
        }),
    });
    const { socket } = await connectV1(room);
    socket.say("go", { id: "m" });
    while (found === undefined) await scheduler.wait(1);
    expect(found).toBe(1);
  });

  it("makes a call again that has failed, in this attempt and in the next", async () => {
    const made: number[] = [];
    const fail = async (attempt: number) => {
      made.push(attempt);
      throw new Error("no");
    };
    const room = await interrupt(async ({ once, attempt }) => {
      const tries = [await once("call", () => fail(attempt)).catch(({ message }) => message)];
      tries.push(await once("call", () => fail(attempt)).catch(({ message }) => message));
      return tries;
    });
    expect(await answer(room)).toEqual(["no", "no"]);
    expect(made).toEqual([1, 1, 2, 2]);
  });

  it("makes one call of two that are made at once, and gives both its result, as JSON keeps it", async () => {
    let made = 0;
    const results = await handle(async ({ once }) => {
      const call = () => once("call", async () => ({ made: ++made, at: new Date(0), none: undefined }));
      return [...(await Promise.all([call(), call()])), await call()];
    });
    const once = { made: 1, at: "1970-01-01T00:00:00.000Z" };
    expect(results).toEqual([once, once, once]);
  });

  it("is the turn's own: the same key in another turn is another call", async () => {
    let made = 0;
    const room = openSession({
      onMessage: async (_id, _message, { once }) => `${await once("key", () => ++made)}`,
    });
    const { socket } = await connectV1(room);
    for (const id of ["1", "2", "3"]) {
      socket.say(id, { id });
      await socket.find(({ metadata }) => metadata?.["inReplyTo"] === id);
    }
    expect(made).toBe(3);
    // The row of a turn that has ended is used again.
    expect(await rows(room)).toBe(1);
  });

  it("ends with the turn, and overwrites nothing of another one", async () => {
    const late: { [name: string]: () => void } = {};
    const codes: unknown[] = [];
    const room = openSession({
      concurrency: "parallel",
      onMessage: async (_id, { content }, { once }) => {
        codes.push(await codeOf(once("key", () => new Promise<void>((resolve) => (late[content] = resolve)))));
        codes.push(await codeOf(once("more", () => "made")));
        return undefined;
      },
    });
    const { socket } = await connectV1(room);
    for (const id of ["a", "b"]) {
      socket.say(id, { id });
      while (late[id] === undefined) await scheduler.wait(1);
      if (id === "a") await room.session.cancel("a");
    }
    // The call of "b" has taken the row of "a".
    await runInDurableObject(room.stub, () => late["a"]?.());
    await room.session.history();
    const [row] = await runInDurableObject(room.stub, (_, { storage }) =>
      storage.sql.exec("SELECT ref, body FROM workkit_chat_turn").toArray(),
    );
    expect([row, codes.at(-1)]).toEqual([{ ref: 2, body: null }, "TURN_ENDED"]);
  });
});

describe("P12: context.once", () => {
  it.each([
    ["a session", openSession],
    ["a stateless transport", openTransport],
  ])("of %s has toolTimeout while it runs, and its turn turnTimeout again once it has ended", async (_, open) => {
    const room = open({
      turnTimeout: 500,
      toolTimeout: 3_000,
      onMessage: async function* patient(_id, { content }, { once }) {
        yield "begun ";
        await once("call", () => (content === "slow" ? scheduler.wait(1_000) : never()));
        yield "called";
        await never();
      },
    });
    const socket = await room.connect();
    for (const [content, reply] of [
      ["slow", "begun called"],
      ["stuck", "begun "],
    ]) {
      socket.say(content ?? "", { id: content });
      const envelope = await socket.find(({ metadata }) => metadata?.["inReplyTo"] === content);
      expect(envelope).toMatchObject({ content: reply, metadata: { error: { code: "TURN_TIMEOUT" } } });
    }
  });

  it("refuses a key that is not 1 to 256 characters, and a result that JSON cannot carry or that is too large", async () => {
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    const codes = await handle(({ once }) =>
      Promise.all([
        codeOf(once("", () => 1)),
        codeOf(once("x".repeat(257), () => 1)),
        codeOf(once(7 as never, () => 1)),
        codeOf(once("circular", () => circular)),
        codeOf(once("large", () => "x".repeat(1_048_576))),
        codeOf(once("x".repeat(256), () => "x".repeat(1_048_576 - '[""]'.length))),
      ]),
    );
    const [last, ...refused] = codes?.toReversed() ?? [];
    expect(refused).toEqual(Array(5).fill("INVALID_OPTION"));
    expect(last).toMatchObject({ result: expect.any(String) });
  });

  it("is BUSY after a thousand calls", async () => {
    const room = await interrupt(async ({ once }) => [
      await codeOf(once("2", () => "made")),
      await codeOf(once("one more", () => "made")),
    ]);
    const more = `WITH RECURSIVE n(at) AS (SELECT 2 UNION ALL SELECT at + 1 FROM n WHERE at < ${MAX_CALLS})`;
    await change(
      room,
      `UPDATE workkit_chat_turn SET key = 'one'; ${more}
      INSERT INTO workkit_chat_turn SELECT at, 1, at, '["kept"]', NULL FROM n`,
    );
    await room.crash();
    expect(await answer(room)).toEqual([{ result: "kept" }, "BUSY"]);
  });

  it("costs two rows a call, and the table once", async () => {
    const room = openSession({
      onMessage: async (_id, _message, { once }) => `${await once("a", () => 1)} ${await once("b", () => 2)}`,
    });
    await room.session.history();
    const usage = newUsage();
    await runInDurableObject(room.stub, (_, { storage }) => meter(storage, usage));
    const { socket } = await connectV1(room);
    socket.say("go", { id: "m" });
    await socket.content("1 2");
    await runInDurableObject(room.stub, () => "what was written is counted");
    expect(usage.rowsWritten).toBe(2 + 4 + 2);
  });
});

describe("P19: a call that is on disk", () => {
  it.each(["x'00ff'", "'word'", "7", "'{}'", "'null'"])(
    "is reported as interrupted where its result is %s",
    async (value) => {
      const room = await interrupt(async ({ once, attempt }) => codeOf(once("call", () => attempt)));
      await change(room, `UPDATE workkit_chat_turn SET body = ${value}`);
      await room.crash();
      expect(await answer(room)).toBe("CALL_INTERRUPTED");
    },
  );

  it("leaves the turn to run where its table is another", async () => {
    const room = await interrupt(async ({ once, attempt }) => once("call", () => attempt));
    await change(room, "ALTER TABLE workkit_chat_turn ADD COLUMN more");
    await room.crash();
    expect(await answer(room)).toBe(2);
  });
});

it("context.once just makes the call on the stateless transport", async () => {
  let made = 0;
  const room = openTransport({
    onMessage: async (_id, _message, { once }) =>
      `${await once("key", () => ++made)} ${await once("key", () => ++made)}`,
  });
  const socket = await room.connect();
  socket.say("go", { id: "m" });
  await socket.content("1 2");
});
