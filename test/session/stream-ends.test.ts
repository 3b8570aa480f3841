import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions, ReplyPiece, TurnContext } from "../../src/index.js";
import { openSession, openTransport } from "../fixtures/rooms.js";
import { connectPlainViewer, connectViewer, isReply } from "../fixtures/streams.js";

type Handler = NonNullable<ChatSessionDOOptions["onMessage"]>;

const TOO_LARGE = { content: "x".repeat(1_900_000) };

async function* give(...pieces: ReplyPiece[]): AsyncGenerator<ReplyPiece> {
  for (const piece of pieces) {
    // Long enough that what came before is shown.
    await scheduler.wait(60);
    yield piece;
  }
}

async function ask(onMessage: Handler) {
  const room = openSession({ onMessage });
  const { socket, views } = await connectViewer(room);
  socket.say("go", { id: "m" });
  return { room, socket, views };
}

describe("P10: a stream that was shown ends by its envelope", () => {
  it("where another reply of the turn cannot be encoded, and says so", async () => {
    const { room, socket, views } = await ask(async () => [give("one"), give("two", "!"), TOO_LARGE]);
    const first = await socket.content("one");
    const last = await socket.content("two!");
    expect(first.metadata).toEqual({ inReplyTo: "m", finish: "stop" });
    expect(last.metadata).toMatchObject({ finish: "stop", error: { code: "HANDLER_FAILED" } });
    await socket.settle();
    expect([views.open.size, views.ended.size, views.strays]).toEqual([0, 2, []]);
    expect(socket.frames.filter(({ type }) => type === "error")).toEqual([]);
    expect((await room.session.history()).messages.map(({ id }) => id)).toEqual(["m", first["id"], last["id"]]);
    await room.crash();
    expect((await room.session.history()).head).toBe(3);
  });

  it("the same on the stateless transport", async () => {
    const room = openTransport({ onMessage: async () => [give("one"), TOO_LARGE] });
    const { socket, views } = await connectPlainViewer(room);
    socket.say("go", { id: "m" });
    expect((await socket.content("one")).metadata).toMatchObject({ error: { code: "HANDLER_FAILED" } });
    expect(views.open.size).toBe(0);
  });

  it("whatever its source says about its author, its message or its place", async () => {
    const from = { id: "mallory", name: "Mallory" };
    const { socket, views } = await ask(() =>
      give({ type: "start", messageMetadata: { from, cursor: "~0:1:", model: "m-1" } } as ReplyPiece, "text", {
        type: "finish",
        messageMetadata: { from },
      } as ReplyPiece),
    );
    const { metadata } = await socket.content("text");
    expect(metadata).toEqual({ inReplyTo: "m", model: "m-1", finish: "stop" });
    expect(views.open.size).toBe(0);
  });

  it("P11: under the id that was shown, where a retry returns what the first attempt streamed by its context", async () => {
    const never = () => new Promise<never>(() => undefined);
    const { room, socket } = await ask(async (_id, _message, { attempt, stream }: TurnContext) => {
      if (attempt > 1) return give("second", " and last");
      await stream(() => give("first"));
      return never();
    });
    const first = await socket.content("first");
    await room.crash();
    const { socket: again, views } = await connectViewer(room);
    const last = await again.content("second and last");
    expect(last["id"]).not.toBe(first["id"]);
    expect([[...views.ended.keys()], views.open.size]).toEqual([[last["id"]], 0]);
  });
});

it("P1: a stream is not shown before its message is committed", async () => {
  const source = async function* () {
    yield "at once";
    await scheduler.wait(60);
  };
  const room = openSession({ onMessage: (_id, { content }) => (content === "go" ? source() : undefined) });
  const viewers = [await connectViewer(room), await connectPlainViewer(room)];
  const [author] = viewers;
  // The message of a connection that has had no turn yet is committed before its handler runs.
  author?.socket.say("hello", { id: "first" });
  await author?.socket.find(({ type }) => type === "ack");
  author?.socket.say("go", { id: "m" });
  for (const { socket } of viewers) {
    await socket.find(isReply);
    const told = socket.frames.findIndex(({ type, id }) => id === "m" && (type === "ack" || type === "message"));
    const shown = socket.frames.findIndex(({ type }) => type === "stream");
    expect(told).toBeGreaterThan(-1);
    expect(shown).toBeGreaterThan(told);
  }
});
