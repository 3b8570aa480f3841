import { describe, expect, it } from "vitest";
import { eventually } from "../../e2e/browser.js";
import { REACT_VERSIONS } from "./react-page.js";
import { ReactPage, Rooms, setStage } from "./stage.js";

setStage();

/** StrictMode attaches and detaches every part once more than needed. */
const CHAT = { chat: "", strict: "" };

describe.each(REACT_VERSIONS)("the hooks over the parts of a page on React %i", (major) => {
  it("send what is written, keep the draft over a reload and take a text back", async () => {
    const { page, ...ada } = await open();
    await page.fill("textarea", "one");
    await page.press("textarea", "Enter");
    await ada.shows(["one"]);
    expect(await page.inputValue("textarea")).toBe("");
    await page.fill("textarea", "half");
    await page.reload();
    await ada.shows(["one"]);
    expect(await page.inputValue("textarea")).toBe("half");
    await ada.press("Restore");
    expect(await page.inputValue("textarea")).toBe("taken back\nhalf");
    await ada.press("Send");
    await ada.shows(["one", "taken back\nhalf"]);
    expect(ada.complaints).toEqual([]);
  });

  it("show the error of a send until the next one works", async () => {
    const { page, ...ada } = await open({ outbox: "0" });
    await page.fill("textarea", "one");
    await page.press("textarea", "Enter");
    await ada.hasText("#error", "The outbox is full (maxOutbox: 0).");
    expect(await page.inputValue("textarea")).toBe("one");
  });

  it("follow the end, let go, count what is unread there and come back", async () => {
    const { page, ben, ...ada } = await open();
    for (let line = 0; line < 12; line += 1) ben.send(`line ${line}`);
    await page.getByText("line 11", { exact: true }).waitFor();
    await eventually(() => page.locator("section").evaluate(distanceFromEnd)).toBeLessThan(4);
    await page.locator("section").evaluate((list) => list.scrollBy(0, -150));
    await page.getByRole("button", { name: "Down" }).waitFor();
    ben.send("unread");
    await ada.hasText("#unread", "1");
    await eventually(() => page.title()).toBe("(1) One");
    await ada.press("Down");
    await ada.hasText("#unread", "0");
    await eventually(() => page.title()).toBe("One");
    await eventually(() => page.locator("section").evaluate(distanceFromEnd)).toBeLessThan(4);
    expect(await page.locator(".unread + li").textContent()).toBe("unread");
    await page.reload();
    await page.getByText("line 11", { exact: true }).waitFor();
    await eventually(() => page.locator(".unread + li").allTextContents()).toEqual(["unread"]);
    expect(ada.complaints).toEqual([]);
  });

  it("show links, and the rest of a long text when it is asked for", async () => {
    const { page, ben, ...ada } = await open();
    ben.send(`See https://example.test/a. ${"word ".repeat(20)}end`);
    await page.locator('a[href="https://example.test/a"]').waitFor();
    await eventually(() => page.locator("li p").textContent()).not.toContain("end");
    await ada.press("All");
    await eventually(() => page.locator("li p").textContent()).toContain("end");
    expect(await page.getByRole("button", { name: "All" }).count()).toBe(0);
  });

  it("announce what is new once, and what the page has them announce", async () => {
    const { page, ben, ...ada } = await open();
    ben.send("new");
    await page.locator("li").getByText("new", { exact: true }).waitFor();
    await ada.press("Announce");
    await eventually(async () => (await page.locator("#voice p").allTextContents()).sort()).toEqual([
      "Someone: new",
      "as asked",
    ]);
  });

  it("keep the focus in the conversation when the focused element goes", async () => {
    const { page, ben } = await open();
    ben.send("x".repeat(100));
    const all = page.getByRole("button", { name: "All" });
    await all.focus();
    await page.keyboard.press("Enter");
    await eventually(() => page.evaluate(() => document.activeElement?.localName)).toBe("section");
  });

  it("know at once that there is no network", async () => {
    const { page, ...ada } = await open();
    await page.context().setOffline(true);
    await ada.hasText("#online", "offline");
    await page.context().setOffline(false);
    await ada.hasText("#online", "online");
  });

  it("copy whole messages", async () => {
    const { page, ben } = await open();
    ben.send("first");
    ben.send("second");
    await page.getByText("second", { exact: true }).waitFor();
    const copied = await page.evaluate(() => {
      getSelection()?.selectAllChildren(document.body);
      const event = new ClipboardEvent("copy", { clipboardData: new DataTransfer(), cancelable: true });
      document.dispatchEvent(event);
      return event.clipboardData?.getData("text/plain");
    });
    expect(copied).toMatch(/^\[.+\] ben: first\n\[.+\] ben: second$/);
  });

  it("sign out after asking", async () => {
    const { page, ...ada } = await open();
    const asked: string[] = [];
    page.on("dialog", (dialog) => {
      asked.push(dialog.message());
      void (asked.length === 1 ? dialog.dismiss() : dialog.accept());
    });
    await ada.press("Sign out");
    await eventually(() => asked).toEqual(["1 unsent"]);
    expect(await page.title()).toBe("One");
    await ada.press("Sign out");
    await eventually(() => page.title()).toBe("Left");
    expect(asked).toEqual(["1 unsent", "1 unsent"]);
  });

  it("load all of the conversation before it is printed", async () => {
    const rooms = new Rooms();
    const ben = rooms.join("one", "ben");
    for (let line = 1; line <= 230; line += 1) ben.send(`line ${line}`);
    await eventually(() => ben.getSnapshot().messages.at(-1)?.state).toBe("sent");
    const ada = await ReactPage.open(major, rooms, CHAT);
    await ada.page.getByText("line 230", { exact: true }).waitFor();
    expect(await ada.page.locator("[data-key]").count()).toBe(200);
    await ada.page.evaluate(() => {
      globalThis.print = () => {
        document.title = `Printed ${document.querySelectorAll("[data-key]").length}`;
      };
    });
    await ada.press("Print");
    await eventually(() => ada.page.title()).toBe("Printed 230");
    await ada.hasText("#loading", "");
  });

  it("name the days again when one begins", async () => {
    const rooms = new Rooms();
    const ada = await ReactPage.open(major, rooms, CHAT);
    await ada.page.clock.install();
    await ada.page.reload();
    rooms.join("one", "ben").send("hello");
    await ada.hasText(".day", "Today");
    await ada.page.clock.fastForward(24 * 60 * 60_000);
    await ada.hasText(".day", "Yesterday");
  });

  /** Ada with a chat page, and Ben in the same room. */
  async function open(settings: Record<string, string> = {}) {
    const rooms = new Rooms();
    const ada = await ReactPage.open(major, rooms, { ...CHAT, ...settings });
    await ada.page.locator("textarea").waitFor();
    const ben = rooms.join("one", "ben");
    return {
      page: ada.page,
      ben,
      complaints: ada.complaints,
      shows: (texts: string[]) => ada.shows(texts),
      press: (name: string) => ada.press(name),
      hasText: (selector: string, text: string) => ada.hasText(selector, text),
    };
  }
});

function distanceFromEnd({ scrollHeight, scrollTop, clientHeight }: Element): number {
  return scrollHeight - scrollTop - clientHeight;
}
