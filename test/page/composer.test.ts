import { describe, expect, it } from "vitest";
import { ENGINES } from "../../e2e/browsers/engines.js";
import type { Tab } from "../../e2e/browsers/tab.js";
import { setPages } from "./stage.js";

/** A log above a box, as in a chat, and a button to send. The box is 20 px a line, and four lines at most. */
const CHAT = `
<style>
  main { display: flex; flex-direction: column; height: 400px; width: 300px }
  .log { flex: 1; overflow: auto }
  .log p { height: 1000px }
  form { display: flex }
  textarea { flex: 1; min-width: 0; font: 16px/20px monospace; padding: 5px; border: 1px solid; resize: none; max-height: 92px }
</style>
<main>
  <div class="log"><p>Above</p></div>
  <form><textarea aria-label="Message" rows="1"></textarea><button>Send</button></form>
</main>
<button id="beside">Beside</button>`;

const BOX = { role: "textbox", name: "Message" };
const SEND = { role: "button", name: "Send" };

describe.each(ENGINES)("the composer in $name", (engine) => {
  const stage = setPages(engine);

  it("sends with Enter, empties the box and keeps the focus; Shift+Enter makes a line", async () => {
    const tab = await open();
    await tab.click(BOX);
    await tab.type("one");
    await tab.press("Shift+Enter");
    await tab.type("two");
    await tab.press("Enter");
    await tab.type("three");
    await tab.press("Enter");
    expect(await sent(tab)).toEqual(["one\ntwo", "three"]);
    expect(await boxOf(tab)).toEqual({ value: "", hasFocus: true });
  });

  it("keeps the focus in the box when the button is pressed", async () => {
    const tab = await open();
    await tab.click(BOX);
    await tab.type("one");
    await watchFocus(tab);
    await tab.click(SEND);
    expect(await sent(tab)).toEqual(["one"]);
    expect(await boxOf(tab)).toEqual({ value: "", hasFocus: true });
    expect(await tab.evaluate(() => document.body.dataset["blurs"])).toBe("0");
  });

  it("leaves a key to the input method while that composes, and the one that ends a composition", async () => {
    const tab = await open();
    await tab.click(BOX);
    await tab.type("ni");
    const press = (init: { isComposing: boolean; keyCode: number }) =>
      tab.evaluate(pressOnBox, { key: "Enter", bubbles: true, cancelable: true, ...init });
    expect(await press({ isComposing: true, keyCode: 13 })).toBe("left");
    expect(await press({ isComposing: false, keyCode: 229 })).toBe("left");
    expect(await sent(tab)).toEqual([]);
    expect(await press({ isComposing: false, keyCode: 13 })).toBe("used");
    expect(await sent(tab)).toEqual(["ni"]);
    const isKept = await tab.evaluate(() =>
      [
        { isComposing: true, keyCode: 27 },
        { isComposing: false, keyCode: 229 },
        { isComposing: false, keyCode: 27 },
      ].map(parts.isInputMethodKey),
    );
    expect(isKept).toEqual([true, true, false]);
  });

  it("sends nothing that shows nothing, and keeps the spaces that begin the first line", async () => {
    const tab = await open();
    const blank = ["", " ", "\n\t\r ", "\u200b", "\u2800", "\u3164", "\u00ad\u2060\ufeff", "\u115f\u1160\uffa0 \u034f"];
    const rest = ["  a ", "\n \n  a\n  b\n\n", ".", "\u200ba", "\u0301", "\ud83d\udc4d", "\u0600"];
    const texts = await tab.evaluate((list) => list.map(parts.toMessageText), [...blank, ...rest]);
    expect(texts).toEqual([
      ...blank.map(() => ""),
      "  a",
      "  a\n  b",
      ".",
      "\u200ba",
      "\u0301",
      "\ud83d\udc4d",
      "\u0600",
    ]);
    await tab.click(BOX);
    await tab.type("   ");
    await tab.press("Enter");
    expect(await sent(tab)).toEqual([]);
    await tab.type("x ");
    await tab.press("Enter");
    expect(await sent(tab)).toEqual(["   x"]);
  });

  it("reads 70,000 spaces as fast as other texts", async () => {
    const tab = await open();
    const text = await tab.evaluate(() => parts.toMessageText(`x${" ".repeat(70_000)}y${"\n ".repeat(70_000)}`).length);
    expect(text).toBe(70_002);
  });

  it("keeps what was not taken, and says why", async () => {
    const tab = await open();
    await tab.evaluate(() => {
      kept.refuses = true;
    });
    await tab.click(BOX);
    await tab.type("one");
    await tab.press("Enter");
    expect(await boxOf(tab)).toEqual({ value: "one", hasFocus: true });
    expect(await tab.evaluate(() => document.body.dataset["error"])).toBe("Error: The outbox is full.");
    await tab.evaluate(() => {
      kept.refuses = false;
    });
    await tab.press("Enter");
    expect(await sent(tab)).toEqual(["one"]);
  });

  it("takes a refused text back, before what was written meanwhile", async () => {
    const tab = await open();
    await tab.evaluate(() => kept.composer?.restore("refused"));
    expect(await boxOf(tab)).toEqual({ value: "refused", hasFocus: true });
    await tab.evaluate(() => kept.composer?.restore("earlier"));
    await tab.type("!");
    expect(await boxOf(tab)).toEqual({ value: "earlier!\nrefused", hasFocus: true });
  });

  it("keeps a draft over a reload, one for each name, until it is sent", async () => {
    const tab = await open("ada/one");
    await tab.click(BOX);
    await tab.type("  half a th");
    await tab.reload();
    await attach(tab, "ada/one");
    expect((await boxOf(tab)).value).toBe("  half a th");
    await tab.reload();
    await attach(tab, "ada/two");
    expect((await boxOf(tab)).value).toBe("");
    await tab.reload();
    await attach(tab, "ada/one");
    await tab.click(BOX);
    await tab.press("Enter");
    await tab.reload();
    await attach(tab, "ada/one");
    expect((await boxOf(tab)).value).toBe("");
    expect(await tab.evaluate(() => localStorage.length)).toBe(0);
  });

  it("shows what another tab has done to the draft, unless more was written here", async () => {
    const profile = await stage.newProfile();
    const [one, two] = [await stage.open(CHAT, profile), await stage.open(CHAT, profile)];
    await attach(one, "shared");
    await attach(two, "shared");
    await one.click(BOX);
    await one.type("from one");
    await two.waitUntil(() => document.querySelector("textarea")?.value === "from one");
    await one.press("Enter");
    await two.waitUntil(() => document.querySelector("textarea")?.value === "");
    await two.evaluate(() => {
      const box = document.querySelector("textarea");
      if (box) box.value = "written here";
    });
    await one.type("again");
    await two.waitUntil(() => localStorage.getItem("workkit.chat.draft/shared") === "again");
    expect((await boxOf(two)).value).toBe("written here");
  });

  it("writes without a storage that works", async () => {
    const tab = await stage.open(CHAT);
    const value = await tab.evaluate(() => {
      const refuse = () => {
        throw new Error("QuotaExceededError");
      };
      const draft = parts.openDraft("any", { getItem: refuse, setItem: refuse, removeItem: refuse });
      draft.write("text");
      return draft.read();
    });
    expect(value).toBe("");
  });

  it("grows with its text up to its limit, shrinks again, and moves nothing else while it is measured", async () => {
    const tab = await open();
    await tab.click(BOX);
    const heights = [];
    for (const lines of [1, 2, 3, 9, 2, 1]) heights.push(await tab.evaluate(heightWith, lines));
    expect(heights).toEqual([32, 52, 72, 92, 52, 32]);
    const moved = await tab.evaluate(async () => {
      const [log, box] = [document.querySelector(".log"), document.querySelector("textarea")];
      if (!log || !box) return "none";
      box.value = "1\n2\n3";
      box.dispatchEvent(new Event("input"));
      log.scrollTop = log.scrollHeight;
      const end = log.scrollTop;
      box.dispatchEvent(new Event("input"));
      await new Promise(requestAnimationFrame);
      return log.scrollTop - end;
    });
    expect(moved).toBe(0);
  });

  it("fits its height when it is shown, and when it gets narrower", async () => {
    const tab = await stage.open(CHAT);
    await tab.evaluate(() => document.querySelector("main")?.style.setProperty("display", "none"));
    await attach(tab);
    await tab.evaluate(() => kept.composer?.restore("1\n2"));
    await tab.evaluate(() => document.querySelector("main")?.style.setProperty("display", "flex"));
    await tab.waitUntil(() => document.querySelector("textarea")?.offsetHeight === 52);
    await tab.evaluate(() => kept.composer?.submit());
    await tab.evaluate(() => kept.composer?.restore("word word word"));
    expect(await tab.evaluate(() => document.querySelector("textarea")?.offsetHeight)).toBe(32);
    await tab.evaluate(() => document.querySelector("main")?.style.setProperty("width", "150px"));
    await tab.waitUntil(() => (document.querySelector("textarea")?.offsetHeight ?? 0) > 32);
  });

  it("leaves the box as it was when it is disposed", async () => {
    const tab = await open();
    await tab.evaluate(() => kept.composer?.dispose());
    await tab.click(BOX);
    await tab.type("one");
    await tab.press("Enter");
    expect(await sent(tab)).toEqual([]);
    expect((await boxOf(tab)).value).toBe("one\n");
  });

  async function open(draft?: string): Promise<Tab> {
    const tab = await stage.open(CHAT);
    await attach(tab, draft);
    return tab;
  }
});

