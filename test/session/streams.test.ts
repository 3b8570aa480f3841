import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { ChatError, type ChatSessionDOOptions, type TurnContext } from "../../src/index.js";
import { openSession, type SessionRoom } from "../fixtures/rooms.js";
import { connectPlainViewer, connectViewer, isReply, Tap } from "../fixtures/streams.js";
import { ack, connectV1, readAlong } from "../fixtures/v1.js";

/** A session whose reply is what the test pushes. */
function openTap(options: Partial<ChatSessionDOOptions> = {}) {
  const tap = new Tap();
  const room = openSession({ onMessage: () => tap.pieces(), ...options });
  const within = (act: () => void) => runInDurableObject(room.stub, act);
  return {
    tap,
    room,
    push: (...pieces: unknown[]) => within(() => tap.push(...pieces)),
    end: (error?: unknown) => within(() => tap.end(error)),
  };
}

async function* count(pieces: number, pause = 1): AsyncGenerator<string> {
  for (let n = 1; n <= pieces; n++) {
    if (pause > 0) await scheduler.wait(pause);
    yield `${n} `;
  }
}
const counted = (pieces: number) => Array.from({ length: pieces }, (_, n) => `${n + 1} `).join("");

function toStream<Piece>(pieces: AsyncGenerator<Piece>): ReadableStream<Piece> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

const stored = async (room: SessionRoom) => (await room.session.history()).messages;

