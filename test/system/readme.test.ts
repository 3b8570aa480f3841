import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { TestSocket } from "../workerd/socket.js";
import { codeBlocks } from "./code-blocks.js";
import { ROOT } from "./command.js";
import { TSCONFIG } from "./consumer.js";
import { Walkthrough } from "./walkthrough.js";

const CLIENT = "node client.mjs";

let reader: Walkthrough;

beforeAll(async () => {
  reader = await Walkthrough.of("README.md", inject("tarball"));
  await reader.follow("Quick start");
});

afterAll(() => reader[Symbol.asyncDispose]());

it("the quick start gives a chat that its client talks to", async () => {
  await expect.poll(() => reader.printedBy(CLIENT), { timeout: 30_000 }).toBe("user: Hello\nassistant: Echo: Hello\n");
});

it("the quick start's chat is one conversation for everyone", async () => {
  const socket = await TestSocket.open(new URL(`ws://localhost:${reader.port}/?sessionId=lobby`));
  socket.send({ type: "message", content: "from the second" });
  await expect
    .poll(() => reader.printedBy(CLIENT), { timeout: 30_000 })
    .toMatch(/user: from the second\nassistant: Echo: from the second\n$/);
  socket.close();
});

it("the quick start's server compiles with the types that wrangler writes", async () => {
  const { types: _, ...compilerOptions } = TSCONFIG.compilerOptions;
  const files = ["src/index.ts", "worker-configuration.d.ts"];
  await reader.project.write(
    "tsconfig.json",
    JSON.stringify({ compilerOptions: { ...compilerOptions, types: [] }, files }),
  );
  await reader.project.run("tsc", []);
});

it("the README is short: 120 lines, with 25 of a server and 10 of a client", () => {
  const lines = (text: string) => text.trimEnd().split("\n").length;
  const [server, client] = codeBlocks().filter(
    ({ place, language }) => /^README\.md:/.test(place) && language === "ts",
  );
  expect(lines(readFileSync(join(ROOT, "README.md"), "utf8"))).toBeLessThanOrEqual(120);
  expect(lines(server?.text ?? "")).toBeLessThanOrEqual(25);
  expect(lines(client?.text ?? "")).toBeLessThanOrEqual(10);
});
