import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ChatSessionDOOptions } from "../../src/index.js";
import { openSession, reply, type SessionRoom } from "../fixtures/rooms.js";
import { connectViewer, isReply } from "../fixtures/streams.js";
import { ack, readAlong } from "../fixtures/v1.js";

type Handler = NonNullable<ChatSessionDOOptions["onMessage"]>;

async function* give(...pieces: unknown[]): AsyncGenerator<never> {
  yield* pieces as never[];
}

/** Gives pieces, and then nothing more for ever. */
async function* stall(...pieces: unknown[]): AsyncGenerator<never> {
  yield* pieces as never[];
  await new Promise(() => "never");
}

const delta = (id: number, text: string) => ({ type: "text-delta", id: String(id), delta: text });
const stored = async (room: SessionRoom) => (await room.session.history()).messages;

/** The reply to one message. */
async function replyOf(onMessage: Handler, options: Partial<ChatSessionDOOptions> = {}) {
  const room = openSession({ ...options, onMessage });
  const { socket, views } = await connectViewer(room);
  readAlong(socket).say("hello", { id: "m" });
  return { room, socket, views, envelope: await socket.find(isReply) };
}

/** A session that ends while its reply stalls, after it was saved. */
async function interruptSaved(options: Partial<ChatSessionDOOptions> = {}): Promise<SessionRoom> {
  const room = openSession({ onMessage: () => stall("saved", { type: "finish-step" }), ...options });
  const { socket } = await connectViewer(room);
  socket.say("hello", { id: "m" });
  await socket.find(({ type }) => type === "stream");
  await room.crash();
  return room;
}
const change = (room: SessionRoom, statement: string, ...values: string[]) =>
  runInDurableObject(room.stub, (_, { storage }) => void storage.sql.exec(statement, ...values));

describe("P12: a streamed reply that is", () => {
  it("bytes which take more as JSON is cut where its envelope would not fit", async () => {
    const bytes = (value: number) => Array.from({ length: 70 }, () => new Uint8Array(16_384).fill(value));
    for (const value of [1, 255]) {
      const { envelope } = await replyOf(() => give(...bytes(value)));
      expect(envelope.metadata).toMatchObject({ finish: "length" });
      expect(JSON.stringify(envelope["content"]).length).toBeGreaterThan(300_000);
    }
  });

  it("endless, and gives no byte each time, ends", async () => {
    const nothing = async function* (): AsyncGenerator<never> {
      for (;;) yield new Uint8Array(0) as never;
    };
    const { envelope } = await replyOf(() => nothing(), { maxReplySize: 1_000 });
    expect(envelope).toMatchObject({ content: "", metadata: { finish: "length" } });
  });

  it("many small parts has a thousand, and its envelope fits", async () => {
    const { envelope } = await replyOf(() => give(...Array.from({ length: 6_000 }, (_, n) => delta(n, "x"))));
    expect(envelope.metadata).toMatchObject({ finish: "length" });
    expect(envelope.metadata?.["parts"] ?? envelope["content"]).toBeDefined();
    expect(String(envelope["content"]).replaceAll("\n\n", "")).toBe("x".repeat(1_000));
  });

  it.each([
    { type: "data-large", delta: "", data: "x".repeat(2_000_000) },
    { type: "data-large", delta: "x", data: "x".repeat(2_000_000) },
    { type: "text-delta", delta: "x", providerMetadata: { p: "x".repeat(2_000_000) } },
  ])("data beside the `delta` of a chunk counts the data: %#", async (chunk) => {
    const { envelope } = await replyOf(() => give("text", chunk));
    expect(envelope).toMatchObject({ content: "text", metadata: { finish: "length" } });
  });
});

