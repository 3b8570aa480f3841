import type { Browser, BrowserContextOptions } from "playwright-core";
import { ChatWindow } from "./chat-window.js";

/** A window on the example `agent`. */
export class AgentWindow extends ChatWindow {
  /** Opens the page in a profile of its own, which begins a conversation, and waits until it is live. */
  static async open(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<AgentWindow> {
    const window = new AgentWindow(await ChatWindow.newPage(browser, options));
    await window.page.goto(address);
    await window.isLive();
    return window;
  }

  /** Another tab of the same profile. */
  async again(): Promise<AgentWindow> {
    const window = new AgentWindow(await this.page.context().newPage());
    await window.page.goto(this.page.url());
    await window.isLive();
    return window;
  }

  async isLive(): Promise<void> {
    await this.page.locator('#status[data-status="live"]').waitFor({ state: "attached" });
  }

  async say(text: string): Promise<void> {
    await this.page.fill("#text", text);
    await this.page.press("#text", "Enter");
  }

  /** Waits until a reply is being written that shows this. */
  async grows(text: string): Promise<void> {
    await this.page.locator('li[data-state="streaming"]').filter({ hasText: text }).waitFor();
  }

  /** Waits until the newest reply is complete and shows this. */
  async isAnswered(text: string): Promise<void> {
    await this.page.locator('li.assistant[data-state="sent"]').last().filter({ hasText: text }).waitFor();
  }

  /** The texts and calls of the newest reply. */
  reply(): Promise<string[]> {
    return this.page.locator("li.assistant").last().locator(".text, .call").allTextContents();
  }
}
