import { expect, it } from "vitest";
import { eventually } from "../browser.js";
import type { Tab } from "../browsers/tab.js";
import type { Line } from "../line.js";
import { type ChatPage, LONG, say, showsSent } from "./page.js";

/** What a page is tried in. */
export interface Kinds {
  readonly line: Line;
  /** Somebody in a room of her own, who has said something that nobody said before. */
  enterRoom(): Promise<{ room: string; hello: string; ada: Tab }>;
  /** A tab of somebody who was never there. */
  newTab(): Promise<Tab>;
  /** Another person in that room. */
  answerRoom(room: string, hello: string, name?: string): Promise<Tab>;
}

const BOX = "textarea";
const ENTRY = '[role="log"] [data-state]';

/** Tests a page with what people report of chats: what they write, who they are, what they lose. */
export function testKinds(page: ChatPage, kinds: Kinds): void {
  it("sends what was meant to be sent: no key of an input method, no blank text, spaces and lines as written", async () => {
    const { ada, hello } = await kinds.enterRoom();
    await ada.paste(BOX, "にほん");
    await pressAs(ada, { key: "Enter", isComposing: true, keyCode: 229 });
    await pressAs(ada, { key: "Enter", isComposing: false, keyCode: 229 });
    await pressAs(ada, { key: "Escape", isComposing: false, keyCode: 229 });
    expect(await boxText(ada)).toBe("にほん");
    for (const blank of ["\u200b", "\u2800\n", " \u3164 ", "\u00ad\ufeff\u2060"]) {
      await ada.paste(BOX, blank);
      await ada.press("Enter");
    }
    await ada.paste(BOX, "   indented");
    await ada.press("Shift+Enter");
    await ada.type("second");
    await ada.click({ role: "button", name: "Send" });
    await eventually(() => entries(ada)).toEqual([hello, "   indented\nsecond"]);
    expect(await focused(ada)).toBe("textarea");
  });

  it("shows little of what is too long, says why, and gives it back", async () => {
    const { ada, hello } = await kinds.enterRoom();
    const long = `${"long ".repeat(14_000)}end`;
    await ada.paste(BOX, long);
    await ada.press("Enter");
    await ada.shows({ css: `${ENTRY}`, text: /too long/ });
    const height = await ada.evaluateAll(`${ENTRY}[data-state="failed"]`, ([line]) => line?.offsetHeight ?? 0);
    expect(height).toBeLessThan(400);
    await ada.click({ role: "button", name: "Edit" });
    await eventually(async () => (await boxText(ada)).length).toBe(long.length);
    await eventually(() => entries(ada)).toEqual([hello]);
    expect(await focused(ada)).toBe("textarea");
    await ada.press("Enter");
    await ada.click({ role: "button", name: "Discard" });
    await eventually(() => entries(ada)).toEqual([hello]);
    expect(await focused(ada)).not.toBe("body");
  });

  it.each(page.labels)("tells a person called %j apart", async (label) => {
    const { room, hello, ada } = await kinds.enterRoom();
    const ben = await kinds.answerRoom(room, hello, `\u202e${label}`);
    await say(ben, "I am a person.");
    await showsSent(ada, [hello, "I am a person."]);
    const names = await ada.evaluateAll({ css: ENTRY, text: /I am a person\.$|I am a person\./ }, (lines) =>
      lines.flatMap((line) => [...line.querySelectorAll("bdi")].map((name) => name.textContent ?? "")),
    );
    expect(names).toHaveLength(1);
    expect(names[0]?.startsWith(label)).toBe(true);
    expect(names[0]).not.toBe(label);
    // The voice says it once, with that name.
    const said = () => ada.texts('[role="status"] p');
    await eventually(async () => (await said()).filter((text) => text.includes("I am a person.")).length).toBe(1);
  });

  it("has links that end where a reader ends them, and copies whole messages with authors and times", async () => {
    const { room, hello, ada } = await kinds.enterRoom();
    const ben = await kinds.answerRoom(room, hello);
    const text =
      "انظر (https://a.test/x_(y)), “https://b.test/z”. 「https://c.test」、HTTPS://D.test/UP! javascript:alert(1)";
    await ben.paste(BOX, text);
    await ben.press("Enter");
    await showsSent(ada, [hello, text]);
    const links = await ada.evaluateAll('[role="log"] [data-state] a', (parts) =>
      parts.map((part) => `${part.textContent} ${getComputedStyle(part).direction}`),
    );
    const addresses = ["https://a.test/x_(y)", "https://b.test/z", "https://c.test", "HTTPS://D.test/UP"];
    expect(links).toEqual(addresses.map((address) => `${address} ltr`));
    const copied = await ada.evaluateAll('[role="log"]', copyAll);
    expect(copied).toMatch(new RegExp(`\\] [^\\n]+: ${hello}\\n`));
    expect(copied).toContain(`: ${text}`);
    expect(copied.split("\n").every((part) => part.startsWith("["))).toBe(true);
  });

  it("keeps the line before what is unread over a reload", async () => {
    const { room, hello, ada } = await kinds.enterRoom();
    const ben = await kinds.answerRoom(room, hello);
    await ada.goto("about:blank");
    await say(ben, "While you were away.");
    await showsSent(ben, [hello, "While you were away."]);
    await page.comeBack(ada, kinds.line, room);
    await showsSent(ada, [hello, "While you were away."]);
    // A script may have answered while another tab was in front: that is not read either.
    const below = () => ada.evaluateAll(".unread ~ [data-state]", (lines) => lines.map((line) => line.textContent));
    const isKept = async () => (await below()).join().includes("While you were away.");
    await eventually(isKept).toBe(true);
    expect((await below()).join()).not.toContain(hello);
    await ada.reload();
    await page.comeBack(ada, kinds.line, room);
    await showsSent(ada, [hello, "While you were away."]);
    await eventually(isKept).toBe(true);
    await say(ada, "I am back.");
    await eventually(below).toEqual([]);
  });

  it("says at once that it is offline, keeps what its outbox has no room for, and announces one outage", async () => {
    const { hello, ada } = await kinds.enterRoom();
    await ada.evaluate(goOffline);
    await ada.shows({ text: /offline/i });
    kinds.line.goDown();
    await ada.evaluateAll(BOX, sendMany, 1_000);
    await ada.paste(BOX, "One too many.");
    await ada.press("Enter");
    expect(await boxText(ada)).toBe("One too many.");
    await ada.shows({ text: /^Too much waits to be sent/ });
    await eventually(async () => (await entries(ada)).length).toBe(1_001);
    const outages = async () => (await ada.texts('[role="status"] p')).filter((text) => /not connected/.test(text));
    await eventually(outages).toHaveLength(1);
    kinds.line.goUp();
    await showsSent(ada, [hello]);
  });
}