describe("P10: a reply from a source", () => {
  it("is shown while it grows to those who asked, and becomes one envelope for everyone", async () => {
    const { room, push, end } = openTap();
    const { socket: plain } = { socket: await room.connect() };
    const { socket: unasked } = await connectV1(room);
    const { socket, views } = await connectViewer(room);
    const { socket: viewer, views: plainViews } = await connectPlainViewer(room);
    socket.say("hello", { id: "m" });
    await push("Hel", "lo");
    const opened = await viewer.find(({ type }) => type === "stream");
    const id = String(opened["id"]);
    expect(opened).toMatchObject({ ref: { id: "m", seq: 1 }, attempt: 1, n: 1 });
    await push(", wor", "ld");
    while (views.text(id) !== "Hello, world" || plainViews.text(id) !== "Hello, world") await scheduler.wait(1);
    await end();
    for (const reader of [socket, viewer, plain, unasked]) {
      const reply = await reader.find(isReply);
      expect(reply).toMatchObject({ id, content: "Hello, world" });
      expect(reply.metadata).toMatchObject({ inReplyTo: "m", finish: "stop" });
    }
    expect(await stored(room)).toMatchObject([{ id: "m" }, { id, seq: 2, content: "Hello, world" }]);
    expect([views.open.size, plainViews.open.size]).toEqual([0, 0]);
    for (const reader of [plain, unasked]) {
      expect(reader.frames.filter(({ type }) => type === "stream" || type === "delta")).toEqual([]);
    }
  });

  it.each([
    { what: "a generator of strings", make: () => count(5) },
    { what: "a stream of strings", make: () => toStream(count(5)) },
    { what: "a response of text", make: () => new Response(counted(5)) },
    { what: "a list with one source", make: () => [count(5)] },
  ])("may be $what", async ({ make }) => {
    const room = openSession({ onMessage: async () => make() });
    const { socket, views } = await connectViewer(room);
    socket.say("hello", { id: "m" });
    const reply = await socket.find(isReply);
    expect(reply).toMatchObject({ content: counted(5) });
    expect(counted(5)).toContain(views.text(String(reply["id"])));
  });

  it("may be bytes that are cut within characters, and pieces that are cut within surrogate pairs", async () => {
    const text = "Grüße 😀 ✓";
    const bytes = async function* () {
      for (const byte of new TextEncoder().encode(text)) yield new Uint8Array([byte]);
    };
    const units = async function* () {
      for (let at = 0; at < text.length; at++) {
        await scheduler.wait(at % 3 === 0 ? 60 : 0);
        yield text.charAt(at);
      }
    };
    const room = openSession({
      onMessage: async (_id, { content }) => (content === "bytes" ? toStream(bytes()) : units()),
    });
    const { socket, views } = await connectViewer(room);
    for (const id of ["bytes", "units"]) {
      socket.say(id, { id });
      const reply = await socket.find(({ metadata }) => metadata?.["inReplyTo"] === id);
      expect(reply["content"]).toBe(text);
    }
    const shown = socket.frames.flatMap(({ type, text: delta }) => (type === "delta" ? [String(delta)] : []));
    expect(shown.filter((delta) => !delta.isWellFormed())).toEqual([]);
    expect(views.ended.size).toBe(2);
  });

  it("has parts beside its text, without what is private", async () => {
    const chunks = async function* () {
      yield { type: "start", messageMetadata: { model: "m-1" } };
      yield { type: "start-step" };
      yield { type: "reasoning-start", id: "r" };
      yield { type: "reasoning-delta", id: "r", delta: "secret thought" };
      yield { type: "text-start", id: "t" };
      yield { type: "text-delta", id: "t", delta: "Let me " };
      yield { type: "text-delta", id: "t", delta: "look." };
      yield { type: "tool-input-start", toolCallId: "c", toolName: "search" };
      yield { type: "tool-input-available", toolCallId: "c", toolName: "search", input: { q: "x" } };
      yield {
        type: "tool-output-available",
        toolCallId: "c",
        output: "secret result",
        providerMetadata: { p: "secret" },
      };
      yield { type: "finish-step" };
      yield { type: "start-step" };
      yield { type: "text-start", id: "w" };
      yield { type: "text-delta", id: "w", delta: "withdrawn" };
      yield { type: "reset-step" };
      yield { type: "source-url", sourceId: "s", url: "https://example.com/", providerMetadata: { p: "secret" } };
      yield { type: "unknown to us", value: "secret" };
      yield "Found.";
      yield { type: "finish", finishReason: "length", messageMetadata: { usage: { outputTokens: 7 } } };
    };
    const room = openSession({ onMessage: () => chunks() });
    const { socket, views } = await connectViewer(room);
    socket.say("hello", { id: "m" });
    const reply = await socket.find(isReply);
    const tool = {
      type: "dynamic-tool",
      toolCallId: "c",
      toolName: "search",
      input: { q: "x" },
      state: "output-available",
    };
    const source = { type: "source-url", sourceId: "s", url: "https://example.com/" };
    expect(reply).toMatchObject({ content: "Let me look.\n\nFound." });
    expect(reply.metadata).toEqual({
      inReplyTo: "m",
      model: "m-1",
      usage: { outputTokens: 7 },
      finish: "length",
      parts: [{ type: "text", start: 0, end: 12 }, tool, source, { type: "text", start: 14, end: 20 }],
    });
    expect(JSON.stringify(socket.frames)).not.toContain("secret");
    expect([...views.ended.values()][0]?.parts.length).toBeLessThanOrEqual(4);
  });

  it("shows reasoning and what tools returned where the handler says so", async () => {
    const chunks = async function* () {
      yield { type: "reasoning-delta", id: "r", delta: "a thought" };
      yield { type: "tool-output-available", toolCallId: "c", output: { found: 1 } };
    };
    const room = openSession({
      onMessage: async (_id, _message, { stream }) => {
        await stream(() => chunks(), { reasoning: true, toolOutputs: true });
        return undefined;
      },
    });
    const { socket } = await connectViewer(room);
    socket.say("hello", { id: "m" });
    expect((await socket.find(isReply)).metadata?.["parts"]).toEqual([
      { type: "reasoning", text: "a thought" },
      { type: "dynamic-tool", toolCallId: "c", output: { found: 1 }, state: "output-available" },
    ]);
  });

  it("is an empty envelope where its source gives nothing", async () => {
    const room = openSession({ onMessage: () => count(0) });
    const { socket } = await connectViewer(room);
    socket.say("hello", { id: "m" });
    expect(await socket.find(isReply)).toMatchObject({ content: "", metadata: { finish: "stop" } });
  });

  it("never fails for what JSON cannot carry", async () => {
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    let deep: unknown = 1;
    for (let n = 0; n < 300; n++) deep = [deep];
    const chunks = async function* () {
      for (const [toolCallId, input] of [
        ["a", circular],
        ["b", deep],
        ["c", 1n],
      ]) {
        yield { type: "tool-input-available", toolCallId, toolName: "t", input };
      }
      yield "done";
    };
    const room = openSession({ onMessage: () => chunks() });
    const { socket } = await connectViewer(room);
    socket.say("hello", { id: "m" });
    expect(await socket.find(isReply)).toMatchObject({ content: "done", metadata: { finish: "stop" } });
  });
});

