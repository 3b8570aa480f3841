import { describe, expect, it } from "vitest";
import { ENGINES } from "../../e2e/browsers/engines.js";
import type { Tab } from "../../e2e/browsers/tab.js";
import { setPages } from "./stage.js";

/** A list of lines of 40 px in a window of 400 px, with a box below it. */
const CHAT = `
<style>
  main { display: flex; flex-direction: column; height: 440px; width: 300px }
  .log { flex: 1; overflow: auto }
  ol { list-style: none; margin: 0; padding: 0 }
  li { height: 40px }
  .box { height: 40px; flex: none }
</style>
<main><div class="log"><ol></ol></div><div class="box"></div></main>`;

describe.each(ENGINES)("the place in $name", (engine) => {
  const stage = setPages(engine);

  it("follows the end, and keeps following when the box, a picture or a message takes room", async () => {
    const tab = await open();
    expect(await fromEnd(tab)).toBe(0);
    await tab.evaluate(add, 3, "end");
    expect(await fromEnd(tab)).toBe(0);
    await setHeight(tab, ".box", 240);
    expect(await fromEnd(tab)).toBe(0);
    await setHeight(tab, "li:last-child", 500);
    expect(await fromEnd(tab)).toBe(0);
    expect(await tab.evaluate(() => kept.place?.isAtEnd)).toBe(true);
  });

  it("lets go as soon as the reader scrolls up, and follows again at the end", async () => {
    const tab = await open();
    await scrollBy(tab, -30);
    expect(await tab.evaluate(() => kept.texts)).toEqual(["left"]);
    const before = await topLine(tab);
    await tab.evaluate(add, 5, "end");
    expect(await topLine(tab)).toEqual(before);
    await tab.evaluate(() => kept.place?.toEnd());
    expect(await fromEnd(tab)).toBe(0);
    await scrollBy(tab, -300);
    await scrollBy(tab, 290);
    expect(await tab.evaluate(() => kept.texts)).toEqual(["left", "end", "left", "end"]);
    await tab.evaluate(add, 1, "end");
    expect(await fromEnd(tab)).toBe(0);
  });

  it("keeps the place when older messages come in", async () => {
    const tab = await open();
    await scrollBy(tab, -2_010);
    const before = await topLine(tab);
    await tab.evaluate(add, 50, "start");
    expect(await topLine(tab)).toEqual(before);
  });

  it("keeps the place at the very beginning, where older messages come in", async () => {
    const tab = await open();
    await scrollBy(tab, -100_000);
    const before = await topLine(tab);
    await tab.evaluate(add, 50, "start");
    expect(await topLine(tab)).toEqual(before);
  });

  it("is not held by the line that begins a day, which stays above the older messages of that day", async () => {
    const tab = await open();
    await tab.evaluate(() => {
      const day = document.createElement("li");
      day.textContent = "Today";
      document.querySelector("ol")?.prepend(day);
    });
    await scrollBy(tab, -100_000);
    const before = await tab.evaluate(topOfLine, 0);
    await tab.evaluate(add, 50, "start");
    await tab.evaluate(() => {
      const day = [...document.querySelectorAll("li")].find(({ textContent }) => textContent === "Today");
      if (day) document.querySelector("ol")?.prepend(day);
    });
    await frame(tab);
    expect(await tab.evaluate(topOfLine, 0)).toBe(before);
  });

  it("keeps what follows the first line when that loses its author's name to an older message", async () => {
    const tab = await open();
    await tab.evaluate(() => document.querySelector("li")?.style.setProperty("height", "70px"));
    await scrollBy(tab, -100_000);
    const before = await tab.evaluate(topOfLine, 1);
    await tab.evaluate(() => {
      const first = document.querySelector("li");
      const older = first?.cloneNode(true);
      if (older) first?.before(older);
      first?.style.setProperty("height", "40px");
    });
    await frame(tab);
    expect(await tab.evaluate(topOfLine, 1)).toBe(before);
  });

  it("keeps the place when a full list drops its first and takes one more", async () => {
    const tab = await open();
    await scrollBy(tab, -2_010);
    const before = await topLine(tab);
    for (let round = 0; round < 10; round += 1) await tab.evaluate(slide, 2);
    expect(await topLine(tab)).toEqual(before);
  });

  it("keeps the lines below the first when the first in sight is dropped", async () => {
    const tab = await open();
    await scrollBy(tab, -3_000);
    const [name = "", top = 0] = await topLine(tab);
    await tab.evaluate((text) => {
      const line = [...document.querySelectorAll("li")].find(({ textContent }) => textContent === text);
      line?.previousElementSibling?.remove();
      line?.remove();
    }, String(name));
    await frame(tab);
    const next = await tab.evaluate(topOfLine, Number(name) + 1);
    expect(next).toBeCloseTo(Number(top) + 40, 0);
  });

  it("keeps the place when a picture above loads, while the reader scrolls and afterwards", async () => {
    const tab = await open();
    await scrollBy(tab, -2_010);
    const before = await topLine(tab);
    await setHeight(tab, "li:nth-child(5)", 700);
    expect(await topLine(tab)).toEqual(before);
    await tab.evaluate(() => {
      document.querySelector<HTMLElement>("li:nth-child(6)")?.style.setProperty("height", "300px");
      document.querySelector(".log")?.scrollBy(0, -80);
    });
    await frame(tab);
    const [name, top] = await topLine(tab);
    expect([Number(name), top]).toEqual([Number(before[0]) - 2, before[1]]);
  });

  it("keeps the place when the box grows and the keyboard of a phone takes room", async () => {
    const tab = await open();
    await scrollBy(tab, -2_010);
    const before = await topLine(tab);
    await setHeight(tab, ".box", 200);
    expect(await topLine(tab)).toEqual(before);
    await tab.evaluate(() => document.querySelector("main")?.style.setProperty("height", "300px"));
    await frame(tab);
    expect(await topLine(tab)).toEqual(before);
    await tab.evaluate(() => document.querySelector("main")?.style.setProperty("height", "440px"));
    await setHeight(tab, ".box", 40);
    expect(await topLine(tab)).toEqual(before);
  });

  it.each(["at the end", "elsewhere"])("keeps the place %s when a keyboard lies over the page", async (where) => {
    const tab = await open();
    if (where === "elsewhere") await scrollBy(tab, -2_010);
    const before = await topLine(tab);
    await tab.evaluate(() => {
      document.body.style.margin = "0";
      const main = document.querySelector("main");
      main?.style.setProperty("--full", "440px");
      if (main) Object.assign(kept, { stop: parts.fitViewport(main) });
    });
    await setKeyboard(tab, { height: 300, offsetTop: 120 });
    expect(await tab.evaluate(boxOfMain)).toEqual({ top: 120, height: 300 });
    if (where === "at the end") expect(await fromEnd(tab)).toBe(0);
    else expect(await topLine(tab)).toEqual(before);
    await setKeyboard(tab, { height: 300, offsetTop: 0 });
    expect(await tab.evaluate(boxOfMain)).toEqual({ top: 0, height: 300 });
    await setKeyboard(tab, { height: 899, offsetTop: 0, scale: 1 });
    await tab.evaluate(() => document.querySelector("main")?.style.setProperty("height", "440px"));
    await setKeyboard(tab, { height: 300, offsetTop: 50, scale: 1.5 });
    expect((await tab.evaluate(boxOfMain)).top).toBe(0);
    await setKeyboard(tab, { height: 300, offsetTop: 50 });
    await tab.evaluate(() => Reflect.get(kept, "stop")());
    expect((await tab.evaluate(boxOfMain)).top).toBe(0);
  });

  it("can be left while the list grows at every frame", async () => {
    const tab = await open();
    await tab.evaluate(() => {
      const grow = (): void => {
        const line = document.createElement("li");
        line.textContent = "more";
        document.querySelector("ol")?.append(line);
        if (document.querySelectorAll("li").length < 250) requestAnimationFrame(grow);
      };
      grow();
    });
    await scrollBy(tab, -200);
    await tab.waitUntil(() => document.querySelectorAll("li").length >= 250);
    expect(await tab.evaluate(() => kept.place?.isAtEnd)).toBe(false);
    expect(await fromEnd(tab)).toBeGreaterThan(1_000);
  });

  it("can be left in the moment in which the list grows, before an event tells of it", async () => {
    const tab = await open();
    await tab.evaluate(async () => {
      document.querySelector(".log")?.scrollBy({ top: -200, behavior: "instant" });
      document.querySelector("ol")?.append(document.createElement("li"));
      await new Promise(requestAnimationFrame);
    });
    await frame(tab);
    expect(await tab.evaluate(() => kept.place?.isAtEnd)).toBe(false);
    expect(await fromEnd(tab)).toBeGreaterThanOrEqual(200);
    await tab.evaluate(() => {
      document.querySelector(".log")?.scrollBy({ top: -200, behavior: "instant" });
      kept.place?.toEnd();
    });
    await frame(tab);
    expect(await fromEnd(tab)).toBe(0);
  });

  it("does nothing after it is disposed", async () => {
    const tab = await open();
    await tab.evaluate(() => kept.place?.dispose());
    await tab.evaluate(add, 10, "end");
    expect(await fromEnd(tab)).toBe(400);
  });

  /** A list of a hundred lines, at its end. */
  async function open(): Promise<Tab> {
    const tab = await stage.open(CHAT);
    await tab.evaluate(add, 100, "end");
    await tab.evaluate(() => {
      const log = document.querySelector<HTMLElement>(".log");
      if (!log) return;
      kept.place = parts.keepPlace(log, { onChange: (isAtEnd) => kept.texts.push(isAtEnd ? "end" : "left") });
    });
    await frame(tab);
    return tab;
  }
});

