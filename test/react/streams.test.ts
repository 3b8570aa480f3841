import { describe, expect, it } from "vitest";
import { eventually } from "../../e2e/browser.js";
import { REACT_VERSIONS } from "./react-page.js";
import { ReactPage, Rooms, setStage } from "./stage.js";

setStage();

/** Milliseconds between two updates of what grows, at least. A timer may fire a fraction early. */
const UPDATE_INTERVAL = 48;
const MOST = 150;
const WHOLE = Array.from({ length: MOST }, (_, index) => `${index + 1} `).join("");

describe.each(REACT_VERSIONS)("replies that grow, under StrictMode on React %i", (major) => {
  const open = async (rooms = new Rooms()) => (await ReactPage.open(major, rooms, { strict: "" })).live();
  const growing = '.reply[data-state="streaming"]';
  const stateOf = (finish: string) => `.reply[data-state="sent"][data-finish="${finish}"]`;

  it("P10: are rendered at most 20 times a second, however many there are, and lose nothing", async () => {
    const ada = await open();
    for (let count = 0; count < 3; count++) await ada.say(`count to ${MOST}`);
    await eventually(() => ada.page.locator(stateOf("stop")).allTextContents()).toEqual([WHOLE, WHOLE, WHOLE]);
    const updates = await updatesOf(ada);
    expect(updates.length).toBeGreaterThan(1);
    const gaps = updates.slice(1).map((time, at) => time - (updates[at] ?? 0));
    expect(gaps.filter((gap) => gap < UPDATE_INTERVAL)).toEqual([]);
    expect(ada.complaints).toEqual([]);
  });

  it("P10: stay the same elements when they are sent", async () => {
    const ada = await open();
    await ada.say(`count to ${MOST}`);
    await ada.page.locator(growing).evaluate((element) => element.setAttribute("data-mark", "same"));
    await ada.page.locator(`${stateOf("stop")}[data-mark="same"]`).waitFor();
    expect(await ada.page.locator(".reply").allTextContents()).toEqual([WHOLE]);
  });

  it("P10: are stopped, and keep what was shown", async () => {
    const ada = await open();
    await ada.say(`count to ${MOST}`);
    await ada.page.locator(growing).filter({ hasText: "3" }).waitFor();
    await ada.press("Stop");
    await ada.page.locator(stateOf("cancelled")).waitFor();
    const text = (await ada.page.textContent(".reply")) ?? "";
    expect(WHOLE.startsWith(text)).toBe(true);
    expect(text.length).toBeLessThan(WHOLE.length);
    expect(ada.complaints).toEqual([]);
  });

  it("P10: are shown where they are when the list is mounted late, and grow on", async () => {
    const ada = await open();
    await ada.say(`count to ${MOST}`);
    await ada.page.locator(growing).filter({ hasText: "3" }).waitFor();
    await ada.press("Mount");
    await ada.page.locator(".reply").waitFor({ state: "detached" });
    await ada.press("Mount");
    await ada.page.locator(stateOf("stop")).waitFor();
    expect(await ada.page.locator(".reply").allTextContents()).toEqual([WHOLE]);
    expect(ada.complaints).toEqual([]);
  });
});

/** When the page was updated while several replies grew, in milliseconds. */
function updatesOf({ page }: ReactPage): Promise<number[]> {
  return page.evaluate(() => performance.getEntriesByName("grown").map(({ startTime }) => startTime));
}
