import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { type Frame, TestSocket } from "../workerd/socket.js";
import { ModelProvider } from "./model-provider.js";

let provider: ModelProvider;
let worker: Workerd;

beforeAll(async () => {
  provider = await ModelProvider.start();
  worker = await Workerd.start({
    module: await bundleWorker("test/workerd/worker-assistant.ts"),
    objects: [{ name: "CHAT_DO", className: "AssistantSession" }],
    variables: { PROVIDER: provider.url.href },
    fetchesLocally: true,
  });
});

afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

const isReply = ({ role }: Frame) => role === "assistant";

/** A client of a room of its own, who asks for this and is shown the reply while it grows. */
async function ask(content: string): Promise<{ room: string; socket: TestSocket }> {
  const room = `/${crypto.randomUUID()}`;
  const socket = await TestSocket.open(worker.socketUrl(`${room}?deltas=1`), ["workkit.chat.v1"]);
  socket.send({ type: "message", id: "question", content });
  return { room, socket };
}

it.each([
  ["openai-chat", "Grüße aus 東京 👩‍👩‍👧, I look it up.\n", { inputTokens: 212, outputTokens: 61 }],
  ["openai-responses", "Über Zürich 🌧️ weiß ich etwas.", { inputTokens: 320, outputTokens: 88 }],
  ["anthropic", "I search for it. 🔎\n\nZürich ist groß. And now:", { inputTokens: 1_030, outputTokens: 143 }],
  ["workers-ai", "Guten Tag, 42 🎉", { inputTokens: 20, outputTokens: 9 }],
])(
  "a reply of %s is shown while it grows, and becomes one envelope with its reason and usage",
  async (name, content, usage) => {
    const { socket } = await ask(`${name} /recorded/${name}?size=40`);
    const { metadata, ...reply } = await socket.frame("the reply", isReply);
    expect(reply).toMatchObject({ content });
    expect(metadata).toMatchObject({ inReplyTo: "question", finish: "tool-calls", usage });
    expect(socket.frames.some(({ type }) => type === "stream")).toBe(true);
    expect(JSON.stringify(socket.frames), "what is the provider's alone").not.toMatch(
      /EqQBsig|Emwk|gAAA|Eqgf|überlegen|Reading/,
    );
    socket.close();
  },
);

it("a history of replies with calls is sent to a model with a result for each call", async () => {
  const { room, socket } = await ask("anthropic /recorded/anthropic?size=1000");
  await socket.frame("the reply", isReply);
  const answer = await fetch(new URL(room, worker.url));
  const messages: { content: { type: string; toolCallId?: string }[] }[] = JSON.parse(await answer.text());
  const idsOf = (type: string) =>
    messages.flatMap(({ content }) => content.flatMap((part) => (part.type === type ? [part.toolCallId] : [])));
  expect(idsOf("tool-call")).toEqual(["srvtoolu_1", "srvtoolu_2", "toolu_1", "toolu_2"]);
  expect(idsOf("tool-result").sort()).toEqual(idsOf("tool-call").sort());
  socket.close();
});

it.each(["openai-chat", "openai-responses", "anthropic"])(
  "P7: an error in a stream of %s keeps what was shown, and tells nobody its text",
  async (name) => {
    const { socket } = await ask(`${name} /recorded/${name}-error?size=50`);
    const { content, metadata } = await socket.frame("the reply", isReply);
    expect(content).not.toBe("");
    expect(metadata).toMatchObject({ finish: "error", error: { code: "HANDLER_FAILED" } });
    expect(JSON.stringify(socket.frames)).not.toContain("SECRET");
    socket.close();
  },
);

it("P7: a request that is refused fails the turn, and its body reaches no client", async () => {
  const { socket } = await ask("openai-chat /status/429");
  const failed = await socket.frame("the end of the turn", (frame) => JSON.stringify(frame).includes("HANDLER_FAILED"));
  expect(JSON.stringify(failed)).not.toContain("429");
  expect(JSON.stringify(socket.frames)).not.toContain("SECRET");
  socket.close();
});

it("P10: a cancel closes the connection to the provider, whose stream stalls, and keeps what was shown", async () => {
  const { socket } = await ask("anthropic /stalled/anthropic?bytes=2100");
  await socket.frame("what is shown", ({ type }) => type === "stream");
  socket.send({ type: "cancel", id: "question" });
  const { metadata, content } = await socket.frame("the reply", isReply);
  expect(metadata).toMatchObject({ finish: "cancelled" });
  expect(content).toBe("I search for it. 🔎");
  await provider.closed;
  socket.close();
});
