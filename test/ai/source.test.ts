import { describe, expect, it } from "vitest";
import { type AnthropicEvent, fromAgentLoop, fromAnthropic, fromOpenAIChat, ModelError } from "../../src/ai/index.js";
import { adapterOf, collect, outcome, recorded, STREAMS, streamOf, WHOLE_STREAMS } from "./recorded.js";

const START: AnthropicEvent = { type: "message_start", message: { model: "m" } };
const text = (value: string): AnthropicEvent => ({
  type: "content_block_delta",
  delta: { type: "text_delta", text: value },
});

describe("a source", () => {
  it.each(WHOLE_STREAMS)("%s is the same as a Response, as its body, and as text", async (name) => {
    const adapter = adapterOf(name);
    const types = async (reply: ReturnType<typeof adapter>) => (await collect(reply)).map(({ type }) => type);
    const stream = STREAMS.get(name) ?? "";
    const whole = await types(adapter(streamOf([stream])));
    expect(await types(adapter(eventStream(stream)))).toEqual(whole);
    expect(await types(adapter(eventStream(stream).body ?? streamOf([])))).toEqual(whole);
  });

  it("is read only as far as chunks are asked for, one piece at a time", async () => {
    let read = 0;
    const endless = (async function* () {
      yield START;
      for (;;) yield text(`${++read}`);
    })();
    const reply = fromAnthropic(endless);
    expect(read).toBe(0);
    const deltas: string[] = [];
    while (deltas.length < 50) {
      const { value } = await reply.next();
      if (value?.type === "text-delta") deltas.push(value.delta);
      expect(read - deltas.length).toBeLessThanOrEqual(1);
    }
    await reply.return?.();
  });

  it("is stopped when the loop over its chunks is left", async () => {
    const { source, stopped } = stallingStream(sse(START, text("Hello")));
    for await (const { type } of fromAnthropic(source)) if (type === "text-delta") break;
    await stopped;
  });

  it("is stopped while it stalls: a read that is pending ends at once", async () => {
    const { source, stopped } = stallingStream(sse(START));
    const reply = fromAnthropic(source);
    await reply.next();
    const pending = reply.next();
    expect(await reply.return?.()).toEqual({ done: true, value: undefined });
    await stopped;
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await reply.next()).toEqual({ done: true, value: undefined });
  });

  it("is stopped if its chunks are left before the first one", async () => {
    const { source, stopped } = stallingStream("");
    await fromAnthropic(source).return?.();
    await stopped;
    const { source: body, stopped: bodyStopped } = stallingStream("");
    await fromAnthropic(new Response(body)).return?.();
    await bodyStopped;
  });

  it.each(["anthropic-error", "openai-chat-error"])("is stopped after the error of %s", async (name) => {
    const { source, stopped } = stallingStream(recorded(name));
    expect((await outcome(adapterOf(name)(source))).error).toBeInstanceOf(ModelError);
    await stopped;
  });

  it.each(["anthropic", "openai-responses", "openai-chat", "workers-ai"])(
    "%s is stopped after its last event",
    async (name) => {
      const { source, stopped } = stallingStream(recorded(name));
      expect((await collect(adapterOf(name)(source))).at(-1)).toMatchObject({ type: "finish" });
      await stopped;
    },
  );

  it("that is the stream of a provider's package has its request aborted, also while it stalls", async () => {
    const controller = new AbortController();
    const stream = (async function* (): AsyncGenerator<AnthropicEvent> {
      yield START;
      await new Promise((resolve) => controller.signal.addEventListener("abort", resolve));
    })();
    const reply = fromAnthropic(Object.assign(stream, { controller }));
    await reply.next();
    const pending = reply.next();
    await reply.return?.();
    expect(controller.signal.aborted).toBe(true);
    expect(await pending).toEqual({ done: true, value: undefined });
  });

  it("that ignores being left is not waited for, and what it says later is dropped", async () => {
    let speak: (() => void) | undefined;
    const deaf = (async function* () {
      yield { type: "text-delta", delta: "one" };
      await new Promise<void>((resolve) => {
        speak = resolve;
      });
      yield { type: "text-delta", delta: "two" };
    })();
    const reply = fromAgentLoop(deaf);
    while ((await reply.next()).value?.type !== "text-delta");
    const pending = reply.next();
    await reply.return?.();
    speak?.();
    expect(await pending).toEqual({ done: true, value: undefined });
  });

  it("whose stop throws does not disturb who leaves it", async () => {
    const source = new ReadableStream<string>({
      pull: (controller) => controller.enqueue(sse(START, text("x"))),
      cancel() {
        throw new Error("It cannot be stopped.");
      },
    });
    for await (const { type } of fromAnthropic(source)) if (type === "text-delta") break;
  });

  it("that breaks passes on what it throws, after what came before it", async () => {
    const broken = new Error("The network is gone.");
    const pieces = [sse(START, text("Half"))];
    const source = new ReadableStream<string>({
      pull(controller) {
        const piece = pieces.shift();
        if (piece === undefined) controller.error(broken);
        else controller.enqueue(piece);
      },
    });
    const { chunks, error } = await outcome(fromAnthropic(source));
    expect(chunks.at(-1)).toMatchObject({ delta: "Half" });
    expect(error).toBe(broken);
  });
});

describe("a response", () => {
  it.each([400, 401, 429, 500, 529])(
    "with status %i is an error that has the status and the body, and stops it",
    async (status) => {
      const { source, stopped } = stallingStream(`{"error":{"message":"SECRET"}}${" ".repeat(3_000)}`);
      const { chunks, error } = await outcome(fromOpenAIChat(new Response(source, { status })));
      expect(chunks).toEqual([]);
      expect(error).toBeInstanceOf(ModelError);
      expect(error).toMatchObject({ status, message: `The model answered with status ${status}.` });
      expect(error).toMatchObject({ cause: expect.stringContaining("SECRET") });
      expect(String(Object(error).cause).length).toBeLessThanOrEqual(2_000);
      await stopped;
    },
  );

  it("with status 500 and no body is the same error", async () => {
    const { error } = await outcome(fromOpenAIChat(new Response(null, { status: 500 })));
    expect(error).toMatchObject({ name: "ModelError", status: 500, cause: "" });
  });

  it("that is JSON says that a stream has to be asked for", async () => {
    const { error } = await outcome(fromOpenAIChat(Response.json({ choices: [] })));
    expect(error).toBeInstanceOf(ModelError);
    expect(String(error)).toContain('application/json instead of a stream. Ask for one with "stream": true.');
  });

  it("without a body, or with an empty one, is a stream that breaks off", async () => {
    for (const response of [new Response(null, { status: 204 }), eventStream("")]) {
      expect((await outcome(fromOpenAIChat(response))).error).toMatchObject({ name: "ModelError", status: undefined });
    }
  });
});

function eventStream(body: string): Response {
  return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
}

function sse(...events: object[]): string {
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
}

/** A stream that says this, then nothing, and does not end. `stopped` resolves when it is cancelled. */
function stallingStream(said: string): { source: ReadableStream<Uint8Array>; stopped: Promise<void> } {
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  const source = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(`${said}:\n`)),
    cancel: () => resolve(),
  });
  return { source, stopped };
}
