import type { Browser, BrowserContextOptions } from "playwright-core";
import { ChatWindow } from "./chat-window.js";

/** A window of somebody who answers at the desk. */
export class DeskWindow extends ChatWindow {
  static async open(
    browser: Browser,
    address: string,
    pass: { name: string; key: string; room: string },
    options: BrowserContextOptions = {},
  ): Promise<DeskWindow> {
    const window = new DeskWindow(await ChatWindow.newPage(browser, options));
    await window.page.goto(address);
    await window.enter(pass);
    return window;
  }

  /** Fills in the form at the door. */
  async enter(pass: { name: string; key: string; room: string }): Promise<void> {
    for (const [name, value] of Object.entries(pass)) await this.page.fill(`input[name="${name}"]`, value);
    await this.page.getByRole("button", { name: "Enter" }).click();
  }

  /** Opens the conversation in which this was said last. */
  async choose(text: string): Promise<void> {
    await this.page.locator(".entry").filter({ hasText: text }).click();
    await this.page.locator('.connection[data-status="live"]').waitFor({ state: "attached" });
  }

  async say(text: string): Promise<void> {
    await this.page.locator(".conversation textarea").fill(text);
    await this.page.locator(".conversation textarea").press("Enter");
  }

  async showsLine(text: string): Promise<void> {
    await this.page.locator(".bubble").filter({ hasText: text }).first().waitFor();
  }
}
