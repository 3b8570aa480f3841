import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../../e2e/browser.js";
import { PageServer } from "../react/page-server.js";
import { bundleWorker } from "../workerd/bundle.js";

/*
 * What only Chromium can be told to do: compose with a real input method, and have a finger as its main pointer.
 */

const CHAT = '<form><textarea aria-label="Message" rows="1"></textarea><button>Send</button></form>';

let browser: Browser;
let pages: PageServer;
let script: string;

beforeAll(async () => {
  script = await bundleWorker(fileURLToPath(new URL("globals.ts", import.meta.url)), { platform: "browser" });
  [browser, pages] = await Promise.all([openBrowser(), PageServer.start()]);
});

afterAll(async () => {
  await browser?.close();
  await pages?.[Symbol.asyncDispose]();
});

describe("the composer with an input method", () => {
  it("leaves the Enter that accepts a suggestion to the input method, and sends with the next", async () => {
    const page = await open();
    const devtools = await page.context().newCDPSession(page);
    await compose(devtools, "に");
    await pressEnter(devtools, 229);
    expect(await sent(page)).toEqual([]);
    await devtools.send("Input.insertText", { text: "日" });
    expect(await page.inputValue("textarea")).toBe("日");
    await pressEnter(devtools, 13);
    expect(await sent(page)).toEqual(["日"]);
  });

  it("ends a composition before the button sends what the box shows, once", async () => {
    const page = await open();
    await page.evaluate(() => {
      document.querySelector("textarea")?.addEventListener("compositionend", () => kept.texts.push("composed"));
    });
    const devtools = await page.context().newCDPSession(page);
    await page.keyboard.type("a ");
    await compose(devtools, "にほん");
    await page.click("button");
    expect(await sent(page)).toEqual(["composed", "a にほん"]);
    expect(await page.inputValue("textarea")).toBe("");
    await page.keyboard.type("next");
    await page.keyboard.press("Enter");
    expect(await sent(page)).toEqual(["composed", "a にほん", "next"]);
  });
});

describe("the composer on a touch screen", () => {
  const phone = { hasTouch: true, isMobile: true, viewport: { width: 360, height: 640 } };

  it("makes a line with Enter, sends with the button and keeps the focus in the box", async () => {
    const page = await open(phone);
    await page.tap("textarea");
    await page.keyboard.type("one");
    await page.keyboard.press("Enter");
    await page.keyboard.type("two");
    expect(await sent(page)).toEqual([]);
    await page.tap("button");
    expect(await sent(page)).toEqual(["one\ntwo"]);
    expect(await page.evaluate(() => document.activeElement?.localName)).toBe("textarea");
    expect(await page.getAttribute("textarea", "enterkeyhint")).toBe("enter");
  });

  it("sends with Control and Enter, for a keyboard that is attached", async () => {
    const page = await open(phone);
    await page.keyboard.type("one");
    await page.keyboard.press("Control+Enter");
    expect(await sent(page)).toEqual(["one"]);
  });
});

async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(pages.add(CHAT, script));
  await page.evaluate(() => {
    const box = document.querySelector("textarea");
    if (box) kept.composer = parts.attachComposer(box, { send: (text) => kept.texts.push(text) });
    box?.focus();
  });
  return page;
}

function sent(page: Page): Promise<string[]> {
  return page.evaluate(() => kept.texts);
}

async function compose(devtools: CDPSession, text: string): Promise<void> {
  await devtools.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
}

async function pressEnter(devtools: CDPSession, windowsVirtualKeyCode: number): Promise<void> {
  const key = { key: "Enter", code: "Enter", windowsVirtualKeyCode };
  await devtools.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...key });
  await devtools.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
}
