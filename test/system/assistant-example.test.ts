import { once } from "node:events";
import { mkdir, rm, symlink } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { TestSocket } from "../workerd/socket.js";
import { ROOT } from "./command.js";
import { Consumer } from "./consumer.js";

/** What its README says to install, and what its types need. */
const PACKAGES = [
  ...["react", "react-dom", "@types/react", "@types/react-dom"],
  ...["ai", "@ai-sdk/react", "@ai-sdk/openai-compatible", "workers-ai-provider"],
];

let consumer: Consumer;

beforeAll(async () => {
  consumer = await Consumer.installed(inject("tarball"));
  await consumer.copy("examples/assistant", "assistant");
  // One that an earlier build has left would prove nothing.
  await rm(consumer.path("assistant/public/page.js"), { force: true });
  for (const name of PACKAGES) {
    const link = consumer.path(`node_modules/${name}`);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(ROOT, "node_modules", name), link);
  }
});

afterAll(() => consumer[Symbol.asyncDispose]());

it.each(["assistant", "assistant/page"])("the example %s compiles from the packed package", async (project) => {
  await consumer.run("tsc", ["--project", project]);
});

it("the example assistant bundles for deployment, with its page", async () => {
  const written = await consumer.run("wrangler", ["deploy", "--dry-run", "--outdir", "out"], "assistant");
  expect(written).toContain("--dry-run: exiting now");
  expect(await consumer.run("ls", ["public"], "assistant")).toContain("page.js");
});

it("the example assistant asks the API that its configuration names", async () => {
  const requests: { path: string | undefined; key: string | undefined; body: unknown }[] = [];
  const api = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    requests.push({ path: request.url, key: request.headers.authorization, body: JSON.parse(text) });
    response.setHeader("content-type", "text/event-stream");
    for (const delta of [{ role: "assistant", content: "Good " }, { content: "morning." }]) {
      response.write(`data: ${JSON.stringify({ id: "1", choices: [{ index: 0, delta }] })}\n\n`);
    }
    response.end(`data: ${JSON.stringify({ id: "1", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\n`);
  }).listen(0, "127.0.0.1");
  await once(api, "listening");
  const { port } = Object(api.address());
  await using server = await Workerd.start({
    module: await bundleWorker(consumer.path("assistant/src/index.ts")),
    objects: [{ name: "CONVERSATIONS", className: "Conversation" }],
    variables: {
      ...{ MODEL: "small", MODEL_URL: `http://127.0.0.1:${port}/v1`, MODEL_KEY: "secret" },
      TOKEN_KEY: "a key of this test alone, never for people",
    },
    fetchesLocally: true,
  });
  const { token } = Object(
    await (await fetch(new URL("/api/token", server.url), { method: "POST", body: "Ada" })).json(),
  );
  const socket = await TestSocket.open(server.socketUrl(`/api/conversations/${crypto.randomUUID()}`), [
    "workkit.chat.plain",
    `workkit.token.${Buffer.from(token).toString("base64url")}`,
  ]);
  socket.send({ type: "message", content: "Hello" });
  const reply = await socket.frame("the reply", ({ role }) => role === "assistant");
  socket.close();
  api.close();
  expect(reply["content"]).toBe("Good morning.");
  expect(requests).toMatchObject([{ path: "/v1/chat/completions", key: "Bearer secret", body: { model: "small" } }]);
  const { messages } = Object(requests[0]?.body);
  expect(messages.at(-1)).toEqual({ role: "user", content: "Hello" });
});
