import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { eventually } from "./browser.js";

/** A window of a page, in a browser profile of its own. */
export class ChatWindow {
  /** Exceptions of the page, and what the browser refused to run or load. */
  readonly faults: string[] = [];

  protected constructor(readonly page: Page) {
    page.on("pageerror", (error) => this.faults.push(error.message));
    page.on("console", (entry) => {
      if (/Content Security Policy|Refused to/.test(entry.text())) this.faults.push(entry.text());
    });
  }

  /** Opens an empty page in a profile of its own. */
  protected static async newPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    return context.newPage();
  }

  /** Takes the network away: what is open hangs, what is opened fails. */
  async goOffline(): Promise<void> {
    await this.page.context().setOffline(true);
  }

  async goOnline(): Promise<void> {
    await this.page.context().setOffline(false);
  }

  /** Waits until what the selector finds has exactly these texts. */
  async hasTexts(selector: string, texts: string[]): Promise<void> {
    await eventually(() => this.page.locator(selector).allTextContents()).toEqual(texts);
  }

  /** Moves the focus with Tab until it is on what the selector names. */
  async tabTo(selector: string, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
    for (let presses = 0; presses < 60; presses += 1) {
      await this.page.keyboard.press(key);
      if (await this.page.evaluate(hasFocus, selector)) return;
    }
    throw new Error(`${key}, pressed 60 times, does not reach ${selector}: make it focusable.`);
  }
}

/** Whether the focus is on what the selector names, in whichever shadow it is. Runs in the page. */
function hasFocus(selector: string): boolean {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active?.matches(selector) ?? false;
}
