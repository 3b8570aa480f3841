import { build } from "esbuild";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { eventually } from "./browser.js";
import { Demo } from "./demo.js";
import { setStage } from "./stage.js";

const stage = setStage(Demo.start);
let script = "";

/** What the page is given beside its own: a client that never comes back by itself. */
declare global {
  var sleeper: { getSnapshot(): { status: string } };
}

beforeAll(async () => {
  const contents = `import { ChatClient } from "./src/client/index.js";
    const url = location.origin + "/chat/wake?user=ada&name=Ada";
    globalThis.sleeper = new ChatClient({ url, backoff: () => 2_000_000_000 });
    sleeper.connect();`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: new URL("..", import.meta.url).pathname },
    bundle: true,
    format: "iife",
    write: false,
  });
  script = outputFiles[0]?.text ?? "";
});

const status = (page: Page) => page.evaluate(() => sleeper.getSnapshot().status);

test.each([
  ["the network comes back", "window", "online"],
  ["the page is taken out of the browser's cache", "window", "pageshow"],
  ["the page is looked at again", "document", "visibilitychange"],
])("a client that waits connects when %s", async (_, target, event) => {
  const page = await stage.browser.newPage({ bypassCSP: true });
  const lines: { close(): Promise<void> }[] = [];
  await page.routeWebSocket(/\/chat\/wake/, (route) => {
    route.connectToServer();
    lines.push(route);
  });
  await page.goto(stage.server.url("/"));
  await page.addScriptTag({ content: script });
  await eventually(() => status(page)).toBe("live");
  await lines[0]?.close();
  await eventually(() => status(page)).toBe("reconnecting");
  expect(lines).toHaveLength(1);
  await page.evaluate(
    ([on, type]) => (on === "window" ? window : document).dispatchEvent(new Event(type ?? "")),
    [target, event],
  );
  await eventually(() => status(page)).toBe("live");
  expect(lines).toHaveLength(2);
});
