import { runInDurableObject } from "cloudflare:test";
import { convertToModelMessages, type UIMessage } from "ai";
import { describe, expect, it } from "vitest";
import { type ModelChunk, toModelMessages, toUIMessages } from "../../src/ai/index.js";
import type { ChatSessionDOOptions, ConversationMessage, ReplyPiece } from "../../src/index.js";
import { fittingPrivate, setPrivate } from "../../src/server/stream/private-parts.js";
import { adapterOf, collect, recorded, toMessage, WHOLE_STREAMS } from "../ai/recorded.js";
import { meter, newUsage } from "../fixtures/meter.js";
import { openSession, type SessionRoom } from "../fixtures/rooms.js";
import { connectPlainViewer, connectViewer, isReply } from "../fixtures/streams.js";
import { connectV1 } from "../fixtures/v1.js";
import { sessionOptions } from "../fixtures/worker.js";

const SIGNED = { provider: { signature: "SECRET" } };
const CITATION = { source: { type: "source", sourceType: "url", id: "s", url: "https://example.com/" } };

/** A reply of two steps, with all that is private. */
const CHUNKS = [
  { type: "start-step" },
  { type: "reasoning-start", id: "r" },
  { type: "reasoning-delta", id: "r", delta: "SECRET " },
  { type: "reasoning-delta", id: "r", delta: "thought" },
  { type: "reasoning-end", id: "r", providerMetadata: SIGNED },
  { type: "reasoning-start", id: "redacted" },
  { type: "reasoning-end", id: "redacted", providerMetadata: SIGNED },
  { type: "text-start", id: "t", providerMetadata: SIGNED },
  { type: "text-delta", id: "t", delta: "I look." },
  { type: "text-end", id: "t", citations: [CITATION] },
  { type: "tool-input-available", toolCallId: "c", toolName: "find", input: { q: "x" }, providerMetadata: SIGNED },
  { type: "tool-input-available", toolCallId: "w", toolName: "web", input: {}, providerExecuted: true },
  { type: "tool-output-available", toolCallId: "w", output: "SECRET page", providerMetadata: SIGNED },
  { type: "tool-output-available", toolCallId: "c", output: { found: "SECRET" } },
  { type: "custom", kind: "provider.compaction", providerMetadata: SIGNED },
  { type: "finish-step" },
  { type: "start-step" },
  { type: "source-url", sourceId: "s", url: "https://example.com/", providerMetadata: SIGNED },
  { type: "text-delta", id: "u", delta: "Found." },
  { type: "finish-step" },
] as ReplyPiece[];

const PARTS = [
  { type: "reasoning", text: "SECRET thought", providerMetadata: SIGNED },
  { type: "reasoning", text: "", providerMetadata: SIGNED },
  { type: "text", text: "I look.", providerMetadata: SIGNED, citations: [CITATION] },
  {
    type: "dynamic-tool",
    toolCallId: "c",
    toolName: "find",
    input: { q: "x" },
    state: "output-available",
    callProviderMetadata: SIGNED,
    output: { found: "SECRET" },
  },
  {
    type: "dynamic-tool",
    toolCallId: "w",
    toolName: "web",
    input: {},
    state: "output-available",
    providerExecuted: true,
    output: "SECRET page",
    resultProviderMetadata: SIGNED,
  },
  { type: "custom", kind: "provider.compaction", providerMetadata: SIGNED },
  { type: "step-start" },
  { type: "source-url", sourceId: "s", url: "https://example.com/", providerMetadata: SIGNED },
  { type: "text", text: "Found." },
];

async function* give(pieces: readonly ReplyPiece[]): AsyncGenerator<ReplyPiece> {
  yield* pieces;
}

/** Gives pieces, and then nothing more for ever. */
async function* stall(pieces: readonly ReplyPiece[]): AsyncGenerator<ReplyPiece> {
  yield* pieces;
  await new Promise(() => "never");
}

/** A session that answers "ask" by a reply from a source, and reads its history for every other message. */
function openReader(ask: () => AsyncIterable<ReplyPiece>, options: Partial<ChatSessionDOOptions> = {}) {
  let read: ConversationMessage[] = [];
  const given: ChatSessionDOOptions = {
    ...options,
    onMessage: async (_id, { content }, { history }) => {
      if (content === "ask") return ask();
      read = await history();
      return `${read.length} read`;
    },
  };
  const room = openSession(given);
  return {
    room,
    options: given,
    /** Asks, and waits for the reply. */
    async ask() {
      const { socket } = await connectViewer(room);
      socket.say("ask", { id: "m" });
      return { socket, reply: await socket.find(isReply) };
    },
    /** What the handler is given of the reply. */
    async read() {
      const socket = await room.connect();
      const id = crypto.randomUUID();
      socket.say("read", { id });
      await socket.find(({ metadata }) => metadata?.["inReplyTo"] === id);
      return { history: read, reply: read.find(({ metadata }) => metadata?.["inReplyTo"] === "m") };
    },
  };
}

