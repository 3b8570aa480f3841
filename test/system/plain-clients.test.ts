import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LinkProxy } from "../../siege/link.js";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { TestSocket } from "../workerd/socket.js";
import { codeBlocks } from "./code-blocks.js";

const ADDRESS = "wss://chat.example.com/?sessionId=room-1";
/** Ids that mean something else in a URL. */
const AWKWARD = ["a#b", "c&d=e", "f+g h", "100%25"];

const blocks = codeBlocks().filter(({ text }) => text.includes(ADDRESS) && text.includes("lastMessageId"));
const recipes = blocks.map(({ place, language, text }) => ({ place, language, text }));

const folder = mkdtempSync(join(tmpdir(), "workkit-chat-plain-"));
let server: Workerd;

beforeAll(async () => {
  const module = await bundleWorker("test/workerd/worker-silent.ts");
  server = await Workerd.start({ module, objects: [{ name: "CHAT_DO", className: "SilentSession" }] });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** A recipe that runs as it stands, but against this address and with a shorter interval. */
class Recipe implements AsyncDisposable {
  output = "";
  readonly #process: ChildProcess;

  constructor(language: string, text: string, address: string) {
    const isPython = language === "python";
    const program = text
      .replace(ADDRESS, address)
      .replace(/\b(30_000|INTERVAL = 30)\b/, (found) => (isPython ? "INTERVAL = 0.5" : found.replace("30_000", "500")));
    const file = join(folder, `${crypto.randomUUID()}.${isPython ? "py" : "mjs"}`);
    writeFileSync(file, isPython ? program : transformSync(program, { loader: "ts" }).code);
    this.#process = spawn(isPython ? "python3" : process.execPath, [file], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding("utf8").on("data", (data: string) => {
        this.output += data;
      });
    }
  }

  lines(start: string): string[] {
    return this.output.split("\n").filter((line) => line.startsWith(start));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
  }
}

it("the documentation has recipes", () => {
  expect(recipes.map(({ language }) => language).sort()).toEqual(["python", "ts"]);
});

describe.each(recipes)("P13: the recipe at $place", ({ language, text, place }) => {
  const room = `/${encodeURIComponent(place)}`;

  it("P4: begins without a gap, and goes on after a cut from the last id that it saw", async () => {
    await using proxy = await LinkProxy.start(() => Number(server.url.port));
    const other = await TestSocket.open(server.socketUrl(room));
    await using recipe = new Recipe(language, text, `${proxy.socketUrl(room)}?sessionId=room-1`);
    await other.frame("what the recipe says", ({ content }) => content === "Hello");
    for (const id of AWKWARD) {
      other.send({ id, type: "message", content: `before ${id}` });
      await expect.poll(() => recipe.lines("user before")).toContain(`user before ${id}`);
      proxy.cut();
      other.send({ id: `after ${id}`, type: "message", content: `after ${id}` });
      await expect.poll(() => recipe.lines("user after"), { timeout: 10_000 }).toContain(`user after ${id}`);
    }
    expect(recipe.lines("user before")).toHaveLength(AWKWARD.length);
    expect(recipe.lines("user after")).toHaveLength(AWKWARD.length);
    expect(recipe.lines("system")).toEqual([]);
    expect(other.frames.filter(({ content }) => content === "Hello")).toHaveLength(1);
    other.close();
  });

  it("P9: detects a frozen link, and reconnects", async () => {
    await using proxy = await LinkProxy.start(() => Number(server.url.port));
    const other = await TestSocket.open(server.socketUrl(`${room}-frozen`));
    await using recipe = new Recipe(language, text, `${proxy.socketUrl(`${room}-frozen`)}?sessionId=room-1`);
    await other.frame("what the recipe says", ({ content }) => content === "Hello");
    other.send({ id: "one", type: "message", content: "one" });
    await expect.poll(() => recipe.lines("user one")).toHaveLength(1);
    proxy.freeze();
    other.send({ id: "two", type: "message", content: "two" });
    await expect.poll(() => recipe.lines("user two"), { timeout: 15_000 }).toHaveLength(1);
    other.close();
  });
});