/** Adds lines, which have the next numbers at the end, and others at the start. Runs in the page. */
async function add(count: number, where: "start" | "end"): Promise<void> {
  const list = document.querySelector("ol");
  const from = Number(list?.lastElementChild?.textContent ?? -1) + 1;
  const lines = Array.from({ length: count }, (_, index) => {
    const line = document.createElement("li");
    line.dataset["key"] = crypto.randomUUID();
    line.textContent = where === "end" ? String(from + index) : `older ${index}`;
    return line;
  });
  if (where === "end") list?.append(...lines);
  else list?.prepend(...lines);
  for (let frames = 0; frames < 3; frames += 1) await new Promise(requestAnimationFrame);
}

/** Drops the first lines and adds as many. Runs in the page. */
async function slide(count: number): Promise<void> {
  const list = document.querySelector("ol");
  for (let round = 0; round < count; round += 1) {
    list?.firstElementChild?.remove();
    const line = document.createElement("li");
    line.dataset["key"] = crypto.randomUUID();
    line.textContent = "new";
    list?.append(line);
  }
  for (let frames = 0; frames < 3; frames += 1) await new Promise(requestAnimationFrame);
}

/** The text of the first line in sight, and how far it is from the top of the list. */
async function topLine(tab: Tab): Promise<[text: string, top: number]> {
  return tab.evaluate(() => {
    const top = document.querySelector(".log")?.getBoundingClientRect().top ?? 0;
    const line = [...document.querySelectorAll("li")].find((each) => each.getBoundingClientRect().bottom > top);
    return [line?.textContent ?? "", (line?.getBoundingClientRect().top ?? 0) - top];
  });
}

