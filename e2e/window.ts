import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { findBrowser } from "../scripts/browser.mjs";

const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-quic",
  "--no-first-run",
  "--disable-component-update",
  "--disable-sync",
];

/** Expects something to become true; a server may have to start in between. */
export function eventually<Value>(read: () => Value): ReturnType<typeof expect.poll<Value>> {
  return expect.poll(read, { timeout: 30_000 });
}

/** A real Chromium, without a screen. */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await findBrowser(), args: ARGUMENTS });
}

/** One line of the conversation as the reader sees it. */
export interface SeenLine {
  text: string;
  place: number | undefined;
}

/** A window on a room, in a browser profile of its own. */
export class RoomWindow {
  /** Exceptions of the page, and what the browser refused to run or load. */
  readonly faults: string[] = [];

  private constructor(readonly page: Page) {
    page.on("pageerror", (error) => this.faults.push(error.message));
    page.on("console", (entry) => {
      if (/Content Security Policy|Refused to/.test(entry.text())) this.faults.push(entry.text());
    });
  }

  /** Opens the window without going anywhere, for what must be arranged before. */
  static async blank(browser: Browser, options: BrowserContextOptions = {}): Promise<RoomWindow> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    return new RoomWindow(await context.newPage());
  }

  /** Opens the window and waits until it is live. */
  static async open(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<RoomWindow> {
    const window = await RoomWindow.blank(browser, options);
    await window.page.goto(address);
    await window.hasState("live");
    return window;
  }

  async hasState(state: "live" | "waiting" | "dropped" | "refused"): Promise<void> {
    await this.page.locator(`#status[data-state="${state}"]`).waitFor();
  }

  async say(text: string): Promise<void> {
    await this.page.fill("#say", text);
    await this.page.press("#say", "Enter");
  }

  async drop(): Promise<void> {
    await this.page.getByRole("button", { name: "Drop connection" }).click();
    await this.hasState("dropped");
  }

  async reconnect(): Promise<void> {
    await this.page.getByRole("button", { name: "Reconnect" }).click();
    await this.hasState("live");
  }

  /** The conversation from top to bottom; what is not in the log yet has no place. */
  lines(): Promise<SeenLine[]> {
    return this.page.locator(".line").evaluateAll((items) =>
      items.map((item) => {
        const seq = item.getAttribute("data-seq");
        const text = item.querySelector(".bubble")?.textContent ?? "";
        return { text, place: seq === null ? undefined : Number(seq) };
      }),
    );
  }

  async texts(): Promise<string[]> {
    return (await this.lines()).map(({ text }) => text);
  }

  /** Waits until people, the assistant left aside, have said exactly this. */
  async shows(texts: string[]): Promise<void> {
    await eventually(() => this.page.locator(".line:not(.assistant) .bubble").allTextContents()).toEqual(texts);
  }

  /** Waits until there is a line with this text. */
  async showsLine(text: string | RegExp): Promise<void> {
    await this.page.locator(".bubble").filter({ hasText: text }).first().waitFor();
  }

  /** Moves the focus with Tab until it is on what the selector names. */
  async tabTo(selector: string, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
    for (let presses = 0; presses < 60; presses += 1) {
      await this.page.keyboard.press(key);
      if (await this.page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    }
    throw new Error(`${key}, pressed 60 times, does not reach ${selector}: make it focusable.`);
  }
}