describe("P10, P11: a streamed reply that is cut off", () => {
  it("keeps what was shown where its source breaks, with one report and no other", async () => {
    const { room, push, end } = openTap();
    const { socket } = await connectViewer(room);
    socket.say("hello", { id: "m" });
    await push("half");
    await socket.find(({ type }) => type === "stream");
    await end(new ChatError("x-quota", "That was all."));
    const reply = await socket.find(isReply);
    expect(reply).toMatchObject({ content: "half" });
    expect(reply.metadata).toMatchObject({ finish: "error", error: { code: "x-quota", text: "That was all." } });
    await socket.settle();
    expect(socket.frames.filter(({ type }) => type === "error")).toEqual([]);
  });

  it("is an error like any other where nothing was shown, and tells nothing of an exception", async () => {
    const { room, push, end } = openTap();
    const { socket } = await connectViewer(room);
    socket.say("one", { id: "1" });
    await ack(socket, "1");
    await end(new Error("secret"));
    expect((await socket.error("HANDLER_FAILED")).metadata).toMatchObject({ inReplyTo: "1" });
    expect(await stored(room)).toHaveLength(1);
    expect(JSON.stringify(socket.frames)).not.toContain("secret");
    void push;
  });

  it("is ended by turnTimeout where it stalls, and not while pieces come", async () => {
    const stalls = async function* () {
      yield* count(20, 50);
      await new Promise(() => "never");
    };
    const room = openSession({ onMessage: () => stalls(), turnTimeout: 500 });
    const { socket } = await connectViewer(room);
    socket.say("hello", { id: "m" });
    const reply = await socket.find(isReply);
    expect(reply).toMatchObject({
      content: counted(20),
      metadata: { finish: "error", error: { code: "TURN_TIMEOUT" } },
    });
  });

  it("is given toolTimeout in place of turnTimeout while a tool runs, and turnTimeout again once it has ended", async () => {
    const call = { type: "tool-input-available", toolCallId: "c", toolName: "t", input: {} };
    const output = { type: "tool-output-available", toolCallId: "c", output: 1 };
    const patient = async function* () {
      yield* ["begun", call, { ...output, preliminary: true }];
      await scheduler.wait(1_000);
      yield* [output, "done"];
      await new Promise(() => "never");
    };
    const stuck = async function* () {
      yield* ["begun", call];
      await new Promise(() => "never");
    };
    const room = openSession({
      onMessage: (_id, { content }) => (content === "patient" ? patient() : stuck()),
      turnTimeout: 500,
      toolTimeout: 3_000,
    });
    const { socket } = await connectViewer(room);
    const begunAt = Date.now();
    for (const content of ["patient", "stuck"]) {
      socket.say(content, { id: content });
      const reply = await socket.find(({ metadata }) => metadata?.["inReplyTo"] === content);
      expect(reply).toMatchObject({
        content: content === "patient" ? "begun\n\ndone" : "begun",
        metadata: { finish: "error", error: { code: "TURN_TIMEOUT" } },
      });
    }
    expect(Date.now() - begunAt).toBeGreaterThanOrEqual(1_000 + 500 + 3_000);
  });

  it("is ended by maxTurnTime however much it streams, and its source is left", async () => {
    let isLeft = false;
    const endless = async function* () {
      try {
        for (;;) {
          await scheduler.wait(1);
          yield "x";
        }
      } finally {
        isLeft = true;
      }
    };
    const room = openSession({ onMessage: () => endless(), maxTurnTime: 200 });
    const { socket } = await connectViewer(room);
    socket.say("hello", { id: "m" });
    expect((await socket.find(isReply)).metadata).toMatchObject({ finish: "error", error: { code: "TURN_TIMEOUT" } });
    while (!isLeft) await scheduler.wait(1);
  });

  it("P12: ends with `length` at maxReplySize, and its source is left", async () => {
    let isLeft = false;
    const endless = async function* () {
      try {
        for (;;) yield "x".repeat(100);
      } finally {
        isLeft = true;
      }
    };
    const room = openSession({ onMessage: () => endless(), maxReplySize: 1_000 });
    const { socket } = await connectViewer(room);
    socket.say("hello", { id: "m" });
    const reply = await socket.find(isReply);
    expect(String(reply["content"])).toHaveLength(900);
    expect(reply.metadata).toMatchObject({ finish: "length" });
    expect(isLeft).toBe(true);
  });

  it("P12: is BUSY once the replies of a session hold 16 MB, half of it for one limit key", async () => {
    const large = async function* () {
      for (let n = 0; n < 17; n++) yield "x".repeat(65_534);
      await new Promise(() => "never");
    };
    const room = openSession({
      concurrency: "parallel",
      rateLimit: false,
      maxReplySize: 1_800_000,
      authenticate: (request) => ({ id: new URL(request.url).searchParams.get("as") ?? "anonymous" }),
      onMessage: (_id, { content }) => (content === "small" ? count(2) : large()),
    });
    const { socket } = await connectV1(room, undefined, { query: { as: "ann" } });
    readAlong(socket);
    for (let n = 0; n < 9; n++) socket.say("large", { id: `${n}` });
    const reply = await socket.find(isReply);
    expect(reply.metadata).toMatchObject({ finish: "error", error: { code: "BUSY" } });
    const { socket: other } = await connectV1(room, undefined, { query: { as: "ben" } });
    const { seq } = await other.find(({ type }) => type === "page");
    readAlong(other).send({ type: "next", seq });
    other.say("small", { id: "small" });
    await other.content("1 2 ");
  });

  it("is forgotten by clear(), and nothing of it is written", async () => {
    const { room, tap, push } = openTap();
    const { socket } = await connectViewer(room);
    socket.say("hello", { id: "m" });
    await push("half");
    await socket.find(({ type }) => type === "stream");
    await room.session.clear();
    await push("more");
    expect((await socket.end()).code).toBe(4002);
    while (!tap.left) await scheduler.wait(1);
    expect(await stored(room)).toEqual([]);
  });
});