describe("P10: a streamed reply", () => {
  it("may hold what JSON cannot carry, and the session goes on", async () => {
    const circular: Record<string, unknown> = { type: "data-x", id: "d" };
    circular["data"] = circular;
    const named = { type: "tool-input-start", toolCallId: 5n, toolName: "t" };
    const { envelope, views } = await replyOf(() =>
      give(circular, named, { type: "file", text: 5 }, { type: "start", messageMetadata: circular }, "done"),
    );
    expect(envelope).toMatchObject({ content: "done", metadata: { finish: "stop" } });
    expect([views.strays, views.open.size]).toEqual([[], 0]);
  });

  it("holds what a chunk was when it came", async () => {
    const data = { text: "first" };
    const change = async function* () {
      yield { type: "data-x", data };
      data.text = "later";
      yield "end";
    };
    const { envelope } = await replyOf(() => change());
    expect(envelope.metadata?.["parts"]).toContainEqual({ type: "data-x", data: { text: "first" } });
  });

  it("ends by its envelope where the message was given its id", async () => {
    const room = openSession({ onMessage: (_id, { content }) => (content === "go" ? give("shown") : undefined) });
    await room.session.post({ content: "first" });
    const later = Date.now() + 86_400_000;
    await change(
      room,
      `UPDATE workkit_chat_log SET timestamp = ${later}, body = json_set(body, '$.timestamp', ${later})`,
    );
    await room.crash();
    const { socket, views } = await connectViewer(room);
    const id = `${later.toString(36)}-2-1`;
    socket.say("go", { id });
    expect(await socket.content("shown")).toMatchObject({ id });
    expect([views.open.size, views.ended.size]).toEqual([0, 1]);
  });

  it("is not read where its turn has ended before its source was made", async () => {
    let made: (() => void) | undefined;
    let isRead = false;
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          isRead = true;
          return { done: false, value: "late" };
        },
      }),
    };
    const room = openSession({
      onMessage: async (_id, { content }, { stream }) => {
        if (content !== "go") return undefined;
        await stream(() => new Promise((resolve) => (made = () => resolve(source as never))));
        return undefined;
      },
    });
    const { socket } = await connectViewer(room);
    socket.say("go", { id: "m" });
    await ack(socket, "m");
    await room.session.cancel("m");
    await runInDurableObject(room.stub, () => made?.());
    await socket.settle();
    expect(isRead).toBe(false);
  });
});

describe("P19: what is saved of a reply", () => {
  it.each([
    { what: "a column is missing", damage: "ALTER TABLE workkit_chat_turn DROP COLUMN ref" },
    { what: "a column is new", damage: "ALTER TABLE workkit_chat_turn ADD COLUMN more" },
  ])("is generated again where $what, and saved again", async ({ damage }) => {
    const room = await interruptSaved();
    await change(room, damage);
    await room.crash();
    const { socket } = await connectViewer(room);
    expect(await socket.find(({ type }) => type === "stream")).toMatchObject({ attempt: 2 });
    await room.crash();
    const { socket: again } = await connectViewer(room);
    again.send({ type: "cancel", id: "m" });
    await again.find(({ type }) => type === "cancelled");
    expect(await stored(room)).toMatchObject([{ id: "m" }, { content: "saved" }]);
  });

  it("is reported where it is more than an envelope holds", async () => {
    const room = await interruptSaved({ turnAttempts: 1 });
    const content = "x".repeat(1_899_800);
    await change(room, "UPDATE workkit_chat_turn SET body = json_set(body, '$.content', ?, '$.steps', 0)", content);
    await room.crash();
    await connectViewer(room);
    expect(await stored(room)).toMatchObject([{ id: "m" }, { metadata: { code: "TURN_INTERRUPTED" } }]);
  });
});

describe("the replies of a turn", () => {
  it("name the message, those that are posted and sent, too, unless the handler has named another", async () => {
    const { room, socket } = await replyOf(async (_id, _message, { post, send }) => {
      await post({ content: "posted" });
      await post({ content: "other", metadata: { inReplyTo: "x" } });
      send({ content: "sent" });
      return reply("returned");
    });
    await socket.content("returned");
    const named = Object.fromEntries(
      [...socket.envelopes(), ...(await stored(room))].map(({ content, metadata }) => [
        content,
        metadata?.["inReplyTo"],
      ]),
    );
    expect(named).toMatchObject({ posted: "m", other: "x", sent: "m", returned: "m" });
  });

  it("P2: may post the same envelope again from another turn", async () => {
    const room = openSession({
      onMessage: async (_id, _message, { post }) => {
        await post({ id: "welcome", content: "Welcome." });
        return "done";
      },
    });
    const { socket } = await connectViewer(room);
    for (const id of ["a", "b"]) socket.say(id, { id });
    while (socket.envelopes().filter(({ content }) => content === "done").length < 2) await scheduler.wait(1);
    expect((await stored(room)).filter(({ id }) => id === "welcome")).toMatchObject([{ metadata: { inReplyTo: "a" } }]);
  });
});