async function attach(tab: Tab, draft?: string): Promise<void> {
  await tab.waitUntil(() => "parts" in globalThis);
  await tab.evaluate((name) => {
    const box = document.querySelector("textarea");
    if (!box) return;
    kept.composer = parts.attachComposer(box, {
      send: (text) => {
        if (kept.refuses) throw new Error("The outbox is full.");
        kept.texts.push(text);
      },
      onError: (error) => {
        document.body.dataset["error"] = String(error);
      },
      draft: name,
    });
  }, draft);
}

function sent(tab: Tab): Promise<string[]> {
  return tab.evaluate(() => kept.texts);
}

function boxOf(tab: Tab): Promise<{ value: string | undefined; hasFocus: boolean }> {
  return tab.evaluate(() => {
    const box = document.querySelector("textarea");
    return { value: box?.value, hasFocus: document.activeElement === box };
  });
}

async function watchFocus(tab: Tab): Promise<void> {
  await tab.evaluate(() => {
    document.body.dataset["blurs"] = "0";
    document.querySelector("textarea")?.addEventListener("blur", () => {
      document.body.dataset["blurs"] = String(Number(document.body.dataset["blurs"]) + 1);
    });
  });
}

/** Presses a key as Safari and other engines do it with an input method. Runs in the page. */
function pressOnBox(init: { key: string; keyCode: number; isComposing: boolean }): string {
  const event = new KeyboardEvent("keydown", init);
  // Not all engines take the code from the constructor.
  Object.defineProperty(event, "keyCode", { value: init.keyCode });
  return document.querySelector("textarea")?.dispatchEvent(event) ? "left" : "used";
}

/** The height of the box with that many lines. Runs in the page. */
function heightWith(lines: number): number | undefined {
  const box = document.querySelector("textarea");
  if (!box) return undefined;
  box.value = Array.from({ length: lines }, (_, line) => line).join("\n");
  box.dispatchEvent(new Event("input"));
  return box.offsetHeight;
}
