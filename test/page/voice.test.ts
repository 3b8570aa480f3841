import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { eventually } from "../../e2e/browser.js";
import { ENGINES } from "../../e2e/browsers/engines.js";
import type { Tab } from "../../e2e/browsers/tab.js";
import { setRooms } from "./rooms.js";
import { setPages } from "./stage.js";

const CHAT = `<div id="voice"></div>
<main tabindex="-1"><ol tabindex="0"><li><button>Retry</button></li></ol><input aria-label="Text"></main>`;

const rooms = setRooms();

describe.each(ENGINES)("the voice in $name", (engine) => {
  const stage = setPages(engine);

  it("announces what others write with their name, once, and neither the past nor the user's own words", async () => {
    const room = randomUUID();
    const ben = await rooms.join(room, "ben", "Ben\u202e");
    for (let count = 0; count < 30; count += 1) ben.send(`past ${count}`);
    await eventually(() => ben.getSnapshot().messages.every(({ state }) => state === "sent")).toBe(true);
    const tab = await stage.open(CHAT);
    await rooms.enter(tab, room, "ada", "Ada");
    await speak(tab);
    ben.send("new");
    await announces(tab, ["Ben: new"]);
    expect(await tab.evaluate(() => kept.client?.loadOlder())).toBe(true);
    await tab.evaluate(() => kept.client?.send("?"));
    await announces(tab, ["Ben: new", "Assistant: An answer"]);
    const nameless = await rooms.join(room, "eve");
    nameless.send("new");
    await announces(tab, ["Ben: new", "Assistant: An answer", "Someone: new"]);
    ben.send("new");
    await announces(tab, ["Ben: new", "Assistant: An answer", "Someone: new", "Ben: new"]);
    expect(await tab.evaluate(() => document.querySelectorAll("[aria-live],[role=log],[role=alert]").length)).toBe(0);
    expect(await tab.evaluate(() => document.querySelector("[role=status]")?.getAttribute("aria-atomic"))).toBe(
      "false",
    );
  });

  it("does not announce what was there when the client begins", async () => {
    const room = randomUUID();
    const ben = await rooms.join(room, "ben", "Ben");
    ben.send("past");
    await eventually(() => ben.getSnapshot().messages[0]?.state).toBe("sent");
    const tab = await stage.open(CHAT);
    await tab.evaluate(
      (url, token) => {
        kept.client = new ChatClient({ url, token });
        const region = document.getElementById("voice");
        if (region) parts.speak(kept.client, region);
        kept.client.connect();
      },
      rooms.url(room),
      JSON.stringify({ id: "ada" }),
    );
    await tab.waitUntil(() => kept.client?.getSnapshot().messages.length === 1);
    ben.send("new");
    await announces(tab, ["Ben: new"]);
  });

  it("announces many messages as a number", async () => {
    const room = randomUUID();
    const ben = await rooms.join(room, "ben", "Ben");
    const tab = await stage.open(CHAT);
    await rooms.enter(tab, room, "ada");
    await speak(tab);
    rooms.goDown();
    for (let count = 0; count < 15; count += 1) ben.send(`missed ${count}`);
    await eventually(() => ben.getSnapshot().messages.every(({ state }) => state === "sent")).toBe(true);
    rooms.goUp();
    await eventually(() => said(tab)).toContain("15 new messages");
  });

  it("announces an outage once, and its end once, however often the client tries", async () => {
    const room = randomUUID();
    const tab = await stage.open(CHAT);
    await rooms.enter(tab, room, "ada");
    await speak(tab);
    await tab.evaluate(() => {
      kept.client?.subscribe(() => kept.texts.push(kept.client?.getSnapshot().status ?? ""));
    });
    rooms.goDown();
    await tab.waitUntil(() => kept.texts.filter((status) => status === "connecting").length > 5);
    await announces(tab, ["You are not connected."]);
    for (let flap = 0; flap < 3; flap += 1) {
      rooms.goUp();
      await tab.waitUntil(() => kept.client?.getSnapshot().status === "live");
      rooms.goDown();
      await tab.waitUntil(() => kept.client?.getSnapshot().status !== "live");
    }
    rooms.goUp();
    await announces(tab, ["You are not connected.", "You are connected again."]);
  });

  it("says what the page has it say, keeps a few lines, and ends", async () => {
    const tab = await stage.open(CHAT);
    const room = randomUUID();
    await rooms.enter(tab, room, "ada");
    const count = await tab.evaluate(() => {
      const region = document.getElementById("voice");
      if (!region || !kept.client) return undefined;
      const voice = parts.speak(kept.client, region);
      for (let line = 0; line < 40; line += 1) voice.announce(`line ${line}`);
      voice.dispose();
      return region.textContent?.endsWith("line 39") ? region.childElementCount : undefined;
    });
    expect(count).toBe(20);
    const ben = await rooms.join(room, "ben", "Ben");
    ben.send("too late");
    await tab.waitUntil(() => kept.client?.getSnapshot().messages.length === 1);
    await tab.evaluate(() => new Promise((resolve) => setTimeout(resolve, 400)));
    expect(await said(tab)).not.toContain("Ben: too late");
  });

  it.each(["removed", "hidden", "disabled"])("moves the focus off what is %s, and not to the body", async (how) => {
    const tab = await stage.open(CHAT);
    await watchFocus(tab);
    await tab.click("button");
    await tab.evaluate(() => document.querySelector("button")?.focus());
    await tab.evaluate((change) => {
      const button = document.querySelector("button");
      if (change === "removed") button?.closest("li")?.remove();
      else button?.toggleAttribute(change, true);
    }, how);
    await tab.waitUntil(() => document.activeElement?.localName === "ol");
  });

  it("moves the focus in a shadow root that it came into later, too", async () => {
    const tab = await stage.open(CHAT);
    await watchFocus(tab);
    const focused = await tab.evaluate(async () => {
      const main = document.querySelector("main");
      const shadow = document.body.appendChild(document.createElement("div")).attachShadow({ mode: "open" });
      if (main) shadow.append(main);
      shadow.querySelector("button")?.focus();
      shadow.querySelector("li")?.remove();
      await Promise.resolve();
      return shadow.activeElement?.localName;
    });
    expect(focused).toBe("ol");
  });

  it("leaves the focus outside of what it watches when what had it within is removed", async () => {
    const tab = await stage.open(`${CHAT}<input id="outside">`);
    await watchFocus(tab);
    await tab.evaluate(() => {
      document.querySelector("button")?.focus();
      document.getElementById("outside")?.focus();
    });
    await tab.evaluate(() => document.querySelector("li")?.remove());
    await tab.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    expect(await tab.evaluate(() => document.activeElement?.id)).toBe("outside");
  });

  it("leaves the focus where the user puts it", async () => {
    const tab = await stage.open(CHAT);
    await watchFocus(tab);
    await tab.evaluate(() => document.querySelector("button")?.focus());
    await tab.click("input");
    await tab.evaluate(() => document.querySelector("li")?.remove());
    expect(await tab.evaluate(() => document.activeElement?.localName)).toBe("input");
    await tab.evaluate(() => document.querySelector("input")?.blur());
    await tab.evaluate(() => document.querySelector("input")?.remove());
    expect(await tab.evaluate(() => document.activeElement?.localName)).toBe("body");
  });
});

async function speak(tab: Tab): Promise<void> {
  await tab.evaluate(() => {
    const region = document.getElementById("voice");
    if (region && kept.client) parts.speak(kept.client, region);
  });
}

async function watchFocus(tab: Tab): Promise<void> {
  await tab.evaluate(() => {
    const main = document.querySelector("main");
    if (main) parts.keepFocus(main, () => main.querySelector("ol") ?? main);
  });
}

function said(tab: Tab): Promise<string[]> {
  return tab.texts("#voice > *");
}

async function announces(tab: Tab, texts: string[]): Promise<void> {
  await eventually(() => said(tab)).toEqual(texts);
}
