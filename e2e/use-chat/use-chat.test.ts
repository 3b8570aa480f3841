import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { LinkProxy } from "../../siege/link.js";
import { PageServer } from "../../test/react/page-server.js";
import { bundleWorker } from "../../test/workerd/bundle.js";
import { Workerd } from "../../test/workerd/server.js";
import { eventually } from "../browser.js";
import { CHROMIUM } from "../browsers/chromium.js";
import { ENGINES, setBrowser } from "../browsers/engines.js";
import type { Tab } from "../browsers/tab.js";

/** A port of the loopback on which nothing listens. */
const NOWHERE = 1;
const MESSAGES = "li";

/** The ways to `useChat`, each a page of its own. */
const WAYS = ["dialect", "client"] as const;

let server: Workerd;
let line: LinkProxy;
let isDown = false;
let pages: PageServer;
const addresses = new Map<string, string>();

beforeAll(async () => {
  const module = await bundleWorker(join(import.meta.dirname, "worker.ts"));
  server = await Workerd.start({ module, objects: [{ name: "ROOMS", className: "Room" }] });
  line = await LinkProxy.start(() => (isDown ? NOWHERE : Number(server.url.port)));
  pages = await PageServer.start();
  for (const way of WAYS) addresses.set(way, pages.add("", await bundlePage(way)));
});

afterEach(() => {
  isDown = false;
});

