import { describe, expect, it } from "vitest";
import { ChatError, type TurnContext } from "../../src/index.js";
import { openSession, openTransport } from "../fixtures/rooms.js";
import { ack, connectV1 } from "../fixtures/v1.js";

/** A room whose handler says what it was given, as JSON. */
function openReader(read: (context: TurnContext) => Promise<unknown>) {
  return openSession({
    rateLimit: false,
    onMessage: async (_id, _message, context) => JSON.stringify(await read(context)),
  });
}

const contents = async ({ history }: TurnContext, query?: Parameters<TurnContext["history"]>[0]) =>
  (await history(query)).map(({ seq, content }) => [seq, content]);

describe("context.history", () => {
  it("gives the conversation up to and including the message of the turn, though later ones are in the log", async () => {
    let hold = true;
    const room = openSession({
      onMessage: async (_id, { content }, context) => {
        while (content === "two" && hold) await scheduler.wait(1);
        return JSON.stringify(await contents(context));
      },
    });
    const { socket } = await connectV1(room);
    socket.say("one", { id: "1" });
    const first = JSON.stringify([[1, "one"]]);
    await socket.content(first);
    for (const id of ["two", "three"]) socket.say(id, { id });
    await ack(socket, "three");
    hold = false;
    await socket.content(
      JSON.stringify([
        [1, "one"],
        [2, first],
        [3, "two"],
      ]),
    );
  });

  it("reads a page before a seq, and never beyond the message of the turn", async () => {
    const room = openReader(async (context) => [
      context.seq,
      await contents(context, { limit: 1 }),
      await contents(context, { limit: 2, before: 3 }),
      await contents(context, { limit: 1, before: 1_000 }),
    ]);
    const { socket } = await connectV1(room);
    for (const id of ["a", "b"]) {
      socket.say(id, { id });
      await socket.find(({ metadata }) => metadata?.["inReplyTo"] === id);
    }
    const { messages } = await room.session.history({ limit: 1 });
    const first = (await room.session.history({ before: 3, limit: 1 })).messages[0]?.content;
    expect(JSON.parse(messages[0]?.content ?? "")).toEqual([
      3,
      [[3, "b"]],
      [
        [1, "a"],
        [2, first],
      ],
      [[3, "b"]],
    ]);
  });

  it.each([{ limit: 0 }, { limit: 1_001 }, { before: -1 }, { limit: 1.5 }])("refuses %o", async (query) => {
    const room = openReader(async ({ history }) => {
      const error = await history(query).catch((thrown: unknown) => thrown);
      return error instanceof ChatError && error.code;
    });
    const { socket } = await connectV1(room);
    socket.say("hello", { id: "hello" });
    await socket.content('"INVALID_OPTION"');
  });

  it("is empty on the stateless transport, which has no seq either", async () => {
    const room = openTransport({
      onMessage: async (_id, _message, { history, seq }) => JSON.stringify([seq ?? null, await history()]),
    });
    const socket = await room.connect();
    socket.say("hello");
    await socket.content("[null,[]]");
  });
});

describe("a reply of a turn", () => {
  it("names the message that it answers, unless the handler has named one", async () => {
    const room = openSession({
      onMessage: async () => ["text", { content: "draft", metadata: { inReplyTo: "another", more: 1 } }],
    });
    const { socket } = await connectV1(room);
    socket.say("hello", { id: "m" });
    expect((await socket.content("text")).metadata).toEqual({ inReplyTo: "m" });
    expect((await socket.content("draft")).metadata).toEqual({ inReplyTo: "another", more: 1 });
  });

  it("names nothing where it is ephemeral: an error would count as the outcome of the message", async () => {
    const room = openSession({ onMessage: async () => ({ type: "error", content: "aside" }) });
    const { socket } = await connectV1(room);
    socket.say("hello", { id: "m" });
    expect((await socket.content("aside")).metadata).toBeUndefined();
  });
});
