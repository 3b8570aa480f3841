import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions, ReplyPiece, TurnContext } from "../../src/index.js";
import { openSession, type SessionRoom } from "../fixtures/rooms.js";
import { connectV1 } from "../fixtures/v1.js";

const STEP: ReplyPiece = { type: "finish-step" };
const never = () => new Promise<never>(() => undefined);

/** Gives a text and so many steps. Each is as long as all before it, or it would be saved later. */
async function* steps(count: number): AsyncGenerator<ReplyPiece> {
  for (let n = 0; n < count; n++) yield* ["x".repeat(2 ** n), STEP];
}

/** The attempts of a turn of which each is interrupted, until it is reported. */
async function attemptsOf(
  handle: (context: TurnContext) => unknown,
  options: Partial<ChatSessionDOOptions> = {},
  between: (room: SessionRoom) => Promise<void> = async () => undefined,
): Promise<number[]> {
  const attempts: number[] = [];
  let isWaiting = false;
  const room = openSession({
    turnAttempts: 2,
    ...options,
    onMessage: async (_id, _message, context) => {
      attempts.push(context.attempt);
      await handle(context);
      isWaiting = true;
      return never();
    },
  });
  const { socket } = await connectV1(room);
  socket.say("go", { id: "m" });
  for (;;) {
    while (!isWaiting) {
      const { messages } = await room.session.history();
      if (messages.some(({ metadata }) => metadata?.["inReplyToSeq"] === 1)) return attempts;
      if (messages.some(({ metadata }) => metadata?.["finish"] === "interrupted")) return attempts;
      await scheduler.wait(1);
    }
    isWaiting = false;
    await between(room);
    await room.crash();
  }
}

/** Streams a reply of so many steps, and leaves it open. */
async function streamSteps({ stream }: TurnContext, count: number): Promise<void> {
  let isSaved: () => void = () => undefined;
  const saved = new Promise<void>((resolve) => {
    isSaved = resolve;
  });
  const source = async function* () {
    yield* steps(count);
    isSaved();
    await never();
  };
  void stream(source).catch(() => undefined);
  await saved;
}

const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1);

describe("P11: an attempt that has finished something new does not count", () => {
  it("where it is a step of a reply", async () => {
    // Four that finish one step more each, and two that do not.
    expect(await attemptsOf((context) => streamSteps(context, Math.min(context.attempt, 4)))).toEqual(upTo(6));
  });

  it("where it is the result of a call", async () => {
    const handle = async ({ once, attempt }: TurnContext) => {
      for (let call = 1; call <= Math.min(attempt, 3); call++) await once(`${call}`, () => call);
    };
    expect(await attemptsOf(handle)).toEqual(upTo(5));
  });

  it("where it is an envelope in the log, and then the steps of the next one", async () => {
    const handle = async (context: TurnContext) => {
      const { attempt, stream, post } = context;
      if (attempt >= 2) await stream(() => steps(1));
      if (attempt >= 3) await post({ content: "posted" });
      await streamSteps(context, attempt >= 4 ? 1 : 0);
    };
    // The first and the last finish nothing.
    expect(await attemptsOf(handle)).toEqual(upTo(5));
  });

  it("and others count, however much the first has finished, and whatever they repeat", async () => {
    const handle = (context: TurnContext) => streamSteps(context, context.attempt === 1 ? 5 : 4);
    expect(await attemptsOf(handle)).toEqual(upTo(3));
    expect(await attemptsOf(() => undefined)).toEqual(upTo(2));
  });

  it("up to 20 attempts", async () => {
    const handle = async ({ once, attempt }: TurnContext) => void (await once(`${attempt}`, () => attempt));
    expect(await attemptsOf(handle)).toEqual(upTo(20));
  });

  it("P19: as far as that can be read", async () => {
    const handle = async ({ once, attempt }: TurnContext) => void (await once(`${attempt}`, () => attempt));
    const damage = (room: SessionRoom) =>
      runInDurableObject(room.stub, (_, { storage }) => {
        storage.sql.exec(`UPDATE workkit_chat_turn SET body = '{"free":-5}' WHERE key = ''`);
      });
    // Each record is as if it were the first.
    expect(await attemptsOf(handle, {}, damage)).toEqual(upTo(3));
  });
});
