import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM } from "./browsers/chromium.js";
import { ENGINES, setBrowser } from "./browsers/engines.js";
import type { Tab } from "./browsers/tab.js";
import { Example } from "./example.js";
import type { Server } from "./server.js";

/** The newest answer, once it is complete. */
const ANSWER = "li.assistant:last-child:has(.actions)";

describe("the example assistant, answered by its script", () => {
  let server: Server;

  beforeAll(async () => {
    server = await Example.start("assistant");
  });

  afterAll(() => server?.remove());

  describe.each(ENGINES)("in $name", (engine) => {
    const stage = setBrowser(engine);

    it("grows, is stopped, is there after a reload, asks, and is given what the user decides", async () => {
      const ada = await signIn(await stage.browser.newTab(), server);
      await say(ada, "Show me some code");
      await ada.shows({ css: 'li[data-delivery="streaming"]', text: /This is a whole chat/ });
      await ada.click({ role: "button", name: "Stop" });
      await ada.shows({ css: ANSWER, text: /Stopped\./ });
      await say(ada, "Delete my notes");
      await ada.shows({ role: "button", name: "Allow" });
      await ada.reload();
      await ada.shows({ css: "li.assistant", text: /This is a whole chat.*Stopped\./s });
      await ada.click({ role: "button", name: "Allow" });
      await ada.shows({ css: ANSWER, text: /0 notes are gone/ });
      expect(await ada.evaluateAll("li[data-key]", (lines) => lines.length)).toBe(4);
    });
  });
});

describe("the example assistant, answered by an API", () => {
  const stage = setBrowser(CHROMIUM);
  let api: HttpServer;
  let server: Server;
  /** How many requests the API is still to refuse. */
  let refusals = 0;

  beforeAll(async () => {
    api = createServer((_request, response) => {
      if (refusals > 0) {
        refusals -= 1;
        return void response
          .writeHead(401, { "content-type": "application/json" })
          .end('{"error":{"message":"SECRET"}}');
      }
      response.setHeader("content-type", "text/event-stream");
      for (const choice of [
        { delta: { role: "assistant", content: "Good morning." } },
        { delta: {}, finish_reason: "stop" },
      ])
        response.write(`data: ${JSON.stringify({ id: "1", choices: [{ index: 0, ...choice }] })}\n\n`);
      response.end();
    }).listen(0, "127.0.0.1");
    await once(api, "listening");
    const { port } = Object(api.address());
    const variables = {
      TOKEN_KEY: "a key for the tests alone, of 32 bytes",
      MODEL: "model",
      MODEL_URL: `http://127.0.0.1:${port}/v1`,
    };
    const lines = Object.entries(variables).map(([name, value]) => `${name}="${value}"\n`);
    server = await Example.start("assistant", () => ({ ".dev.vars": lines.join("") }));
  });

  afterAll(async () => {
    await server?.remove();
    api?.closeAllConnections();
    api?.close();
  });

  it("says that a turn has failed, also after a reload, and nothing of why; it is answered when the user tries again", async () => {
    const ada = await signIn(await stage.browser.newTab(), server);
    refusals = 1;
    await say(ada, "Hello");
    await ada.shows(".problem");
    await ada.reload();
    await ada.shows(".problem");
    expect(await ada.evaluate(() => document.body.textContent)).not.toContain("SECRET");
    await ada.click({ role: "button", text: /^(Try again|Answer again)$/ });
    await ada.shows({ css: ANSWER, text: /Good morning\./ });
    await ada.hides(".problem");
  });

  it("copies an answer", async () => {
    const ada = await signIn(await stage.browser.newTab(), server);
    await say(ada, "Hello");
    await ada.shows({ css: ANSWER, text: /Good morning\./ });
    await ada.evaluate(() => {
      const copied: string[] = [];
      Object.defineProperty(navigator, "clipboard", {
        value: { writeText: async (text: string) => copied.push(text) },
      });
      Object.assign(globalThis, { copied });
    });
    await ada.click({ css: `${ANSWER} .actions button`, text: /^Copy/ });
    await ada.shows({ css: `${ANSWER} .actions button`, text: /^Copied/ });
    expect(await ada.evaluate(() => Reflect.get(globalThis, "copied"))).toEqual(["Good morning."]);
  });
});

async function signIn(tab: Tab, server: Server): Promise<Tab> {
  await tab.goto(server.url("/"));
  await tab.fill("#name", "Ada");
  await tab.press("Enter");
  await tab.shows(".opening");
  return tab;
}

async function say(tab: Tab, text: string): Promise<void> {
  await tab.fill("#text", text);
  await tab.press("Enter");
}
