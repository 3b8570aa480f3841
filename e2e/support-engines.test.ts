import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENGINES, setBrowser } from "./browsers/engines.js";
import type { Tab } from "./browsers/tab.js";
import { ForeignSite } from "./foreign-site.js";
import type { Server } from "./server.js";
import { DESK_KEY, startSupport } from "./support.js";

let site: ForeignSite;
let server: Server;

beforeAll(async () => {
  site = await ForeignSite.start();
  server = await startSupport(site);
});

afterAll(async () => {
  await server?.remove();
  await site?.end();
});

describe.each(ENGINES)("the widget in $name", (engine) => {
  const stage = setBrowser(engine);

  /** A new visitor, with the panel open. */
  async function visit(): Promise<Tab> {
    const tab = await stage.browser.newTab();
    await tab.goto(site.origin);
    await tab.click(".launcher");
    await tab.shows('.connection[data-status="live"], .question');
    return tab;
  }

  it("is there again after a reload with the draft, and takes no focus", async () => {
    const ada = await visit();
    await ada.fill("textarea", "Half a sent");
    await ada.reload();
    await ada.shows(".panel[open]");
    expect(await ada.evaluate(() => document.activeElement?.localName)).toBe("body");
    expect(await ada.evaluateAll("textarea", ([box]) => (box as HTMLTextAreaElement).value)).toBe("Half a sent");
  });

  it("keeps the focus in the box when the button that was pressed goes", async () => {
    const ada = await visit();
    await ada.click({ role: "button", text: "When are you open?" });
    await ada.shows({ css: ".bubble", text: /Monday to Friday/ });
    await ada.type("And at Easter?");
    await ada.press("Enter");
    await ada.shows({ css: '.line[data-state="sent"] .bubble', text: "And at Easter?" });
    await ada.click({ role: "button", name: "Send" });
    expect(await focused(ada)).toBe("textarea");
  });

  it("leaves an input method's Enter and Escape to it", async () => {
    const ada = await visit();
    await ada.fill("textarea", "にほん");
    await ada.evaluateAll("textarea", ([box]) => {
      for (const key of ["Enter", "Escape"]) {
        const options = { key, keyCode: 229, bubbles: true, composed: true, cancelable: true };
        box?.dispatchEvent(new KeyboardEvent("keydown", options));
      }
    });
    await ada.press("End");
    await ada.type("!");
    expect(await ada.evaluateAll("textarea", ([box]) => (box as HTMLTextAreaElement).value)).toBe("にほん!");
    await ada.press("Escape");
    await ada.hides(".panel");
    await ada.shows(".launcher");
  });

  it("leaves one who reads further up there when something new comes, and previews it when closed", async () => {
    const ada = await visit();
    const hello = `Hello from ${engine.name}`;
    await ada.fill("textarea", hello);
    await ada.press("Enter");
    await ada.shows({ css: ".bubble", text: /small script/ });
    const ines = await stage.browser.newTab();
    await ines.goto(server.url("/desk"));
    await ines.fill('input[name="name"]', "Ines");
    await ines.fill('input[name="key"]', DESK_KEY);
    await ines.click({ role: "button", name: "Enter" });
    await ines.click({ role: "button", text: new RegExp(hello) });
    for (let part = 1; part <= 12; part += 1) {
      await ines.paste(
        "textarea",
        `Part ${part}, which is long enough for two lines of the panel at its width, and a bit`,
      );
      await ines.press("Enter");
    }
    await ada.shows({ css: ".bubble", text: /^Part 12/ });
    await ada.evaluateAll(".panel .list", ([list]) => list?.scrollTo({ top: 40, behavior: "instant" }));
    await ada.shows(".down");
    const before = await topOf(ada, hello);
    await ines.paste("textarea", "One more");
    await ines.press("Enter");
    // Firefox hides a tab behind another, and nothing is read in a hidden one.
    await ada.shows({ css: ".down", text: /^\d+ new message/ });
    expect(Math.abs((await topOf(ada, hello)) - before)).toBeLessThan(2);
    await ada.click(".panel .close");
    await ada.shows({ css: ".read", text: /Ines.*One more/ });
  });
});

/** What has the focus in the widget. */
function focused(tab: Tab): Promise<string | undefined> {
  return tab.evaluateAll("workkit-support", ([host]) => host?.shadowRoot?.activeElement?.localName);
}

/** Pixels from the top of the window to the bubble with a text. */
function topOf(tab: Tab, text: string): Promise<number> {
  return tab.evaluateAll({ css: ".bubble", text }, ([bubble]) => bubble?.getBoundingClientRect().top ?? Number.NaN);
}
