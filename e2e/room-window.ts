import type { Browser, BrowserContextOptions } from "playwright-core";
import { ChatWindow } from "./chat-window.js";

/** One line of the conversation as the reader sees it. */
export interface SeenLine {
  text: string;
  place: number | undefined;
}

/** A window on a room of the demo. */
export class RoomWindow extends ChatWindow {
  /** Opens the window without going anywhere, for what must be arranged before. */
  static async blank(browser: Browser, options: BrowserContextOptions = {}): Promise<RoomWindow> {
    return new RoomWindow(await ChatWindow.newPage(browser, options));
  }

  /** Opens the window and waits until it is live. */
  static async open(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<RoomWindow> {
    const window = await RoomWindow.blank(browser, options);
    await window.page.goto(address);
    await window.hasState("live");
    return window;
  }

  async hasState(state: "live" | "reconnecting" | "dropped" | "refused"): Promise<void> {
    await this.page.locator(`#status[data-state="${state}"]`).waitFor();
  }

  /** Waits until the page knows that it is not connected, for how short a time ever. */
  async isCutOff(): Promise<void> {
    await this.page.locator('#status:not([data-state="live"])').waitFor();
  }

  async say(text: string): Promise<void> {
    await this.page.fill("#say", text);
    await this.page.press("#say", "Enter");
  }

  async drop(): Promise<void> {
    await this.#pressOnPanel("Drop connection");
    await this.hasState("dropped");
  }

  async reconnect(): Promise<void> {
    await this.#pressOnPanel("Reconnect");
    await this.hasState("live");
  }

  /** Presses a button of the panel of frames, and leaves the panel as it was. */
  async #pressOnPanel(name: string): Promise<void> {
    const isOpen = await this.page.locator("#frames").isVisible();
    if (!isOpen) await this.page.click("#frames-toggle");
    await this.page.getByRole("button", { name }).click();
    if (!isOpen) await this.page.click("#frames-close");
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
    await this.hasTexts(".line:not(.assistant) .bubble", texts);
  }

  /** Waits until there is a line with this text. */
  async showsLine(text: string | RegExp): Promise<void> {
    await this.page.locator(".bubble").filter({ hasText: text }).first().waitFor();
  }
}
