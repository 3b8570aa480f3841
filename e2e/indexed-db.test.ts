import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PageServer } from "../test/react/page-server.js";
import { openBrowser } from "./browser.js";

/** Keeps a message, lets the handle of its database die as the browser does in the background, and keeps another. */
const SCRIPT = `
import { indexedDbStorage } from "./src/client/index.js";

const handles = [];
const { open } = IDBFactory.prototype;
IDBFactory.prototype.open = function (...parameters) {
  const request = open.apply(this, parameters);
  request.addEventListener("success", () => handles.push(request.result));
  return request;
};
const storage = indexedDbStorage("ada/room");
const saved = (id) => ({ message: { id, type: "message", role: "user", content: id, timestamp: 1, state: "pending" } });
await storage.saveMessage(saved("one"));
handles[0].close();
await Promise.all([storage.saveMessage(saved("two")), storage.saveMessage(saved("three"))]);
handles.at(-1).close();
const { messages } = await storage.load();
document.title = messages.map(({ message }) => message.id).sort().join();
`;

let browser: Awaited<ReturnType<typeof openBrowser>>;
let pages: PageServer;

beforeAll(async () => {
  browser = await openBrowser();
  pages = await PageServer.start();
});

afterAll(async () => {
  await browser.close();
  await pages[Symbol.asyncDispose]();
});

it("a storage in IndexedDB opens its database again when the browser has closed it", async () => {
  const stdin = { contents: SCRIPT, resolveDir: `${import.meta.dirname}/..`, loader: "ts" } as const;
  const { outputFiles } = await build({ stdin, bundle: true, write: false, format: "esm", logLevel: "silent" });
  const page = await browser.newPage();
  await page.goto(pages.add("", outputFiles[0]?.text ?? ""));
  await expect.poll(() => page.title(), { timeout: 20_000 }).toBe("one,three,two");
});
