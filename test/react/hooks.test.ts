import { describe, expect, it } from "vitest";
import { eventually } from "../../e2e/browser.js";
import { REACT_VERSIONS } from "./react-page.js";
import { ReactPage, Rooms, setStage } from "./stage.js";

setStage();

describe.each(REACT_VERSIONS)("the hooks on React %i", (major) => {
  it("run on that version", async () => {
    const { page } = await ReactPage.open(major, new Rooms());
    await page.locator(`html[data-react^="${major}."]`).waitFor();
  });

  it("P5: show the conversation to everyone, each message once and in order", async () => {
    const rooms = new Rooms();
    const ada = await (await ReactPage.open(major, rooms)).live();
    const ben = rooms.join("one", "ben");
    await ada.say("one");
    await ada.shows(["one"]);
    ben.send("two");
    await ada.shows(["one", "two"]);
    await ada.say("three");
    await ada.shows(["one", "two", "three"]);
    await eventually(() => ben.getSnapshot().messages.map(({ content }) => content)).toEqual(["one", "two", "three"]);
    expect(await ada.page.textContent("#self")).toBe("ada");
    expect(ada.complaints).toEqual([]);
  });

  it("render only what changed: not the list for typing, not the connection for messages", async () => {
    const rooms = new Rooms();
    const ada = await (await ReactPage.open(major, rooms)).live();
    const ben = rooms.join("one", "ben");
    await eventually(() => ben.getSnapshot().status).toBe("live");
    const rendered = (part: string) => ada.count(`${part} rendered`);
    const before = { list: await rendered("list"), status: await rendered("status"), typing: await rendered("typing") };
    ben.sendTyping();
    await ada.hasText("#typing", "ben");
    ben.sendTyping(false);
    await ada.hasText("#typing", "");
    expect(await rendered("typing")).toBe(before.typing + 2);
    expect(await rendered("list")).toBe(before.list);
    ben.send("hello");
    await ada.shows(["hello"]);
    expect(await rendered("list")).toBe(before.list + 1);
    expect(await rendered("typing")).toBe(before.typing + 2);
    expect(await rendered("status")).toBe(before.status);
    expect(await rendered("composer")).toBe(1);
  });

  it("return the same connection and functions until they change", async () => {
    const rooms = new Rooms();
    const ada = await (await ReactPage.open(major, rooms)).live();
    expect(await ada.count("connection changed")).toBe(1);
    for (let time = 0; time < 3; time += 1) await ada.press("Render");
    await ada.say("hello");
    await ada.shows(["hello"]);
    expect(await ada.page.textContent("output")).toBe("3");
    expect(await ada.count("composer rendered")).toBe(4);
    expect(await ada.count("connection changed")).toBe(1);
    expect(await ada.count("actions changed")).toBe(1);
  });

  it("retry and discard what failed", async () => {
    const ada = await (await ReactPage.open(major, new Rooms())).live();
    await ada.say("x".repeat(70_000));
    await ada.page.locator('li[data-state="failed"]').waitFor();
    await ada.press("Retry");
    await ada.page.locator('li[data-state="failed"]').waitFor();
    await ada.press("Discard");
    await ada.shows([]);
  });

  it("close and connect", async () => {
    const rooms = new Rooms();
    const ada = await (await ReactPage.open(major, rooms)).live();
    await ada.press("Close");
    await ada.hasText("#status", "closed");
    await eventually(() => rooms.people("one")).toEqual([]);
    await ada.say("later");
    await ada.press("Connect");
    await ada.live();
    await ada.page.locator('li[data-state="sent"]').waitFor();
    await ada.shows(["later"]);
  });

  it("load older messages, back to the beginning", async () => {
    const rooms = new Rooms();
    const ben = rooms.join("one", "ben");
    const numbers = Array.from({ length: 270 }, (_, index) => String(index + 1));
    for (const number of numbers) ben.send(number);
    await eventually(() => ben.getSnapshot().messages.filter(({ seq }) => seq !== undefined).length).toBe(270);
    const ada = await (await ReactPage.open(major, rooms)).live();
    await ada.shows(numbers.slice(70));
    await ada.press("Older");
    await ada.shows(numbers.slice(20));
    await ada.press("Older");
    await ada.shows(numbers);
    expect(await ada.page.getByRole("button", { name: "Older" }).count()).toBe(0);
  });
});