/** Tests a page with a conversation that is longer than what it loads. */
export function testLong(page: Required<ChatPage>, kinds: Kinds, room: string): void {
  it("keeps the reader's place while earlier messages come in, and prints and copies the whole conversation", async () => {
    const ada = await kinds.newTab();
    await page.enter(ada, kinds.line, room, "Ada");
    const [first, last] = [LONG - 199, LONG].map((seq) => `${ENTRY}[data-seq="${seq}"]`);
    if (first === undefined || last === undefined) return;
    await ada.shows(last);
    await ada.evaluateAll('[role="log"]', ([log]) => log?.scrollTo({ top: 0, behavior: "instant" }));
    // A line below the first in sight, which may lose its author's name to an earlier message.
    const top = () => ada.evaluateAll(`${first} + li`, ([line]) => line?.getBoundingClientRect().top ?? Number.NaN);
    await ada.shows({ text: /To the end|\d+ new/ });
    const before = await top();
    await ada.click({ role: "button", name: "Show older messages" });
    await ada.shows(`${ENTRY}[data-seq="${LONG - 220}"]`);
    expect(Math.abs((await top()) - before)).toBeLessThan(3);
    await ada.reload();
    await page.comeBack(ada, kinds.line, room);
    await ada.shows(last);
    // What is kept of it is shown before the server says that there is more.
    await ada.shows({ role: "button", name: "Show older messages" });
    await ada.evaluate(() => {
      globalThis.print = () => {
        document.body.dataset["printed"] = String(document.querySelectorAll("[role=log] [data-seq]").length);
      };
    });
    const half = await ada.evaluateAll('[role="log"]', copyAll);
    expect(half.split("\n")[0]).toBe("(Earlier messages are not included.)");
    await ada.click({ role: "button", name: /^Print/ });
    await eventually(() => ada.evaluate(() => document.body.dataset["printed"])).toBe(String(LONG));
    const whole = await ada.evaluateAll('[role="log"]', copyAll);
    expect(whole.split("\n")).toHaveLength(LONG);
  });
}

function boxText(tab: Tab): Promise<string> {
  return tab.evaluateAll(BOX, ([box]) => (box instanceof HTMLTextAreaElement ? box.value : ""));
}

/** Presses a key as an input method of a browser does. */
async function pressAs(tab: Tab, key: { key: string; isComposing: boolean; keyCode: number }): Promise<void> {
  await tab.evaluateAll(
    BOX,
    ([box], init) => {
      const event = new KeyboardEvent("keydown", { ...init, bubbles: true, composed: true, cancelable: true });
      // Not all engines take the code from the constructor.
      Object.defineProperty(event, "keyCode", { value: init.keyCode });
      box?.dispatchEvent(event);
    },
    key,
  );
}

/** What people have said, from top to bottom, as it stands there. */
function entries(tab: Tab): Promise<string[]> {
  return tab.evaluateAll(`${ENTRY}:not(.assistant)`, (lines) =>
    lines.map((line) => line.querySelector("[dir=auto]")?.textContent ?? ""),
  );
}

/** What has the focus, in whichever shadow it is. */
function focused(tab: Tab): Promise<string | undefined> {
  return tab.evaluate(() => {
    let active = document.activeElement;
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
    return active?.localName;
  });
}

/** Selects all of a list and copies it. Runs in the page. */
function copyAll([list]: HTMLElement[]): string {
  if (list) getSelection()?.setBaseAndExtent(list, 0, list, list.childNodes.length);
  const event = new ClipboardEvent("copy", {
    clipboardData: new DataTransfer(),
    bubbles: true,
    composed: true,
    cancelable: true,
  });
  list?.dispatchEvent(event);
  return event.clipboardData?.getData("text/plain") ?? "";
}

/** What a browser does when its device loses the network: not every engine can be told to. Runs in the page. */
function goOffline(): void {
  Object.defineProperty(navigator, "onLine", { value: false, configurable: true });
  dispatchEvent(new Event("offline"));
}

/** Writes and sends that many messages. Runs in the page. */
function sendMany([box]: HTMLElement[], count: number): void {
  if (!(box instanceof HTMLTextAreaElement)) return;
  for (let at = 1; at <= count; at += 1) {
    box.value = `number ${at}`;
    box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, composed: true, cancelable: true }));
  }
}
