import puppeteer, { type BrowserContext, type KeyInput, type Page } from "puppeteer-core";
import { findFirefox } from "../../scripts/browsers.mjs";
import { type Engine, type EngineBrowser, type EngineProfile, type EngineTab, WINDOW } from "./engine.js";

/** Firefox, by WebDriver BiDi. */
export const FIREFOX: Engine = {
  name: "Firefox",
  async launch(): Promise<EngineBrowser> {
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath: findFirefox(),
      headless: true,
      defaultViewport: WINDOW,
    });
    const pid = browser.process()?.pid;
    if (pid === undefined) throw new Error("Firefox has no process.");
    return {
      roots: () => [pid],
      newProfile: async () => profileOf(await browser.createBrowserContext()),
      close: () => browser.close(),
    };
  },
};

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
    async press(keys) {
      for (const key of keys) await page.keyboard.down(key as KeyInput);
      for (const key of keys.toReversed()) await page.keyboard.up(key as KeyInput);
    },
    screenshot: () => page.screenshot(),
    close: () => page.close(),
  };
}
