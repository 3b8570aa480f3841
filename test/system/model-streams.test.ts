import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { Consumer } from "./consumer.js";
import { ModelProvider } from "./model-provider.js";

const ADAPTERS = ["openai-chat", "openai-responses", "anthropic", "workers-ai"];
const MiB = 1_048_576;

let provider: ModelProvider;
let worker: Workerd;
let packages: Workerd;

beforeAll(async () => {
  provider = await ModelProvider.start();
  worker = await Workerd.start({ module: await bundleWorker("test/workerd/worker-models.ts"), fetchesLocally: true });
  const external = ["cloudflare:*", "workerd:*", "node:*"];
  const module = await bundleWorker("test/ai/worker-packages.ts", { external });
  packages = await Workerd.start({ module, flags: ["nodejs_compat"], fetchesLocally: true });
});

afterAll(async () => {
  await packages[Symbol.asyncDispose]();
  await worker[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

/** What the worker does with a stream of the provider. */
async function use(
  how: "read" | "leave" | "abort" | "hold",
  adapter: string,
  path: string,
): Promise<Record<string, unknown>> {
  const url = new URL(how, worker.url);
  url.searchParams.set("adapter", adapter);
  url.searchParams.set("url", new URL(path, provider.url).href);
  const answer = await fetch(url);
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  return JSON.parse(text.replaceAll(/call-[0-9a-f-]{36}/g, "call"));
}

describe.each(ADAPTERS)("a stream of %s over HTTP", (adapter) => {
  it("makes the same chunks in workerd, whatever the sizes of the pieces are in which it arrives", async () => {
    const whole = await use("read", adapter, `/recorded/${adapter}?size=1000000`);
    expect(whole).toMatchObject({ chunks: expect.arrayContaining([expect.objectContaining({ type: "finish" })]) });
    for (const size of [1, 5, 100, 700]) {
      expect(await use("read", adapter, `/recorded/${adapter}?size=${size}`), `pieces of ${size} bytes`).toEqual(whole);
    }
  });

  it("is closed when its reader leaves while it stalls", async () => {
    const done = { done: true };
    expect(await use("leave", adapter, stalled(adapter))).toEqual({ left: done, pending: done });
    await provider.closed;
  });

  it("is closed when its request is aborted while it stalls", async () => {
    expect(await use("abort", adapter, stalled(adapter))).toEqual({ pending: "AbortError" });
    await provider.closed;
  });

  it("is a ModelError with the status where the request is refused", async () => {
    const outcome = await use("read", adapter, "/status/429");
    expect(outcome).toEqual({ chunks: [], error: { name: "ModelError", status: 429 } });
  });
});

it("a stream is not read ahead: of an endless one that nobody reads on, the provider can send only what buffers hold", async () => {
  provider.sent = 0;
  await use("hold", "openai-chat", "/endless");
  expect(provider.sent).toBeGreaterThan(0);
  expect(provider.sent).toBeLessThan(16 * MiB);
  await provider.closed;
});

describe.each(["openai-chat", "openai-responses", "anthropic"])(
  "the stream that the package of %s returns in workerd",
  (adapter) => {
    const ask = async (model: string) => {
      const url = new URL(`/${adapter}?model=${model}&url=${new URL("/api", provider.url)}`, packages.url);
      return JSON.parse(await (await fetch(url)).text());
    };

    it("makes the same chunks as the response", async () => {
      const whole = await use("read", adapter, `/recorded/${adapter}?size=1000`);
      // Anthropic's package drops pings.
      const chunks = Object(whole).chunks.filter(({ type }: { type: string }) => type !== "message-metadata");
      expect(await ask("any")).toEqual({ chunks });
    });

    it("is closed when its reader leaves while it stalls", async () => {
      const done = { done: true };
      expect(await ask("stalled")).toEqual({ left: done, pending: done });
      await provider.closed;
    });
  },
);

describe("the adapters of the packed package", () => {
  let consumer: Consumer;

  beforeAll(async () => {
    consumer = await Consumer.installed(inject("tarball"));
    await consumer.write("program.mjs", PROGRAM);
  });

  afterAll(() => consumer[Symbol.asyncDispose]());

  it.each([
    ["Node", "node", []],
    ["Bun", "bun", []],
    ["Deno", "deno", ["run", "--allow-all"]],
  ])("read a stream over HTTP in %s", async (_, program, args) => {
    const url = new URL("/recorded/anthropic?size=50", provider.url).href;
    expect(JSON.parse(await consumer.run(program, [...args, "program.mjs", url]))).toEqual({
      text: "I search for it. 🔎Zürich ist groß. And now:",
      finishReason: "tool-calls",
    });
  });
});

/** Tells the text of a stream, and why it ended. */
const PROGRAM = `
import { fromAnthropic } from "@workkit/chat/ai";

const told = { text: "" };
for await (const { type, delta, finishReason } of fromAnthropic(await fetch(process.argv[2]))) {
  if (type === "text-delta") told.text += delta;
  if (type === "finish") told.finishReason = finishReason;
}
console.log(JSON.stringify(told));
process.exit();
`;

/** So much of a recorded stream that it has begun to speak, and then nothing. */
function stalled(adapter: string): string {
  const bytes = { "openai-chat": 1_200, "openai-responses": 6_500, anthropic: 1_900, "workers-ai": 60 }[adapter];
  return `/stalled/${adapter}?bytes=${bytes}`;
}