afterAll(async () => {
  await pages?.[Symbol.asyncDispose]();
  await line?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

async function bundlePage(way: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, `page/${way}.tsx`)],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"development"' },
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

async function openChat(tab: Tab, way: string, room: string, user = ""): Promise<Tab> {
  const query = new URLSearchParams({ server: `http://127.0.0.1:${line.port}`, room, user });
  await tab.goto(`${addresses.get(way)}?${query}`);
  await tab.hasTexts("[role=status]", ["ready"]);
  return tab;
}

async function say(tab: Tab, text: string): Promise<void> {
  await tab.fill("input", text);
  await tab.click({ role: "button", name: "Send" });
}

async function cue(room: string): Promise<void> {
  await fetch(new URL(`/cue?room=${room}`, server.url));
}

async function complaintsOf(tab: Tab): Promise<unknown> {
  return tab.evaluate(() => Reflect.get(globalThis, "complaints"));
}

async function messagesOf(room: string): Promise<{ id: string; metadata: Record<string, unknown> }[]> {
  return (await fetch(new URL(`/messages?room=${room}`, server.url))).json() as never;
}

describe.each(ENGINES)("useChat in $name", (engine) => {
  const stage = setBrowser(engine);

  describe.each(WAYS)("by the %s", (way) => {
    it("sends, streams, resumes after a reload, stops, and says what went wrong", async () => {
      const room = randomUUID();
      const tab = await openChat(await stage.browser.newTab(), way, room);
      await say(tab, "hello");
      await tab.hasTexts(MESSAGES, ["hello", "Echo: hello"]);
      await tab.hasTexts("[role=status]", ["ready"]);
      await say(tab, "data");
      await tab.hasTexts(MESSAGES, ["hello", "Echo: hello", "data", "[good]Echo: data"]);

      await say(tab, "on cue: one");
      const shown = ["hello", "Echo: hello", "data", "[good]Echo: data", "on cue: one", "Echo: first "];
      await tab.hasTexts(MESSAGES, shown);
      await tab.hasTexts("[role=status]", ["streaming"]);
      await tab.reload();
      await tab.hasTexts(MESSAGES, shown);
      await tab.hasTexts("[role=status]", ["streaming"]);
      await cue(room);
      const whole = [...shown.slice(0, 5), "Echo: first on cue: one"];
      await tab.hasTexts(MESSAGES, whole);
      await tab.hasTexts("[role=status]", ["ready"]);

      await say(tab, "on cue: two");
      await tab.hasTexts(MESSAGES, [...whole, "on cue: two", "Echo: first "]);
      await tab.click({ role: "button", name: "Stop" });
      await tab.hasTexts("[role=status]", ["ready"]);
      await eventually(async () => (await messagesOf(room)).at(-1)?.metadata["finish"]).toBe("cancelled");

      await say(tab, "fail");
      await tab.hasTexts("[role=alert]", ["You have used up today's messages."]);
      await say(tab, "again");
      await tab.hasTexts(MESSAGES, [...whole, "on cue: two", "Echo: first ", "fail", "again", "Echo: again"]);
      await tab.hasTexts("[role=alert]", [""]);
      expect(await complaintsOf(tab)).toEqual([]);
    });
  });
});

describe("the calls of a reply, in Chromium", () => {
  const stage = setBrowser(CHROMIUM);

  it.each(WAYS)("are answered by the %s, also after a reload, and the reply goes on", async (way) => {
    const room = randomUUID();
    const tab = await openChat(await stage.browser.newTab(), way, room);
    await say(tab, "calls");
    await tab.hasTexts(MESSAGES, ["calls", "One moment. "]);
    await tab.hasTexts("[role=status]", ["ready"]);
    await tab.reload();
    await tab.hasTexts(MESSAGES, ["calls", "One moment. "]);
    await tab.hasTexts("[role=status]", ["ready"]);
    await tab.click({ role: "button", name: "Locate" });
    await tab.click({ role: "button", name: "Allow" });
    await tab.hasTexts(MESSAGES, ["calls", "One moment. Done: Zürich, true"]);
    await tab.hasTexts("[role=status]", ["ready"]);
    await say(tab, "hello");
    await tab.hasTexts(MESSAGES, ["calls", "One moment. Done: Zürich, true", "hello", "Echo: hello"]);
    await tab.hasTexts("[role=alert]", [""]);
    expect(await complaintsOf(tab)).toEqual([]);
    expect(await messagesOf(room)).toHaveLength(4);
  });
});

describe("useChat over the client, in Chromium", () => {
  const stage = setBrowser(CHROMIUM);

  it("goes on when the network was away, and sends what was written meanwhile", async () => {
    const room = randomUUID();
    const tab = await openChat(await stage.browser.newTab(), "client", room);
    await say(tab, "on cue: one");
    await tab.hasTexts(MESSAGES, ["on cue: one", "Echo: first "]);
    isDown = true;
    line.cut();
    await cue(room);
    isDown = false;
    await tab.hasTexts(MESSAGES, ["on cue: one", "Echo: first on cue: one"]);
    await tab.hasTexts("[role=status]", ["ready"]);
    isDown = true;
    line.cut();
    await say(tab, "offline");
    await tab.hasTexts(MESSAGES, ["on cue: one", "Echo: first on cue: one", "offline"]);
    await tab.hasTexts("[role=status]", ["submitted"]);
    isDown = false;
    await tab.hasTexts(MESSAGES, ["on cue: one", "Echo: first on cue: one", "offline", "Echo: offline"]);
    await tab.hasTexts("[role=status]", ["ready"]);
  });

  it("gives up answers that were refused: the calls are open again, and their user answers them", async () => {
    const room = randomUUID();
    const ada = await openChat(await stage.browser.newTab(), "client", room, "ada");
    const ben = await openChat(await stage.browser.newTab(), "client", room, "ben");
    await say(ada, "calls");
    for (const name of ["Locate", "Allow"]) await ben.click({ role: "button", name });
    await ben.hasTexts("[role=alert]", ["This identity may not do this."]);
    for (const name of ["Locate", "Allow"]) await ben.shows({ role: "button", name });
    for (const name of ["Locate", "Allow"]) await ada.click({ role: "button", name });
    for (const tab of [ada, ben]) await tab.hasTexts(MESSAGES, ["calls", "One moment. Done: Zürich, true"]);
  });

  it("shows other tabs live, the reply as it grows too", async () => {
    const room = randomUUID();
    const profile = await stage.browser.newProfile();
    const one = await openChat(await profile.newTab(), "client", room);
    const two = await openChat(await profile.newTab(), "client", room);
    await say(one, "on cue: one");
    await two.hasTexts(MESSAGES, ["on cue: one", "Echo: first "]);
    await cue(room);
    for (const tab of [one, two]) await tab.hasTexts(MESSAGES, ["on cue: one", "Echo: first on cue: one"]);
    await say(two, "two");
    for (const tab of [one, two]) {
      await tab.hasTexts(MESSAGES, ["on cue: one", "Echo: first on cue: one", "two", "Echo: two"]);
      await tab.hasTexts("[role=status]", ["ready"]);
      expect(await complaintsOf(tab)).toEqual([]);
    }
  });
});
