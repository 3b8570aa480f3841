import type { Browser, BrowserContext, Page } from "playwright-core";
import { openBrowser } from "../browser.js";
import { type Engine, type EngineBrowser, type EngineProfile, type EngineTab, WINDOW } from "./engine.js";

/** Chromium, by the DevTools protocol. */
export const CHROMIUM: Engine = {
  name: "Chromium",
  async launch(): Promise<EngineBrowser> {
    const browser = await openBrowser();
    const root = await findProcess(browser);
    return {
      roots: () => [root],
      newProfile: async () => profileOf(await browser.newContext({ viewport: WINDOW })),
      close: () => browser.close(),
    };
  },
};

async function findProcess(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const found = processInfo.find(({ type }) => type === "browser");
  if (found === undefined) throw new Error("Chromium names no process of its browser.");
  return found.id;
}

function profileOf(context: BrowserContext): EngineProfile {
  return {
    newTab: async () => tabOf(await context.newPage()),
    close: () => context.close(),
  };
}

function tabOf(page: Page): EngineTab {
  return {
    goto: async (address) => void (await page.goto(address)),
    reload: async () => void (await page.reload()),
    evaluate: (expression) => page.evaluate(expression),
    clickAt: (x, y) => page.mouse.click(x, y),
    type: (text) => page.keyboard.type(text),
    press: (keys) => page.keyboard.press(keys.join("+")),
    screenshot: () => page.screenshot(),
    close: () => page.close(),
  };
}
