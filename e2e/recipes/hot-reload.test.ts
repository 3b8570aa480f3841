import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ChatClient } from "../../dist/client/index.js";
import { bundleWorker } from "../../test/workerd/bundle.js";
import { Workerd } from "../../test/workerd/server.js";
import { eventually } from "../browser.js";
import { CHROMIUM } from "../browsers/chromium.js";
import { setBrowser } from "../browsers/engines.js";
import { Example } from "../example.js";
import { type Command, findPort, Server } from "../server.js";
import { Project } from "./project.js";

const WORKER = `
import { ChatSessionDO, chatSession } from "@workkit/chat";
export class ChatDO extends ChatSessionDO {}
export default {
  async fetch(request, env) {
    const stub = env.CHAT_DO.getByName("room-1");
    if (request.headers.has("Upgrade")) return stub.fetch(request);
    return Response.json((await chatSession(stub).connections()).map(({ id }) => id));
  },
};
`;

const APP = `
<script setup lang="ts">
import { shallowRef } from "vue";
import { client } from "./chat";
const chat = shallowRef(client.getSnapshot());
client.subscribe(() => { chat.value = client.getSnapshot(); });
</script>
<template>
  <h1>Title</h1>
  <p role="status">{{ chat.status }}</p>
  <ol><li v-for="message in chat.messages" :key="message.key">{{ message.content }}</li></ol>
  <button @click="client.send('hello')">Send</button>
</template>
`;

const PAGE = {
  "index.html":
    '<!doctype html><html lang="en"><title>Chat</title><div id="app"></div><script type="module" src="/src/main.ts"></script></html>',
  "vite.config.ts": 'import vue from "@vitejs/plugin-vue";\nexport default { plugins: [vue()] };\n',
  "src/main.ts": 'import { createApp } from "vue";\nimport App from "./App.vue";\ncreateApp(App).mount("#app");\n',
  "src/App.vue": APP,
};

/** Vite as it serves a page during development. */
class ViteServer extends Server {
  constructor(
    port: number,
    folder: string,
    private readonly chat: string,
  ) {
    super(port, folder);
  }

  protected command(): Command {
    const program = join(import.meta.dirname, "node_modules/.bin/vite");
    const args = ["--host", "localhost", "--port", String(this.port), "--strictPort"];
    return { program, args, folder: this.home, environment: { VITE_CHAT_URL: this.chat, NODE_ENV: "development" } };
  }

  protected isReady(): boolean {
    return this.printed.includes("ready in");
  }
}

describe("a page that Vite serves", () => {
  const stage = setBrowser(CHROMIUM);
  let project: Project;
  let chat: Workerd;
  let vite: ViteServer;

  beforeAll(async () => {
    project = await Project.of("hot-reload");
    for (const [file, text] of Object.entries(PAGE)) await project.write(file, text);
    const module = await bundleWorker(await project.write("worker.ts", WORKER));
    chat = await Workerd.start({ module, objects: [{ name: "CHAT_DO", className: "ChatDO" }] });
    vite = new ViteServer(await findPort(), project.folder, String(chat.socketUrl("")));
    await vite.start();
  });

  afterAll(async () => {
    await vite?.kill();
    await chat?.[Symbol.asyncDispose]();
    await project?.[Symbol.asyncDispose]();
  });

  async function connections(): Promise<string[]> {
    return (await fetch(chat.url)).json() as Promise<string[]>;
  }

  it("keeps its client while components change, and closes it when its own module does", async () => {
    const tab = await stage.browser.newTab();
    await tab.goto(vite.url("/"));
    await tab.hasTexts("[role=status]", ["live"]);
    await tab.click({ role: "button", name: "Send" });
    await tab.hasTexts("li", ["hello"]);
    const first = await connections();
    expect(first).toHaveLength(1);

    await project.write("src/App.vue", APP.replace("Title", "Another title"));
    await tab.hasTexts("h1", ["Another title"]);
    expect(await connections()).toEqual(first);

    const module = await readFile(project.path("src/chat.ts"), "utf8");
    await project.write("src/chat.ts", `${module}\n// saved`);
    await eventually(connections).not.toEqual(first);
    await eventually(connections).toHaveLength(1);
    await tab.hasTexts("[role=status]", ["live"]);
    await tab.hasTexts("li", ["hello"]);

    // What the guide is about: without its line, the client of before stays.
    await project.write("src/chat.ts", module.replace("kept.client?.close();", ""));
    await eventually(connections).toHaveLength(2);
  });

  it("has types without an error", () => project.checkTypes([], ["es2024", "dom", "dom.iterable"]));
});

describe("a Worker that wrangler serves", () => {
  let example: Example;

  beforeAll(async () => {
    example = await Example.start("session");
  });

  afterAll(() => example?.remove());

  it("P4: a client resumes when the Worker is started again, and its log is still there", async () => {
    const client = new ChatClient({ url: example.url("/?sessionId=room-1").replace("http", "ws") });
    let connections = 0;
    client.on("hello", () => connections++);
    const contents = () => client.getSnapshot().messages.map(({ content }) => content);
    client.connect();
    client.send("one");
    await eventually(contents).toEqual(["one", "Echo: one"]);
    await example.deploy(
      "src/index.ts",
      (source) => source.replace("Echo: ", "Reply: "),
      async () => connections > 1,
    );
    client.send("two");
    await eventually(contents).toEqual(["one", "Echo: one", "two", "Reply: two"]);
    client.close();
  });
});
