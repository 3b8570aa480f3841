import { describe, expect, it } from "vitest";
import { eventually } from "../../e2e/browser.js";
import { REACT_VERSIONS } from "./react-page.js";
import { ReactPage, Rooms, setStage } from "./stage.js";

setStage();

describe.each(REACT_VERSIONS)("a provider on React %i", (major) => {
  it("has one live connection under StrictMode, which mounts everything twice", async () => {
    const rooms = new Rooms();
    const ada = await (await ReactPage.open(major, rooms, { strict: "" })).live();
    await eventually(() => rooms.people("one")).toEqual(["ada"]);
    await ada.say("once");
    await ada.page.locator('li[data-state="sent"]').waitFor();
    await ada.shows(["once"]);
    expect(await rooms.people("one")).toEqual(["ada"]);
    expect(ada.sockets).toBe(1);
    expect(await ada.count("actions changed")).toBe(2);
    expect(ada.complaints).toEqual([]);
  });

  it("keeps its connection when its options are a new object at each rendering", async () => {
    const rooms = new Rooms();
    const ada = await (await ReactPage.open(major, rooms)).live();
    const before = await rooms.connections("one");
    for (let time = 0; time < 5; time += 1) await ada.press("Render");
    await ada.hasText("output", "5");
    await ada.say("still here");
    await ada.page.locator('li[data-state="sent"]').waitFor();
    expect(await rooms.connections("one")).toEqual(before);
  });

  it("starts another conversation when the url changes, and ends the one before", async () => {
    const rooms = new Rooms();
    const ada = await (await ReactPage.open(major, rooms)).live();
    await ada.say("in one");
    await ada.page.locator('li[data-state="sent"]').waitFor();
    await ada.press("Other room");
    await ada.shows([]);
    await ada.live();
    await eventually(() => rooms.people("one")).toEqual([]);
    expect(await rooms.people("two")).toEqual(["ada"]);
    await ada.press("Other room");
    await ada.shows(["in one"]);
    await eventually(() => rooms.people("two")).toEqual([]);
    expect(ada.complaints).toEqual([]);
  });

  it("calls the newest token function at the next connection, and keeps what was written under another name", async () => {
    const rooms = new Rooms();
    const ada = await (await ReactPage.open(major, rooms)).live();
    await ada.press("Close");
    await ada.say("on its way");
    await ada.press("Other name");
    await ada.shows(["on its way"]);
    await ada.press("Connect");
    await ada.hasText("#self", "eve");
    await ada.page.locator('li[data-state="failed"]').waitFor();
    await rooms.disconnect("one", "eve");
    await ada.live();
    await eventually(() => rooms.people("one")).toEqual(["eve"]);
    await ada.shows(["on its way"]);
  });

  it("P6: makes another client for another token or storage, so that no one writes as the former user or sees unsent messages", async () => {
    const rooms = new Rooms();
    const ada = await (await ReactPage.open(major, rooms, { fixed: "" })).live();
    const [before] = await rooms.connections("one");
    await ada.press("Render");
    expect(await rooms.connections("one")).toEqual([before]);
    await ada.press("Close");
    await ada.say("from Ada, unsent");
    await ada.press("Other name");
    await ada.hasText("#self", "eve");
    await ada.shows([]);
    await eventually(() => rooms.people("one")).toEqual(["eve"]);
    expect(ada.complaints).toEqual([]);
  });

  it("connects again when a token is added", async () => {
    const rooms = new Rooms();
    const ada = await (await ReactPage.open(major, rooms)).live();
    await ada.press("No name");
    await eventually(() => rooms.people("one")).toEqual(["anonymous"]);
    await ada.press("No name");
    await eventually(() => rooms.people("one")).toEqual(["ada"]);
    await ada.hasText("#self", "ada");
  });

  it("closes its own client when it is unmounted, and connects another when it is mounted again", async () => {
    const rooms = new Rooms();
    const ada = await (await ReactPage.open(major, rooms)).live();
    await ada.press("Mount");
    await eventually(() => rooms.people("one")).toEqual([]);
    await ada.press("Mount");
    await ada.live();
    expect(await rooms.people("one")).toEqual(["ada"]);
    expect(ada.complaints).toEqual([]);
  });

  it("neither connects nor closes the application's client", async () => {
    const rooms = new Rooms();
    const ada = await (await ReactPage.open(major, rooms, { own: "", strict: "" })).live();
    await ada.shows(["Said early"]);
    const before = await rooms.connections("one");
    await ada.press("Mount");
    await ada.page.locator("#status").waitFor({ state: "detached" });
    await ada.press("Mount");
    await ada.live();
    expect(await rooms.connections("one")).toEqual(before);
    await ada.shows(["Said early"]);
  });
});
