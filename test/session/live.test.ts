import { describe, expect, it, vi } from "vitest";
import type { ChatSessionDOOptions, ConnectionEvent, LiveContext } from "../../src/index.js";
import { openSession, openTransport, type SessionRoom, silent } from "../fixtures/rooms.js";
import type { TestSocket } from "../fixtures/socket.js";
import { connectV1, readAlong } from "../fixtures/v1.js";

const welcome: ChatSessionDOOptions["onLive"] = ({ identity }, { send }) =>
  send({ content: `Welcome, ${identity.id}` });
const options: ChatSessionDOOptions = { onMessage: silent, onLive: welcome, maxStoredMessages: 1_000 };

async function fill(room: SessionRoom, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) await room.session.post({ content: `${n}` });
}

/** What a socket was sent, each frame by its type or content. */
const shown = ({ frames }: TestSocket) =>
  frames.map(({ type, content, more }) => content ?? (more ? "page, more" : type));

describe("onLive", () => {
  it("sends to a plain client alone, after its replay, what no log holds", async () => {
    const room = openSession(options);
    const other = await room.connect();
    await other.content("Welcome, anonymous");
    await fill(room, 2);
    const { messages } = await room.session.history();
    const socket = await room.connect({ query: { lastMessageId: messages[0]?.id ?? "" } });
    const sent = await socket.content("Welcome, anonymous");
    expect(sent).toMatchObject({ type: "message", role: "assistant" });
    expect(shown(socket)).toEqual(["2", "Welcome, anonymous"]);
    await room.session.post({ content: "3" });
    await other.content("3");
    expect(shown(other)).toEqual(["Welcome, anonymous", "1", "2", "3"]);
    expect((await room.session.history()).head).toBe(3);
  });

  it("holds no place that a plain client would miss something by", async () => {
    const room = openSession(options);
    const socket = await room.connect();
    const { id } = await socket.content("Welcome, anonymous");
    await fill(room, 2);
    const again = await room.connect({ query: { lastMessageId: String(id) } });
    await again.content("Welcome, anonymous");
    expect(shown(again)).toEqual(["1", "2", "Welcome, anonymous"]);
  });

  it("follows the hello of a v1 client where nothing is missed, and the last page where something is", async () => {
    const room = openSession(options);
    const { socket } = await connectV1(room);
    await socket.content("Welcome, anonymous");
    expect(shown(socket)).toEqual(["hello", "Welcome, anonymous"]);
    await fill(room, 1);
    const { socket: late } = await connectV1(room);
    await late.content("Welcome, anonymous");
    expect(shown(late)).toEqual(["hello", "1", "page", "Welcome, anonymous"]);
  });

  it("waits for the last of several pages, through a sleep, and is called once", async () => {
    const calls: string[] = [];
    const onLive = (event: ConnectionEvent, context: LiveContext) => {
      calls.push(event.connectionId);
      welcome?.(event, context);
    };
    const room = openSession({ ...options, onLive });
    await fill(room, 201);
    const { epoch } = await room.session.history({ limit: 1 });
    const { socket, hello } = await connectV1(room, `${epoch}:0`);
    const { seq } = await socket.find(({ type }) => type === "page");
    await room.hibernate();
    expect(calls).toEqual([]);
    socket.send({ type: "next", seq: 1 });
    socket.send({ type: "next", seq });
    await socket.content("Welcome, anonymous");
    expect(shown(socket).slice(-3)).toEqual(["201", "page", "Welcome, anonymous"]);
    socket.send({ type: "next", seq: 201 });
    await socket.settle();
    expect(calls).toEqual([hello.connectionId]);
  });

  it("is not called again for a client that read too slowly and is live again", async () => {
    const room = openSession(options);
    const { socket } = await connectV1(room);
    await socket.content("Welcome, anonymous");
    socket.answersPings = false;
    const content = "x".repeat(65_536);
    for (let n = 0; n < 20; n++) await room.session.post({ content });
    const { seq } = await socket.find(({ type, more }) => type === "page" && more === true);
    const { nonce } = await socket.find(({ type }) => type === "ping");
    readAlong(socket);
    socket.send({ type: "pong", nonce });
    socket.send({ type: "next", seq });
    await socket.find(({ type, more }) => type === "page" && more === false);
    await socket.settle();
    expect(shown(socket).filter((text) => text === "Welcome, anonymous")).toHaveLength(1);
  });

  it("may take its time, and learns that the client has left", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const taken: boolean[] = [];
    const room = openSession({
      onMessage: silent,
      onLive: async (_event, { send }) => {
        await promise;
        taken.push(send({ content: "late" }));
      },
    });
    const { socket } = await connectV1(room);
    const { socket: leaves } = await connectV1(room);
    leaves.close();
    await leaves.end();
    resolve();
    await socket.content("late");
    await vi.waitUntil(() => taken.length === 2);
    expect(taken).toEqual([true, false]);
  });

  it("P4: a plain client without a cursor misses nothing while onLive is to come", async () => {
    const room = openSession(options);
    const { session } = room;
    await session.history();
    const socket = await room.connect();
    await session.post({ content: "1" });
    await socket.content("Welcome, anonymous");
    await socket.settle();
    expect(shown(socket)).toContain("1");
  });

  it("P7: disturbs nothing where it throws, or sends what is no draft", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue(undefined);
    const room = openSession({ onMessage: silent, onLive: (_event, { send }) => send({ content: 7 } as never) });
    const { socket } = await connectV1(room);
    socket.say("hello", { id: "a" });
    await socket.find(({ type }) => type === "ack");
    expect(logged.mock.calls.map(([what]) => what)).toEqual(["@workkit/chat: a hook failed"]);
    logged.mockRestore();
  });

  it("is called by the stateless transport at once", async () => {
    const events: ConnectionEvent[] = [];
    const room = openTransport({
      onMessage: silent,
      onLive: (event, { send }) => {
        events.push(event);
        send({ type: "system", role: "system", content: "Welcome." });
      },
    });
    const socket = await room.connect();
    expect(await socket.content("Welcome.")).toMatchObject({ type: "system", role: "system" });
    expect(events).toEqual([{ sessionId: room.name, connectionId: expect.any(String), identity: { id: "anonymous" } }]);
  });
});
