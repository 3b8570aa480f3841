import type { Browser, BrowserContextOptions } from "playwright-core";
import { ChatWindow } from "./chat-window.js";

/** A window on the example `channel`. */
export class ChannelWindow extends ChatWindow {
  /** Opens a channel's page, which asks for a name first. */
  static async visit(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<ChannelWindow> {
    const window = new ChannelWindow(await ChatWindow.newPage(browser, options));
    await window.page.goto(address);
    return window;
  }

  /** Opens a channel, signs in and waits until it is live. */
  static async join(
    browser: Browser,
    address: string,
    name: string,
    options: BrowserContextOptions = {},
  ): Promise<ChannelWindow> {
    const window = await ChannelWindow.visit(browser, address, options);
    await window.page.fill("#name", name);
    await window.page.getByRole("button", { name: "Join" }).click();
    await window.hasStatus("live");
    return window;
  }

  /** Another window of the same browser profile, as after this one was closed. */
  async again(address: string): Promise<ChannelWindow> {
    const window = new ChannelWindow(await this.page.context().newPage());
    await window.page.goto(address);
    return window;
  }

  async hasStatus(status: "live" | "reconnecting" | "closed"): Promise<void> {
    await this.page.locator(`.banner[data-status="${status}"]`).waitFor({ state: "attached" });
  }

  async say(text: string): Promise<void> {
    await this.page.fill("#text", text);
    await this.page.press("#text", "Enter");
  }

  /** Waits until exactly this was said and kept, each once and in this order. */
  async shows(texts: string[]): Promise<void> {
    await this.hasTexts('.messages li[data-state="sent"] .text', texts);
    await this.hasTexts(".messages li .text", texts);
  }

  /** Waits until exactly this is on its way. */
  async hasPending(texts: string[]): Promise<void> {
    await this.hasTexts('.messages li[data-state="pending"] .text', texts);
  }

  async hasPeople(names: string[]): Promise<void> {
    await this.hasTexts(".people li", names);
  }
}
