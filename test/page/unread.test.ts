import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { eventually } from "../../e2e/browser.js";
import { ENGINES } from "../../e2e/browsers/engines.js";
import type { Tab } from "../../e2e/browsers/tab.js";
import { setRooms } from "./rooms.js";
import { setPages } from "./stage.js";

const rooms = setRooms();

describe.each(ENGINES)("what is unread in $name", (engine) => {
  const stage = setPages(engine);

  it("is counted while the reader is elsewhere, from the first unread message on", async () => {
    const { tab, ben } = await open();
    await begin(tab);
    expect(await unread(tab)).toEqual({ count: 0, first: null });
    await tab.evaluate(() => kept.client?.send("mine"));
    await eventually(() => ben.getSnapshot().messages.at(-1)?.content).toBe("mine");
    ben.send("one");
    ben.send("two");
    await eventually(() => unread(tab)).toEqual({ count: 2, first: "one" });
    await place(tab, "at the end");
    expect(await unread(tab), "the line stays for the reader to find").toEqual({ count: 0, first: "one" });
    await tab.evaluate(() => kept.client?.send("answer"));
    await eventually(() => unread(tab)).toEqual({ count: 0, first: null });
    await place(tab, "elsewhere");
    ben.send("three");
    await eventually(() => unread(tab)).toEqual({ count: 1, first: "three" });
  });

  it("has no line for what the reader sees arrive", async () => {
    const { tab, ben } = await open();
    await begin(tab, "ada/one", "at the end");
    ben.send("one");
    await eventually(() => newest(tab)).toBe("one");
    expect(await unread(tab)).toEqual({ count: 0, first: null });
  });

  it("keeps its line over a reload, under its name, until the reader writes", async () => {
    const { tab, ben, room } = await open();
    await begin(tab, "ada/one");
    ben.send("one");
    await eventually(() => unread(tab)).toEqual({ count: 1, first: "one" });
    await comeBack(tab, room);
    expect(await unread(tab), "nobody has read it").toEqual({ count: 1, first: "one" });
    await place(tab, "at the end");
    await comeBack(tab, room, "at the end");
    expect(await unread(tab), "it was read before the reload").toEqual({ count: 0, first: "one" });
    await tab.evaluate(() => kept.client?.send("answer"));
    await eventually(() => unread(tab)).toEqual({ count: 0, first: null });
    await comeBack(tab, room, "at the end");
    expect(await unread(tab)).toEqual({ count: 0, first: null });
    await tab.evaluate(() => parts.openDraft("ada/one").write("half"));
    await tab.evaluate(() => parts.forgetKept("ada/one"));
    expect(await tab.evaluate(() => localStorage.length)).toBe(0);
  });

  it("has a line before what was written while no page was open, although the reader sees it at once", async () => {
    const { tab, ben, room } = await open();
    await begin(tab, "ada/one", "at the end");
    await tab.evaluate(() => kept.client?.close());
    ben.send("while away");
    await eventually(() => ben.getSnapshot().messages.at(-1)?.state).toBe("sent");
    await comeBack(tab, room, "at the end");
    expect(await unread(tab)).toEqual({ count: 0, first: "while away" });
    await tab.reload();
    await rooms.enter(tab, room, "ada", "Ada");
    await begin(tab, "another/one", "at the end");
    expect(await unread(tab), "another name knows nothing of it").toEqual({ count: 0, first: null });
  });

  it("is read when another tab of the reader reads it", async () => {
    const profile = await stage.newProfile();
    const room = randomUUID();
    const ben = await join(room);
    const [one, two] = [await stage.open("", profile), await stage.open("", profile)];
    for (const tab of [one, two]) {
      await rooms.enter(tab, room, "ada", "Ada");
      await begin(tab, "shared/one");
    }
    ben.send("one");
    for (const tab of [one, two]) await eventually(() => unread(tab)).toEqual({ count: 1, first: "one" });
    // The tab in front reads. Not all engines call the other one hidden.
    await place(two, "at the end");
    await eventually(() => unread(one)).toMatchObject({ count: 0 });
  });

  it("begins again with a log that was cleared, and takes nothing from a storage that has something else", async () => {
    const { tab, ben } = await open();
    await tab.evaluate(() => localStorage.setItem("workkit.chat.read/ada/one", "9000 8000"));
    await begin(tab, "ada/one");
    ben.send("one");
    await eventually(() => unread(tab)).toEqual({ count: 1, first: "one" });
    await tab.evaluate(() => localStorage.setItem("workkit.chat.read/ada/other", "{}"));
    await begin(tab, "ada/other");
    expect(await unread(tab)).toEqual({ count: 0, first: null });
    ben.send("two");
    await eventually(() => unread(tab)).toEqual({ count: 1, first: "two" });
  });

  /** Ada in a room of her own, in which Ben has written before. */
  async function open() {
    const room = randomUUID();
    const ben = await join(room);
    ben.send("past");
    await eventually(() => ben.getSnapshot().messages[0]?.state).toBe("sent");
    const tab = await stage.open("");
    await rooms.enter(tab, room, "ada", "Ada");
    return { tab, ben, room };
  }

  async function comeBack(tab: Tab, room: string, where?: string): Promise<void> {
    await tab.reload();
    await tab.waitUntil(() => "parts" in globalThis);
    await rooms.enter(tab, room, "ada", "Ada");
    await begin(tab, "ada/one", where);
  }
});

function join(room: string) {
  return rooms.join(room, "ben", "Ben");
}

/** Counts under a name, for a reader who is where `place` says. */
async function begin(tab: Tab, name?: string, where = "elsewhere"): Promise<void> {
  await tab.evaluate(
    (kind, at) => {
      if (!kept.client) return;
      document.body.dataset["place"] = at;
      const isAtEnd = (): boolean => document.body.dataset["place"] === "at the end";
      Object.assign(kept, { unread: parts.countUnread(kept.client, isAtEnd, { name: kind }) });
    },
    name,
    where,
  );
}

async function place(tab: Tab, where: string): Promise<void> {
  await tab.evaluate((at) => {
    document.body.dataset["place"] = at;
    Reflect.get(kept, "unread").update();
  }, where);
}

/** The number, and the text of the message before which the line stands. */
function unread(tab: Tab): Promise<{ count: number; first: string | null }> {
  return tab.evaluate(() => {
    const { count, first } = Reflect.get(kept, "unread").getSnapshot();
    const line = kept.client?.getSnapshot().messages.find(({ key }) => key === first);
    return { count, first: line?.content ?? null };
  });
}

function newest(tab: Tab): Promise<string | undefined> {
  return tab.evaluate(() => kept.client?.getSnapshot().messages.at(-1)?.content);
}