describe("context.stream", () => {
  it("resolves with the envelope, in the middle of a turn", async () => {
    const room = openSession({
      onMessage: async (_id, _message, { stream, post }) => {
        const first = await stream(() => count(3));
        await post({ content: `after ${first.content}` });
        return count(2);
      },
    });
    const { socket } = await connectViewer(room);
    socket.say("hello", { id: "m" });
    await socket.content("1 2 ");
    expect((await stored(room)).map(({ content }) => content)).toEqual(["hello", "1 2 3 ", "after 1 2 3 ", "1 2 "]);
  });

  it("P11: does not make a source again whose reply is in the log", async () => {
    const made: string[] = [];
    const room = openSession({
      onMessage: async (_id, _message, { stream, attempt }: TurnContext) => {
        const make = (name: string) => () => {
          made.push(`${name} ${attempt}`);
          return count(2);
        };
        const first = await stream(make("first"));
        if (attempt === 1) await new Promise(() => "never");
        const second = await stream(make("second"));
        return `${first.id === second.id}`;
      },
    });
    const { socket } = await connectViewer(room);
    socket.say("hello", { id: "m" });
    await socket.content("1 2 ");
    await room.crash();
    const { socket: again } = await connectViewer(room);
    await again.content("false");
    expect(made).toEqual(["first 1", "second 2"]);
  });
});