const change = async (room: SessionRoom, statement: string): Promise<void> => {
  await runInDurableObject(room.stub, (_, { storage }) => void storage.sql.exec(statement));
};
const rowsWithPrivate = (room: SessionRoom) =>
  runInDurableObject(room.stub, (_, { storage }) =>
    storage.sql.exec("SELECT seq FROM workkit_chat_log WHERE private IS NOT NULL").toArray(),
  );

describe("P6: the private parts of a streamed reply", () => {
  it("are given to the handler by context.history, and to nobody else", async () => {
    const seen: unknown[] = [];
    const session = openReader(() => give(CHUNKS), { onFrameOut: (event) => seen.push(event) });
    const { room } = session;
    const plain = await connectPlainViewer(room);
    const { socket, reply } = await session.ask();
    expect(reply).toMatchObject({ content: "I look.\n\nFound." });
    expect((await session.read()).reply?.parts).toEqual(PARTS);
    // After a wake-up, too.
    await room.hibernate();
    expect((await session.read()).reply?.parts).toEqual(PARTS);

    const { socket: later } = await connectV1(room);
    later.send({ type: "history", before: 100, limit: 100 });
    await later.find(({ type }) => type === "history");
    const joining = await room.connect({ query: { lastMessageId: "m" } });
    await joining.settle();
    const shown = [socket, plain.socket, later, joining].flatMap(({ frames }) => frames);
    expect(shown.filter((frame) => frame["id"] === reply["id"])).not.toHaveLength(0);
    expect(JSON.stringify([shown, await room.session.history(), seen])).not.toMatch(/SECRET|citations|custom/);
  });

  it("are not in an envelope that the handler sends or posts again", async () => {
    const room = openSession({
      onMessage: async (_id, { content }, { history, post, send }) => {
        if (content === "ask") return give(CHUNKS);
        const last = (await history()).findLast(({ role }) => role === "assistant") ?? { content: "" };
        const { id: _, ...again } = last as { id: string; content: string };
        send(again);
        await post(again);
        return again;
      },
    });
    const { socket } = await connectViewer(room);
    socket.say("ask", { id: "1" });
    await socket.find(isReply);
    socket.say("again", { id: "2" });
    while (socket.frames.filter(isReply).length < 4) await scheduler.wait(1);
    expect(JSON.stringify(socket.frames)).not.toContain("SECRET");
    expect(await rowsWithPrivate(room)).toEqual([{ seq: 2 }]);
  });

  it("are those of a reply that context.stream has appended, and not what its options show", async () => {
    let read: ConversationMessage[] = [];
    const room = openSession({
      onMessage: async (_id, _message, { history, stream }) => {
        read = await history();
        await stream(() => give(CHUNKS), { reasoning: true, toolOutputs: true });
        await stream(() => give(["text ", { type: "start-step" }, "alone"]));
        return "done";
      },
    });
    const { socket } = await connectViewer(room);
    for (const id of ["1", "2"]) {
      socket.say(id, { id });
      await socket.find(({ content, metadata }) => content === "done" && metadata?.["inReplyTo"] === id);
    }
    expect(read.map(({ parts }) => parts)).toEqual([undefined, PARTS, undefined, undefined, undefined]);
    const [, shown] = (await room.session.history()).messages;
    expect(JSON.stringify(shown?.metadata?.["parts"])).toContain("SECRET thought");
    expect(JSON.stringify(shown?.metadata?.["parts"])).not.toMatch(/signature|citations/);
  });

  it("that a step withdrew are gone", async () => {
    const session = openReader(() =>
      give([...CHUNKS.slice(0, 5), { type: "reset-step" }, ...CHUNKS.slice(7, 9), { type: "start-step" }, ...CHUNKS]),
    );
    await session.ask();
    const { reply } = await session.read();
    expect(reply?.parts).toEqual([
      { type: "text", text: "I look.", providerMetadata: SIGNED },
      { type: "step-start" },
      ...PARTS,
    ]);
  });
});

