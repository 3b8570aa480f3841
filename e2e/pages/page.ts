import { vi } from "vitest";
import { ChatClient, type ChatSnapshot } from "../../src/client/index.js";
import { eventually } from "../browser.js";
import type { Tab } from "../browsers/tab.js";
import { Demo } from "../demo.js";
import { Example } from "../example.js";
import type { Line } from "../line.js";
import type { Server } from "../server.js";
import { DESK_KEY } from "../support.js";

/*
 * The three pages, as far as they are alike: each has a conversation (role log) whose entries have a data-state, and a
 * textarea to write in. How one comes in differs.
 */

const MINUTE = 60_000;

/** One of the pages, and what a person does to come into a conversation. */
export interface ChatPage {
  readonly name: string;
  /** Names that the page itself gives, and a person may have, too. */
  readonly labels: readonly string[];
  start(line: Line): Promise<Server>;
  /** Comes in as somebody new. */
  enter(tab: Tab, line: Line, room: string, name: string): Promise<void>;
  /** Comes in as whoever this profile is, after a reload or in a second tab. */
  comeBack(tab: Tab, line: Line, room: string): Promise<void>;
  /** Comes in as the other person of a conversation in which this was said last. */
  answer(tab: Tab, line: Line, room: string, said: string, name: string): Promise<void>;
  /** A participant in Node, where anybody may come into a room. */
  join?(line: Line, room: string, name: string): Promise<ChatClient>;
}

export const DEMO: Required<ChatPage> = {
  name: "the demo",
  labels: ["Assistant", "You"],
  start: () => Demo.start(),
  enter: (tab, line, room) => DEMO.comeBack(tab, line, room),
  async comeBack(tab, line, room) {
    await tab.goto(line.url(`/r/${room}`));
    await tab.shows("textarea");
  },
  async answer(tab, line, room, _said, name) {
    await DEMO.comeBack(tab, line, room);
    await tab.shows({ text: "Live" });
    await tab.fill({ role: "textbox", name: "You are" }, name);
    await tab.press("Enter");
  },
  async join(line, room, name) {
    return new ChatClient({ url: line.url(`/chat/${room}?user=${name}&name=${name}`) });
  },
};

export const CHANNEL: ChatPage = {
  name: "the example channel",
  labels: ["You"],
  start: () => Example.start("channel"),
  async enter(tab, line, room, name) {
    await tab.goto(line.url(`/c/${room}`));
    await tab.fill({ role: "textbox", name: /name/i }, name);
    await tab.click({ role: "button", name: "Join" });
    await tab.shows("textarea");
  },
  async comeBack(tab, line, room) {
    await tab.goto(line.url(`/c/${room}`));
    await tab.shows("textarea");
  },
  answer: (tab, line, room, _said, name) => CHANNEL.enter(tab, line, room, name),
  async join(line, room, name) {
    const response = await fetch(line.url("/api/token"), { method: "POST", body: name });
    const { token } = (await response.json()) as { token: string };
    return new ChatClient({ url: line.url(`/api/channels/${room}`), token });
  },
};

export const SUPPORT: ChatPage = {
  name: "the example support",
  labels: ["Support bot"],
  start: (line) =>
    Example.start("support", () => ({
      ".dev.vars": [
        `ALLOWED_ORIGINS="${new URL(line.url("/")).origin}"`,
        'TICKET_SECRET="a secret of thirty-two characters or more"',
        `DESK_KEY="${DESK_KEY}"`,
      ].join("\n"),
    })),
  enter: (tab, line, room) => SUPPORT.comeBack(tab, line, room),
  async comeBack(tab, line) {
    await tab.goto(line.url("/"));
    await tab.shows(".launcher, .panel[open]");
    // It is as it was on the page before.
    const open = await tab.evaluateAll(".panel[open]", (panels) => panels.length > 0);
    if (!open) await tab.click({ role: "button", name: /^Open / });
    await tab.shows("textarea");
  },
  async answer(tab, line, _room, said, name) {
    await tab.goto(line.url("/desk"));
    await tab.fill('input[name="name"]', name);
    await tab.fill('input[name="key"]', DESK_KEY);
    await tab.click({ role: "button", name: "Enter" });
    await tab.click({ role: "button", text: new RegExp(said) });
    await tab.shows("textarea");
  },
};

/** Pastes a message and sends it with the keyboard. */
export async function say(tab: Tab, text: string): Promise<void> {
  await tab.paste("textarea", text);
  await tab.press("Enter");
}

/** Waits until the page shows each of these as sent, once and in this order, whatever else was said. */
export async function showsSent(tab: Tab, texts: string[]): Promise<void> {
  await eventually(() => said(tab, "sent", texts).catch(String)).toEqual(texts);
}

/** Waits until the page shows each of these as on its way, once and in this order. */
export async function showsPending(tab: Tab, texts: string[]): Promise<void> {
  await eventually(() => said(tab, "pending", texts).catch(String)).toEqual(texts);
}

/** Which of these texts the page shows in that state, as often as it does. */
function said(tab: Tab, state: "sent" | "pending", texts: string[]): Promise<string[]> {
  return tab.evaluateAll(
    `[role="log"] [data-state="${state}"]`,
    (entries, sought) => entries.flatMap((entry) => sought.filter((text) => entry.textContent?.includes(text))),
    texts,
  );
}

/** Is in a room, and says nothing. Returns how to leave. */
export async function listenIn(page: Required<ChatPage>, line: Line, room: string): Promise<() => void> {
  const listener = await page.join(line, room, "Listener");
  listener.connect();
  await vi.waitUntil(() => listener.getSnapshot().status === "live", { timeout: MINUTE });
  return () => listener.close();
}

/** Fills a room with more messages than a page loads at first, by several people, as none may send so many at once. */
export async function fillRoom(page: Required<ChatPage>, line: Line, room: string): Promise<void> {
  const clients = await Promise.all(["ben", "eve", "kim"].map((name) => page.join(line, room, name)));
  for (const client of clients) client.connect();
  // The demo's assistant answers one who is alone.
  const areAll = (isSo: (snapshot: ChatSnapshot) => boolean): Promise<boolean> =>
    vi.waitUntil(() => clients.every((client) => isSo(client.getSnapshot())), { timeout: MINUTE });
  await areAll(({ status }) => status === "live");
  for (const client of clients) {
    for (let at = 0; at < LONG / clients.length; at += 1) client.send(`message ${at}`);
  }
  await areAll(({ messages }) => messages.at(-1)?.seq === LONG);
  for (const client of clients) client.close();
}

/** Messages of a room that `fillRoom` has filled. A page loads 200 of them at first. */
export const LONG = 240;
