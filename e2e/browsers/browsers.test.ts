import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../browser.js";
import { ENGINES, setBrowser } from "./engines.js";

/** A page with what pages are made of: a labelled field, a button, a shadow root, something that covers for a while. */
const PAGE = `<!doctype html><html lang="en"><title>Page</title>
<label for="text">Your text</label> <input id="text" value="old">
<textarea aria-label="Lines"></textarea>
<button type="button" onclick="keep(document.querySelector('#text').value)">Keep it</button>
<button type="button" style="display: none">Hidden</button>
<ol></ol><p id="ticks"></p><div id="host"></div>
<script>
  const keep = (text) => {
    const item = document.createElement("li");
    item.textContent = text;
    document.querySelector("ol").append(item);
    localStorage.setItem("kept", text);
  };
  addEventListener("keydown", (event) => {
    // WebKitGTK names no key where Shift is held with Tab: what that does is seen by the focus.
    if (!event.shiftKey && event.target.localName === "textarea") keep(event.key);
  });
  const root = document.querySelector("#host").attachShadow({ mode: "open" });
  root.innerHTML = '<button type="button">Within</button>';
  root.querySelector("button").addEventListener("click", (event) => keep(event.isTrusted ? "real" : "made up"));
  let ticks = 0;
  setInterval(() => document.querySelector("#ticks").textContent = String(++ticks), 20);
</script>`;

const server = createServer((_, response) => response.setHeader("content-type", "text/html; charset=utf-8").end(PAGE));
let address = "";

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const at = server.address();
  if (at === null || typeof at === "string") throw new Error("The server does not listen.");
  address = `http://127.0.0.1:${at.port}/`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe.each(ENGINES)("in $name", (engine) => {
  const stage = setBrowser(engine);

  it("fills a field that its label names, and clicks a button that its text names", async () => {
    const tab = await stage.browser.newTab();
    await tab.goto(address);
    await tab.fill({ role: "textbox", name: "Your text" }, "Grüße, 3 + 4 = „7“!");
    await tab.click({ role: "button", name: /^keep/i });
    await tab.hasTexts("ol li", ["Grüße, 3 + 4 = „7“!"]);
    await tab.shows({ text: "Grüße, 3 + 4 = „7“!" });
    expect(await tab.texts({ role: "listitem" })).toEqual(await tab.texts("li"));
    await tab.hides({ role: "button", name: "Hidden" });
  });

  it("presses keys as a keyboard does", async () => {
    const tab = await stage.browser.newTab();
    await tab.goto(address);
    await tab.click("textarea");
    await tab.type("ab");
    await tab.press("Enter");
    await tab.press("ArrowUp");
    await tab.press("Shift+Tab");
    await tab.hasTexts("li", ["a", "b", "Enter", "ArrowUp"]);
    await tab.waitUntil(() => document.activeElement?.id === "text");
    expect(await tab.evaluate(() => document.querySelector("textarea")?.value)).toBe("ab\n");
  });

  it("clicks what is in a shadow root, with an event that the browser made", async () => {
    const tab = await stage.browser.newTab();
    await tab.goto(address);
    await tab.click({ role: "button", name: "Within" });
    await tab.hasTexts("li", ["real"]);
  });

  it("waits to click until nothing covers the button", async () => {
    const tab = await stage.browser.newTab();
    await tab.goto(address);
    await tab.evaluate(() => {
      const cover = document.createElement("div");
      cover.style.cssText = "position: fixed; inset: 0; background: #fff";
      document.body.append(cover);
      setTimeout(() => cover.remove(), 300);
    });
    await tab.click({ role: "button", name: "Keep it" });
    await tab.hasTexts("li", ["old"]);
  });

  it("returns what a function in the page resolves with, and throws what it throws", async () => {
    const tab = await stage.browser.newTab();
    await tab.goto(address);
    expect(await tab.evaluate(async (a, b) => ({ sum: a + b }), 3, 4)).toEqual({ sum: 7 });
    const failing = tab.evaluate(() => {
      throw new Error("as it should");
    });
    await expect(failing).rejects.toThrow("as it should");
  });

  it("keeps what is stored over a reload and in a second tab, and gives another profile nothing of it", async () => {
    const profile = await stage.browser.newProfile();
    const tab = await profile.newTab();
    await tab.goto(address);
    await tab.click({ role: "button", name: "Keep it" });
    const kept = () => localStorage.getItem("kept");
    await eventually(() => tab.evaluate(kept)).toBe("old");
    await tab.reload();
    expect(await tab.texts("li")).toEqual([]);
    expect(await tab.evaluate(kept)).toBe("old");
    const second = await profile.newTab();
    await second.goto(address);
    expect(await second.evaluate(kept)).toBe("old");
    await second.close();
    expect(await tab.evaluate(kept)).toBe("old");
    const other = await stage.browser.newTab();
    await other.goto(address);
    expect(await other.evaluate(kept)).toBeNull();
  });

  it("sleeps: no timer of a page runs until it wakes", async () => {
    const tab = await stage.browser.newTab();
    await tab.goto(address);
    const wake = stage.browser.sleep();
    const asleep = tab.evaluate(() => Number(document.querySelector("#ticks")?.textContent));
    const first = await Promise.race([asleep, new Promise((resolve) => setTimeout(resolve, 1000, "asleep"))]);
    wake();
    expect(first).toBe("asleep");
    const then = await asleep;
    await eventually(() => tab.evaluate(() => Number(document.querySelector("#ticks")?.textContent))).toBeGreaterThan(
      then,
    );
  });

  it("takes a picture", async () => {
    const tab = await stage.browser.newTab();
    await tab.goto(address);
    expect([...(await tab.screenshot()).slice(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
  });
});
