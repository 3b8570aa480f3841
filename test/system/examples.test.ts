import { rm, stat } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { type Frame, TestSocket } from "../workerd/socket.js";
import { Consumer } from "./consumer.js";

const CONVERSATION = { name: "CONVERSATIONS", className: "Conversation" };
const SHOP = { name: "SHOP", className: "Shop" };
const CHAT_DO = { name: "CHAT_DO", className: "ChatDO" };

let consumer: Consumer;

beforeAll(async () => {
  consumer = await Consumer.installed(inject("tarball"));
  await consumer.copy("examples", "examples");
});

afterAll(() => consumer[Symbol.asyncDispose]());

describe.each(["echo", "session"])("the example %s", (name) => {
  it("compiles from the packed package", async () => {
    await consumer.run("tsc", ["--project", `examples/${name}`, "--skipLibCheck", "false"]);
  });

  it("bundles for deployment", async () => {
    const written = await consumer.run("wrangler", ["deploy", "--dry-run", "--outdir", "out"], `examples/${name}`);
    expect(written).toContain("--dry-run: exiting now");
  });

  it("answers a request that is no upgrade with 426", async () => {
    await using server = await serve(name);
    expect((await fetch(server.url)).status).toBe(426);
  });

  it("echoes a message and answers a ping", async () => {
    await using server = await serve(name);
    const socket = await TestSocket.open(server.socketUrl("/?sessionId=lobby"));
    socket.send({ type: "message", content: "hello" });
    const echo = await socket.frame("the echo", ({ content }) => content === "Echo: hello");
    expect(echo).toMatchObject({ type: "message", role: "assistant" });
    socket.send('{"type":"ping"}');
    await socket.frame("a pong", ({ type }) => type === "pong");
    socket.close();
  });
});

it("the example session replays what was missed, also after workerd was killed", async () => {
  await using server = await serve("session");
  const first = await TestSocket.open(server.socketUrl("/?sessionId=lobby"));
  first.send({ type: "message", content: "one" });
  const { id } = await first.frame("the first echo", ({ content }) => content === "Echo: one");
  first.send({ type: "message", content: "two" });
  await first.frame("the second echo", ({ content }) => content === "Echo: two");
  await server.kill();
  await server.start();
  const again = await TestSocket.open(server.socketUrl(`/?sessionId=lobby&lastMessageId=${id}`));
  await again.frame("the replayed echo", ({ content }) => content === "Echo: two");
  expect(again.frames.map(({ content }) => content)).toEqual(["two", "Echo: two"]);
  again.close();
});

it.each(["src", "pages"])("the example support compiles from the packed package: %s", async (part) => {
  const project = part === "src" ? "examples/support" : "examples/support/pages";
  await consumer.run("tsc", ["--project", project, "--skipLibCheck", "false"]);
});

it.each(["examples/agent", "examples/agent/page"])("%s compiles from the packed package", async (project) => {
  await consumer.run("tsc", ["--project", project, "--skipLibCheck", "false"]);
});

it("the example agent bundles for deployment, its page with it", async () => {
  const page = consumer.path("examples/agent/public/page.js");
  await rm(page, { force: true });
  const written = await consumer.run("wrangler", ["deploy", "--dry-run", "--outdir", "out"], "examples/agent");
  expect(written).toContain("--dry-run: exiting now");
  expect((await stat(page)).size).toBeGreaterThan(0);
});

it("P11: the example agent, killed after it has paid back, begins its reply again and knows what it has done", async () => {
  const id = crypto.randomUUID();
  const module = await bundleWorker(consumer.path("examples/agent/src/index.ts"));
  await using server = await Workerd.start({ module, objects: [CONVERSATION, SHOP] });
  const open = () => TestSocket.open(server.socketUrl(`/chat/${id}?deltas=1`));
  const first = await open();
  first.send({ type: "message", content: "I want a refund for order 1041." });
  const isPaid = ({ toolName, state }: Frame) => toolName === "refund_order" && state === "output-available";
  await first.frame("what was paid back", ({ part }) => isPaid(Object(part)));
  await server.kill();
  await server.start();
  const again = await open();
  const reply = await again.frame("the reply", ({ role }) => role === "assistant");
  expect(reply["content"]).toBe("Let me look at order 1041.\n\nOrder 1041, two coffee cups, was paid back once.");
  again.close();
});

it("the example support bundles for deployment, its pages with it", async () => {
  const pages = ["desk.js", "widget.js"].map((page) => consumer.path(`examples/support/public/${page}`));
  // An earlier build of the checkout was copied along, if there was one.
  for (const page of pages) await rm(page, { force: true });
  const written = await consumer.run("wrangler", ["deploy", "--dry-run", "--outdir", "out"], "examples/support");
  expect(written).toContain("--dry-run: exiting now");
  for (const page of pages) expect((await stat(page)).size).toBeGreaterThan(0);
});

async function serve(name: string): Promise<Workerd> {
  const module = await bundleWorker(consumer.path(`examples/${name}/src/index.ts`));
  return Workerd.start({ module, objects: name === "session" ? [CHAT_DO] : [] });
}
