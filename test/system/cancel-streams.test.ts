import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { type Frame, TestSocket } from "../workerd/socket.js";
import { ModelProvider } from "./model-provider.js";

const ROUNDS = 5;

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

it.each([
  { what: "streams", content: "openai-chat /steady" },
  { what: "stalls", content: "anthropic /stalled/anthropic?bytes=1900" },
  { what: "streams, and was not given the signal", content: "openai-chat /steady deaf" },
  { what: "stalls, and was not given the signal", content: "anthropic /stalled/anthropic?bytes=1900 deaf" },
  { what: "has not answered", content: "openai-chat /silent" },
])(
  "P10: a cancel closes the connection to a provider that $what, and nothing is said after it",
  async ({ what, content }) => {
    const tookMs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const before = provider.requests;
      const room = `/${crypto.randomUUID()}`;
      const socket = await TestSocket.open(worker.socketUrl(`${room}?deltas=1`), ["workkit.chat.v1"]);
      socket.send({ type: "message", id: "question", content });
      if (content.includes("silent")) while (provider.requests === before) await wait(5);
      else await socket.frame("the reply", ({ type }) => type === "stream");
      // The cancel comes from another tab.
      const tab = await TestSocket.open(worker.socketUrl(room), ["workkit.chat.v1"]);
      const { closed } = provider;
      const cancelledAt = performance.now();
      tab.send({ type: "cancel", id: "question" });
      await closed;
      tookMs.push(Math.round(performance.now() - cancelledAt));
      expect(await tab.frame("the answer", ({ type }) => type === "cancelled")).toMatchObject({ result: "done" });
      const isSilent = content.includes("silent");
      const isLast = isSilent ? ({ type }: Frame) => type === "ack" : isReply;
      await socket.frame("the last frame", isLast);
      await wait(100);
      const after = socket.frames.slice(socket.frames.findIndex(isLast) + 1);
      expect(after.filter(({ type }) => type !== "ping")).toEqual([]);
      const reasons = socket.frames.filter(isReply).map(({ metadata }) => Object(metadata).finish);
      expect(reasons).toEqual(isSilent ? [] : ["cancelled"]);
      socket.close();
      tab.close();
    }
    process.stdout.write(`the provider's connection that ${what} was closed after ${tookMs.join(", ")} ms\n`);
  },
);
