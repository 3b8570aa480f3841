import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { extname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleWorker } from "../../test/workerd/bundle.js";
import { Workerd } from "../../test/workerd/server.js";
import { CHROMIUM } from "../browsers/chromium.js";
import { setBrowser } from "../browsers/engines.js";
import type { Tab } from "../browsers/tab.js";
import { Project } from "./project.js";

const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };
const PAGE =
  '<!doctype html><html lang="en"><title>Chat</title><div id="app"></div><script type="module" src="/src/main.tsx"></script></html>';

const MESSAGES = "[data-author]";

describe("the page of the guide assistant-ui", () => {
  const stage = setBrowser(CHROMIUM);
  let chat: Workerd;
  let project: Project;
  let pages: Server;
  let address: string;

  beforeAll(async () => {
    const module = await bundleWorker("e2e/use-chat/worker.ts");
    chat = await Workerd.start({ module, objects: [{ name: "ROOMS", className: "Room" }] });
    project = await Project.of("assistant-ui");
    await project.write("index.html", PAGE);
    await project.write("vite.config.ts", 'export default { oxc: { jsx: { runtime: "automatic" } } };\n');
    await project.run("vite", ["build"], { VITE_CHAT_URL: `ws://127.0.0.1:${chat.url.port}` });
    pages = createServer(async ({ url = "/" }, response) => {
      const file = url === "/" ? "index.html" : url;
      const text = await readFile(join(project.path("dist"), file)).catch(() => undefined);
      response.writeHead(text === undefined ? 404 : 200, { "content-type": TYPES[extname(file)] ?? "text/plain" });
      response.end(text);
    });
    await once(pages.listen(0, "127.0.0.1"), "listening");
    const at = pages.address();
    address = `http://127.0.0.1:${typeof at === "object" ? at?.port : ""}/`;
  });

  afterAll(async () => {
    pages?.closeAllConnections();
    pages?.close();
    await project?.[Symbol.asyncDispose]();
    await chat?.[Symbol.asyncDispose]();
  });

  it("shows a reply while it grows, stops it, has it generated again, and has all after a reload", async () => {
    const tab = await open();
    await say(tab, "Hello");
    await tab.hasTexts(MESSAGES, ["Hello", "Echo: Hello"]);
    await say(tab, "on cue: Stop");
    await tab.shows({ css: MESSAGES, text: /^Echo: first/ });
    await tab.click({ role: "button", name: "Stop" });
    await tab.click({ role: "button", name: "Answer again" });
    await tab.shows({ role: "button", name: "Stop" });
    await fetch(new URL("/cue?room=room-1", chat.url));
    await fetch(new URL("/cue?room=room-1", chat.url));
    const all = ["Hello", "Echo: Hello", "on cue: Stop", "Echo: first on cue: Stop"];
    await tab.hasTexts(MESSAGES, all);
    await tab.reload();
    await tab.hasTexts(MESSAGES, all);
  });

  it("answers the calls of tools, here and in another tab", async () => {
    const [one, other] = [await open(), await open()];
    await say(one, "calls");
    await one.click({ role: "button", name: "Allow" });
    await other.shows({ css: '[data-tool="locate"]', text: /locate/ });
    await other.click({ role: "button", name: "Answer" });
    for (const tab of [one, other]) await tab.shows({ css: MESSAGES, text: /Done: "here", true/ });
    expect(await one.texts({ role: "button", name: "Allow" })).toEqual([]);
  });

  it("has types without an error", () => project.checkTypes([], ["es2024", "dom", "dom.iterable"]));

  async function open(): Promise<Tab> {
    const tab = await stage.browser.newTab();
    await tab.goto(address);
    return tab;
  }

  async function say(tab: Tab, text: string): Promise<void> {
    await tab.fill({ role: "textbox", name: "Message" }, text);
    await tab.click({ role: "button", name: "Send" });
  }
});
