import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { TestSocket } from "../workerd/socket.js";
import { type CodeBlock, codeBlocks } from "./code-blocks.js";
import { ROOT } from "./command.js";
import { Consumer } from "./consumer.js";

const SESSION_CLASS = /^export class (\w+) extends ChatSessionDO/m;
/** A session that asks for a token is given one; any other takes no notice. */
const PROTOCOLS = ["workkit.chat.plain", "workkit.token.dG9rZW4"];

const blocks = codeBlocks();
const programs = blocks.filter(({ language }) => language === "ts");
const workers = programs.filter(({ text }) => /^export default/m.test(text) || SESSION_CLASS.test(text));
const json = blocks.filter(({ language }) => /^jsonc?$/.test(language));

let consumer: Consumer;
/** What the compiler says of each program. */
let errors: Map<string, string[]>;

beforeAll(async () => {
  consumer = await Consumer.installed(inject("tarball"));
  await consumer.copy("test/system/contexts", "contexts");
  for (const block of programs) await consumer.write(fileOf(block), block.text);
  const [pages, others] = [programs.filter(isPage).map(fileOf), programs.filter((one) => !isPage(one)).map(fileOf)];
  const dom = { lib: ["es2024", "dom"], types: [], moduleDetection: "force" };
  const workerd = { moduleDetection: "force", skipLibCheck: true };
  const found = [
    await consumer.diagnose(pages, dom),
    await consumer.diagnose(others, workerd, ["contexts/environment.d.ts"]),
  ];
  errors = new Map(found.flatMap((each) => [...each]));
});

afterAll(() => consumer[Symbol.asyncDispose]());

it("the documentation has code blocks", () => {
  expect(programs.length).toBeGreaterThan(5);
  expect(workers.length).toBeGreaterThan(2);
});

describe.each(programs)("the code at $place", (block) => {
  it("compiles against the packed package", () => {
    expect(errors.get(fileOf(block)) ?? []).toEqual([]);
  });
});

describe.each(workers)("the worker at $place", (block) => {
  it("runs under workerd, accepts a message and stays up", async () => {
    await using server = await serve(block);
    const scheduled = await fetch(new URL("/scheduled", server.url));
    expect(scheduled.status, await scheduled.text()).toBeLessThan(500);
    const address = server.socketUrl("/?sessionId=room-1&room=room-1");
    const socket = await TestSocket.open(address, PROTOCOLS).catch(() => undefined);
    if (socket === undefined) {
      expect((await fetch(server.url)).status, "neither an upgrade nor a request is answered").toBe(200);
      return;
    }
    socket.send({ type: "message", id: "question", content: "hello" });
    socket.send({});
    await socket.frame("the answer to a broken frame", ({ metadata }) => isError(metadata, "INVALID_MESSAGE"));
    expect(socket.frames.filter(({ metadata }) => isError(metadata, "HANDLER_FAILED"))).toEqual([]);
    socket.close();
  });
});

it.each(json.filter(isDeployment))("the configuration at $place deploys the worker before it", async (block) => {
  const worker = programs.findLast((program) => isBefore(program, block));
  if (worker === undefined) throw new Error("There is no worker before it.");
  await consumer.write("deployed/wrangler.jsonc", block.text);
  await consumer.write("deployed/src/index.ts", worker.text);
  await consumer.run("wrangler", ["deploy", "--dry-run", "--outdir", "out"], "deployed");
});

it.each(json.filter((block) => !isDeployment(block)))("the JSON at $place is valid", ({ text }) => {
  expect(JSON.parse(text)).toBeTypeOf("object");
});

it.each(blocks.filter(({ language }) => language === "sh"))("the commands at $place exist", ({ text }) => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const named = [...text.matchAll(/npm (?:run )?(start|test|(?<=run )\S+)/g)].map(([, name]) => name);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
});

function fileOf({ place }: CodeBlock): string {
  return `${place.replaceAll(/\W+/g, "-")}.ts`;
}

/** A block that imports nothing, or parts of a page, is for a page, which has the DOM in place of the Workers runtime. */
function isPage({ text }: CodeBlock): boolean {
  return !/^import /m.test(text) || text.includes("@workkit/chat/page");
}

function isDeployment({ text }: CodeBlock): boolean {
  return text.includes('"main"');
}

function isBefore(one: CodeBlock, other: CodeBlock): boolean {
  const [page, line] = one.place.split(":");
  const [otherPage, otherLine] = other.place.split(":");
  return page === otherPage && Number(line) < Number(otherLine);
}

function isError(metadata: unknown, code: string): boolean {
  return typeof metadata === "object" && metadata !== null && "code" in metadata && metadata.code === code;
}

/** Serves a block, with whatever it leaves out: a route to its session, or a session for its binding. */
async function serve(block: CodeBlock): Promise<Workerd> {
  const className = block.text.match(SESSION_CLASS)?.[1] ?? "ChatDO";
  const isDefault = /^export default/m.test(block.text);
  const entry = await consumer.write(
    `serve-${fileOf(block)}`,
    `import "./contexts/stand-ins.js";
    import { ChatSessionDO } from "@workkit/chat";
    import * as block from "./${fileOf(block)}";
    const route = { fetch: (request, env) => env.CHAT_DO.getByName("room-1").fetch(request) };
    const worker = ${isDefault ? "block.default" : "route"};
    export const ${className} = ${SESSION_CLASS.test(block.text) ? `block.${className}` : "class extends ChatSessionDO {}"};
    export default {
      async fetch(request, env, context) {
        if (new URL(request.url).pathname !== "/scheduled") return worker.fetch(request, env, context);
        await worker.scheduled?.({ scheduledTime: Date.now(), cron: "" }, env, context);
        return new Response("done");
      },
    };`,
  );
  return Workerd.start({ module: await bundleWorker(entry), objects: [{ name: "CHAT_DO", className }] });
}