describe("P8: the private parts of a streamed reply", () => {
  it("cost no row of their own", async () => {
    const session = openReader(() => give([...CHUNKS.slice(1, 10), ...CHUNKS.slice(18, 19)]));
    const { room } = session;
    await room.session.history();
    const usage = newUsage();
    await runInDurableObject(room.stub, (_, { storage }) => meter(storage, usage));
    await session.ask();
    await runInDurableObject(room.stub, () => "what was written is counted");
    expect([usage.rowsWritten, await rowsWithPrivate(room)]).toEqual([2, [{ seq: 2 }]]);
  });

  it("count as bytes of the reply, and of a page of the history", async () => {
    const large = { type: "tool-output-available", toolCallId: "c", output: "x".repeat(900_000) };
    const session = openReader(() => give(["text", large, { ...large, toolCallId: "d" }, "more"]));
    expect((await session.ask()).reply).toMatchObject({ content: "text", metadata: { finish: "length" } });
    for (let n = 0; n < 9; n++) {
      const socket = await session.room.connect();
      const id = `m${n}`;
      socket.say("ask", { id });
      await socket.find(({ metadata }) => metadata?.["inReplyTo"] === id);
    }
    const { history } = await session.read();
    expect(history).toHaveLength(19);
  });

  it("are left out where no row could hold them", () => {
    const half = "x".repeat(995_000);
    expect(fittingPrivate(setPrivate({}, half), half)).toBe(half);
    expect(fittingPrivate(setPrivate({}, half), `${half}x`)).toBeNull();
  });
});

describe("P11: the private parts of a streamed reply that a crash interrupts", () => {
  it("are kept with what was saved", async () => {
    const session = openReader(() => stall(CHUNKS), { interruptedReply: "keep" });
    const { socket } = await connectViewer(session.room);
    socket.say("ask", { id: "m" });
    await socket.find(({ type }) => type === "stream");
    await session.room.crash();
    expect((await connectViewer(session.room)).hello).toMatchObject({ head: 2 });
    const { reply } = await session.read();
    expect(reply).toMatchObject({ parts: PARTS, metadata: { finish: "interrupted" } });
  });

  it("stay with their envelopes where the log is given another capacity, and go with them", async () => {
    const session = openReader(() => give(CHUNKS));
    const { room, options } = session;
    await session.ask();
    for (const maxStoredMessages of [7, 100, 4]) {
      sessionOptions.set(room.name, { ...options, maxStoredMessages });
      await room.crash();
      expect(await rowsWithPrivate(room)).toEqual([{ seq: 2 }]);
    }
    for (let n = 0; n < 4; n++) await room.session.post({ content: `${n}` });
    expect(await rowsWithPrivate(room)).toEqual([]);
  });
});

describe("P19: private parts", () => {
  it.each(["x'00ff'", "'word'", "7", "'{'", "'{}'", "'[null]'", "'[7]'", `'[{"at":99,"output":1},{"type":"custom"}]'`])(
    "that are %s are as if there were none",
    async (value) => {
      const session = openReader(() => give(CHUNKS));
      await session.ask();
      await change(session.room, `UPDATE workkit_chat_log SET private = ${value} WHERE seq = 2`);
      await session.room.crash();
      const { history, reply } = await session.read();
      expect(reply).toMatchObject({ content: "I look.\n\nFound." });
      expect(JSON.stringify(reply)).not.toContain("SECRET");
      expect(toModelMessages(history)[0]).toMatchObject({ role: "user" });
    },
  );
});

describe("the history of a provider's stream", () => {
  it.each(WHOLE_STREAMS)("gives a model what the AI SDK would give it: %s", async (name) => {
    const body = () => new Response(recorded(name), { headers: { "content-type": "text/event-stream" } });
    // Calls without an id are given a random one, so the reply is read once.
    const chunks = await collect(adapterOf(name)(body()));
    const session = openReader(() => give(chunks));
    await session.ask();
    const { history } = await session.read();
    const { parts } = await toMessage(give(chunks) as AsyncIterable<ModelChunk>);
    const message: UIMessage = { id: "r", role: "assistant", parts };
    const converted = await convertToModelMessages([message]);
    const ofAssistant = (messages: readonly { role: string }[]) => messages.filter(({ role }) => role === "assistant");
    expect(ofAssistant(toModelMessages(history))).toEqual(JSON.parse(JSON.stringify(ofAssistant(converted))));
    const [, ours] = toUIMessages(history);
    const metadataOf = (all: readonly object[]) =>
      all.flatMap((part) => ("providerMetadata" in part && part.providerMetadata ? [part.providerMetadata] : []));
    expect(metadataOf(ours?.parts ?? [])).toEqual(metadataOf(parts));
  });
});
