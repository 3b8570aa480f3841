import type { Browser, BrowserContextOptions, Locator } from "playwright-core";
import { ChatWindow } from "./chat-window.js";

/** A window on the example `assistant`. */
export class AssistantWindow extends ChatWindow {
  /** Opens the page in a profile of its own, and signs in. */
  static async open(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<AssistantWindow> {
    const window = await AssistantWindow.atSignIn(browser, address, options);
    await window.page.fill("#name", "Ada");
    await window.page.keyboard.press("Enter");
    await window.page.locator(".opening").waitFor();
    return window;
  }

  /** Opens the page in a profile of its own. */
  static async atSignIn(
    browser: Browser,
    address: string,
    options: BrowserContextOptions = {},
  ): Promise<AssistantWindow> {
    const window = new AssistantWindow(await ChatWindow.newPage(browser, options));
    await window.page.goto(address);
    await window.page.locator("#name").waitFor();
    return window;
  }

  /** The newest answer. */
  get answer(): Locator {
    return this.page.locator("li.assistant").last();
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  async say(text: string): Promise<void> {
    await this.page.fill("#text", text);
    await this.page.press("#text", "Enter");
  }

  /** Waits until an answer is being written that shows this. */
  async grows(text: string): Promise<void> {
    await this.page.locator('li.assistant[data-delivery="streaming"]').filter({ hasText: text }).waitFor();
  }

  /** Waits until the newest answer is complete and shows this. */
  async isAnswered(text: string): Promise<void> {
    await this.answer.filter({ hasText: text }).getByRole("button", { name: "Answer again" }).waitFor();
  }

  /** Waits until the assistant asks whether it may delete. */
  async isAsked(): Promise<void> {
    await this.button("Allow").waitFor();
  }

  /** The texts of all messages. */
  said(): Promise<string[]> {
    return this.page.locator("li[data-key]").allTextContents();
  }
}
