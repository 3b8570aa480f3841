import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { Consumer } from "./consumer.js";

let consumer: Consumer;
let printed: string;

beforeAll(async () => {
  consumer = await Consumer.create();
  await consumer.run("npm", ["install", "--no-audit", "--no-fund", inject("tarball")]);
  printed = await init("My chat!");
});

afterAll(() => consumer[Symbol.asyncDispose]());

it("init writes a project of its own name, with a secret that nobody else has", async () => {
  const { name, dependencies } = JSON.parse(await read("package.json"));
  const { version } = JSON.parse(await readFile(consumer.path("node_modules/@workkit/chat/package.json"), "utf8"));
  expect(name).toBe("my-chat");
  expect(dependencies).toEqual({ "@workkit/chat": `^${version}` });
  expect(await read("wrangler.jsonc")).toContain('"name": "my-chat"');
  expect((await read(".gitignore")).split("\n")).toContain(".dev.vars");
  await init("another");
  const secret = /^TOKEN_SECRET=[0-9a-f]{64}\n$/;
  expect(await read(".dev.vars")).toMatch(secret);
  expect(await read(".dev.vars", "another")).toMatch(secret);
  expect(await read(".dev.vars")).not.toBe(await read(".dev.vars", "another"));
});

it("init says what to do next", () => {
  expect(printed).toMatch(/cd "My chat!"\n +npm install\n +npm run dev\n/);
});

it("what init writes compiles, and bundles for deployment", async () => {
  await consumer.run("npm", ["run", "check"], "My chat!");
  const written = await consumer.run("wrangler", ["deploy", "--dry-run", "--outdir", "out"], "My chat!");
  expect(written).toContain("--dry-run: exiting now");
  expect((await read("public/page.js")).length).toBeGreaterThan(0);
});

it("init leaves a folder alone that has something in it", async () => {
  await consumer.write("taken/notes.txt", "mine");
  await expect(init("taken")).rejects.toThrow("is not empty. Name a new folder.");
  expect(await consumer.run("ls", ["-A", "taken"])).toBe("notes.txt\n");
});

it("init writes into a repository that has no file yet, and into the folder where it runs", async () => {
  await consumer.run("git", ["init", "--quiet", "fresh"]);
  const bin = consumer.path("node_modules/@workkit/chat/bin/init.mjs");
  const said = await consumer.run("node", [bin, "init", "."], "fresh");
  expect(said).toContain("Your chat is in this folder.");
  expect(said).not.toContain("cd ");
  expect(JSON.parse(await read("package.json", "fresh")).name).toBe("fresh");
});

it("init says so if the name is that of a file", async () => {
  await consumer.write("notes.txt", "mine");
  await expect(init("notes.txt")).rejects.toThrow("notes.txt is a file. Name a new folder.");
});

it.each(["", "init", "start", "init a b", "init --force"])(
  "says how it is used for the arguments: %s",
  async (line) => {
    const args = line.split(" ").filter((word) => word !== "");
    const usage = "Usage: npx @workkit/chat init FOLDER";
    await expect(consumer.run("npx", ["@workkit/chat", ...args])).rejects.toThrow(usage);
  },
);

function init(folder: string): Promise<string> {
  return consumer.run("npx", ["@workkit/chat", "init", folder]);
}

function read(file: string, folder = "My chat!"): Promise<string> {
  return readFile(consumer.path(`${folder}/${file}`), "utf8");
}
