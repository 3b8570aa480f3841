import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import { eventually } from "./browser.js";
import { ChatWindow } from "./chat-window.js";

/** A line of the conversation as the visitor sees it, and its place in the log. */
export interface SeenLine {
  text: string;
  place: number | undefined;
}

/** A window of a visitor, on a site that carries the widget. */
export class SupportWindow extends ChatWindow {
  /** Opens the site as somebody who was never there. */
  static async open(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<SupportWindow> {
    return SupportWindow.#on(await ChatWindow.newPage(browser, options), address);
  }

  /** Another window of the same visitor. */
  async another(address: string): Promise<SupportWindow> {
    return SupportWindow.#on(await this.page.context().newPage(), address);
  }

  /** Opens the panel, if it is not open from the page before, and waits until it is connected. */
  async openPanel(): Promise<void> {
    if (await this.page.locator(".launcher").isVisible()) await this.page.locator(".launcher").click();
    await this.hasStatus("live");
  }

  /** Goes to the site again, as by a link of its page. */
  async goTo(address: string): Promise<void> {
    await this.page.goto(address);
    await this.isThere();
  }

  /** Waits until the widget is on the page, open or closed. */
  async isThere(): Promise<void> {
    await this.page.locator("workkit-support").waitFor({ state: "attached" });
  }

  async hasStatus(status: "live" | "reconnecting" | "closed"): Promise<void> {
    await this.page.locator(`.connection[data-status="${status}"]`).waitFor({ state: "attached" });
  }

  async say(text: string): Promise<void> {
    await this.page.locator(".panel textarea").fill(text);
    await this.page.locator(".panel textarea").press("Enter");
  }

  lines(): Promise<SeenLine[]> {
    return this.page.locator(".line").evaluateAll((items) =>
      items.map((item) => {
        const seq = item.getAttribute("data-seq");
        const text = item.querySelector(".bubble")?.textContent ?? "";
        return { text, place: seq === null ? undefined : Number(seq) };
      }),
    );
  }

  /** Waits until the visitor has said exactly this, and the server has all of it. */
  async saidOnce(texts: string[]): Promise<void> {
    await this.hasTexts(".line.own .bubble", texts);
    await this.hasTexts('.line.own[data-state="sent"] .bubble', texts);
  }

  /** Waits until there is a line with this text. */
  async showsLine(text: string | RegExp): Promise<void> {
    await this.page.locator(".bubble").filter({ hasText: text }).first().waitFor();
  }

  /** Waits until both windows show the same, and expects each line at its place in the log. */
  async showsTheSameAs(other: SupportWindow): Promise<void> {
    const all = async (window: SupportWindow): Promise<string> => JSON.stringify(await window.lines());
    await eventually(async () => (await all(this)) === (await all(other))).toBe(true);
    const places = (await this.lines()).map(({ place }) => place);
    expect(places).toEqual(places.map((_, index) => index + 1));
  }

  static async #on(page: Page, address: string): Promise<SupportWindow> {
    const window = new SupportWindow(page);
    await page.goto(address);
    await window.isThere();
    return window;
  }
}