/** Runs in the page. */
function topOfLine(number: number): number {
  const top = document.querySelector(".log")?.getBoundingClientRect().top ?? 0;
  const line = [...document.querySelectorAll("li")].find(({ textContent }) => textContent === String(number));
  return (line?.getBoundingClientRect().top ?? 0) - top;
}

async function frame(tab: Tab): Promise<void> {
  await tab.evaluate(async () => {
    for (let frames = 0; frames < 3; frames += 1) await new Promise(requestAnimationFrame);
  });
}

async function scrollBy(tab: Tab, pixels: number): Promise<void> {
  await tab.evaluate((way) => document.querySelector(".log")?.scrollBy(0, way), pixels);
  await frame(tab);
}

async function setHeight(tab: Tab, selector: string, height: number): Promise<void> {
  await tab.evaluate(
    (what, pixels) => document.querySelector<HTMLElement>(what)?.style.setProperty("height", `${pixels}px`),
    selector,
    height,
  );
  await frame(tab);
}

/** What the page is told of a keyboard over it: no engine has one without a phone. Runs in the page's own viewport. */
async function setKeyboard(tab: Tab, sizes: { height: number; offsetTop: number; scale?: number }): Promise<void> {
  await tab.evaluate((all) => {
    for (const [name, value] of Object.entries({ scale: 1, ...all })) {
      Object.defineProperty(visualViewport, name, { value, configurable: true });
    }
    visualViewport?.dispatchEvent(new Event("resize"));
  }, sizes);
  await frame(tab);
}

/** Runs in the page. */
function boxOfMain(): { top: number; height: number } {
  const { top = 0, height = 0 } = document.querySelector("main")?.getBoundingClientRect() ?? {};
  return { top, height };
}

function fromEnd(tab: Tab): Promise<number> {
  return tab.evaluate(() => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = document.querySelector(".log") ?? {};
    return Math.round(scrollHeight - scrollTop - clientHeight);
  });
}
