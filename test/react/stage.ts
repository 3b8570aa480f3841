import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { eventually, openBrowser } from "../../e2e/browser.js";
import { ChatClient } from "../../src/client/index.js";
import { bundleWorker } from "../workerd/bundle.js";
import { Workerd } from "../workerd/server.js";
import { PageServer } from "./page-server.js";
import { bundleWithReact, type ReactVersion } from "./react-page.js";

let browser: Browser;
let server: Workerd;
let pages: PageServer;
const clients = new Set<ChatClient>();

/** Starts the rooms and the browser of a test file, and clears everything away after each test and in the end. */
export function setStage(): void {
  beforeAll(async () => {
    const module = await bundleWorker(fileURLToPath(new URL("worker-rooms.ts", import.meta.url)));
    const objects = [{ name: "ROOMS", className: "Room" }];
    [server, pages, browser] = await Promise.all([
      Workerd.start({ module, objects }),
      PageServer.start(),
      openBrowser(),
    ]);
  });

  afterEach(async () => {
    for (const client of clients) client.close();
    clients.clear();
    await Promise.all(browser.contexts().map((context) => context.close()));
  });

  afterAll(async () => {
    await browser?.close();
    await pages?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });
}

/** The rooms of one test: what is appended to `rooms` is a room's name. */
export class Rooms {
  readonly #prefix = crypto.randomUUID();

  /** The address that a room's name completes. */
  get address(): string {
    return server.socketUrl(`/?room=${this.#prefix}-`).href;
  }

  /** Another participant, in Node. */
  join(room: string, token: string): ChatClient {
    const client = new ChatClient({ url: this.address + room, token });
    clients.add(client);
    client.connect();
    return client;
  }

  /** Who is connected to a room, as the server has it, sorted. */
  async people(room: string): Promise<string[]> {
    const connections: { id: string; identity: { id: string } }[] = await this.#ask("connections", room);
    return connections.map(({ identity }) => identity.id).sort();
  }

  /** The ids of a room's connections. */
  async connections(room: string): Promise<string[]> {
    const connections: { id: string }[] = await this.#ask("connections", room);
    return connections.map(({ id }) => id);
  }

  /** Ends somebody's connections with a code that asks them to reconnect. */
  async disconnect(room: string, who: string): Promise<void> {
    expect(await this.#ask("disconnect", room, who)).toBeGreaterThan(0);
  }

  async #ask(what: string, room: string, who = "") {
    const response = await fetch(new URL(`/${what}?room=${this.#prefix}-${room}&who=${who}`, server.url));
    return response.json();
  }
}

/** A page that renders the test's application with a React of that major. */
export class ReactPage {
  /** What the console and uncaught exceptions complain of: React does so of what should not be. */
  readonly complaints: string[] = [];

  /** How many WebSockets it has opened, in all. */
  sockets = 0;

  private constructor(readonly page: Page) {
    page.on("websocket", () => {
      this.sockets += 1;
    });
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (entry) => {
      if (entry.type() === "error" || entry.type() === "warning") this.complaints.push(entry.text());
    });
  }

  /** @param html what the server rendered, to be hydrated */
  static async open(
    major: ReactVersion,
    rooms: Rooms,
    settings: Record<string, string> = {},
    html = "",
  ): Promise<ReactPage> {
    const page = await (await browser.newContext()).newPage();
    const opened = new ReactPage(page);
    const query = new URLSearchParams({ rooms: rooms.address, ...settings, ...(html && { hydrate: "" }) });
    await page.goto(`${pages.add(html, await bundleWithReact("main.tsx", major, "browser"))}?${query}`);
    return opened;
  }

  async live(): Promise<this> {
    await this.hasText("#status", "live");
    return this;
  }

  async hasText(selector: string, text: string): Promise<void> {
    await eventually(() => this.page.textContent(selector)).toBe(text);
  }

  async shows(messages: string[]): Promise<void> {
    await eventually(() => this.page.locator("li p").allTextContents()).toEqual(messages);
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  async say(text: string): Promise<void> {
    await this.page.fill("textarea", text);
    await this.press("Send");
  }

  /** How often that was counted in the page. */
  async count(name: string): Promise<number> {
    const counts: Record<string, number> = await this.page.evaluate(() => Reflect.get(globalThis, "counts")());
    return counts[name] ?? 0;
  }
}
