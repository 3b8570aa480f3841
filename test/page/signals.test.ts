import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { eventually } from "../../e2e/browser.js";
import { ENGINES } from "../../e2e/browsers/engines.js";
import type { Tab } from "../../e2e/browsers/tab.js";
import { setRooms } from "./rooms.js";
import { setPages } from "./stage.js";

const CHAT = `<ol>
<li data-key="a"><span>1</span> first <small>sent</small></li>
<li data-key="b"><span>2</span> second <small>sent</small></li>
<li data-key="c"><span>3</span> third <small>sent</small></li>
</ol><p>Beside</p>`;

const rooms = setRooms();

describe.each(ENGINES)("the signals in $name", (engine) => {
  const stage = setPages(engine);

  it("shows a number in the title, and takes it away", async () => {
    const tab = await stage.open(CHAT);
    const titles = await tab.evaluate(() =>
      [0, 1, 99, 100, 0].map((count) => {
        parts.signalUnread(count, "Room");
        return document.title;
      }),
    );
    expect(titles).toEqual(["Room", "(1) Room", "(99) Room", "(99+) Room", "Room"]);
  });

  it("counts what others write while the reader is elsewhere, from the first unread message on", async () => {
    const room = randomUUID();
    const ben = await rooms.join(room, "ben", "Ben");
    ben.send("past");
    await eventually(() => ben.getSnapshot().messages[0]?.state).toBe("sent");
    const tab = await stage.open(CHAT);
    await rooms.enter(tab, room, "ada", "Ada");
    await tab.evaluate(() => {
      if (!kept.client) return;
      const unread = parts.countUnread(kept.client, () => kept.texts.includes("at the end"));
      Object.assign(kept, { unread, show: () => JSON.stringify(unread.getSnapshot()) });
    });
    const unread = async (): Promise<unknown> => JSON.parse(await tab.evaluate(() => Reflect.get(kept, "show")()));
    expect(await unread()).toEqual({ count: 0 });
    await tab.evaluate(() => kept.client?.send("mine"));
    ben.send("one");
    ben.send("two");
    await eventually(unread).toMatchObject({ count: 2 });
    const first = await tab.evaluate(
      () => kept.client?.getSnapshot().messages.find(({ content }) => content === "one")?.key,
    );
    expect(await unread()).toEqual({ count: 2, first });
    await tab.evaluate(() => {
      kept.texts.push("at the end");
      Reflect.get(kept, "unread").update();
    });
    expect(await unread(), "the line stays for the reader to find").toEqual({ count: 0, first });
    await tab.evaluate(() => kept.client?.send("answer"));
    await eventually(unread).toEqual({ count: 0 });
    await tab.evaluate(() => kept.texts.pop());
    ben.send("three");
    await eventually(unread).toMatchObject({ count: 1 });
  });

  it("copies whole messages with authors and times, and one line as it is", async () => {
    const tab = await stage.open(CHAT);
    const copied = await tab.evaluate(() => {
      const list = document.querySelector("ol");
      if (!list) return [];
      const items = ["a", "b", "c"].map((key) => ({
        kind: "message",
        key,
        name: key.toUpperCase(),
        message: { timestamp: 0, content: `text ${key}` },
      }));
      parts.copyAsTranscript(list, (keys) =>
        parts.transcriptOf(
          items.filter(({ key }) => keys.has(key)),
          { nameOf: ({ name = "" }) => name, timeOf: () => "noon" },
        ),
      );
      const copy = (from: Node | null, to: Node | null): string => {
        if (from && to) getSelection()?.setBaseAndExtent(from, 0, to, to.childNodes.length);
        const event = new ClipboardEvent("copy", {
          clipboardData: new DataTransfer(),
          bubbles: true,
          cancelable: true,
        });
        document.querySelector("ol")?.dispatchEvent(event);
        return event.defaultPrevented ? (event.clipboardData?.getData("text/plain") ?? "") : "as it is";
      };
      const [one, two] = document.querySelectorAll("li");
      return [
        copy(document.body, document.body),
        copy(one ?? null, two ?? null),
        copy(one ?? null, one?.lastChild ?? null),
        copy(document.querySelector("p"), document.querySelector("p")),
      ];
    });
    expect(copied).toEqual([
      "[noon] A: text a\n[noon] B: text b\n[noon] C: text c",
      "[noon] A: text a\n[noon] B: text b",
      "as it is",
      "as it is",
    ]);
  });

  it("copies whole messages of a list in a shadow root", async () => {
    const tab = await stage.open(CHAT);
    const copied = await tab.evaluate(() => {
      const list = document.querySelector("ol");
      if (!list) return [];
      const host = document.body.appendChild(document.createElement("div"));
      host.attachShadow({ mode: "open" }).append(list);
      parts.copyAsTranscript(list, (keys) => [...keys].join());
      const [one, two] = list.querySelectorAll("li");
      const copy = (from: Node | null | undefined, to: Node | null | undefined): string => {
        if (from && to) getSelection()?.setBaseAndExtent(from, 0, to, to.childNodes.length);
        const event = new ClipboardEvent("copy", {
          clipboardData: new DataTransfer(),
          bubbles: true,
          cancelable: true,
          composed: true,
        });
        list.dispatchEvent(event);
        return event.defaultPrevented ? (event.clipboardData?.getData("text/plain") ?? "") : "as it is";
      };
      return [copy(one, two), copy(one, one?.lastChild)];
    });
    expect(copied).toEqual(["a,b", "as it is"]);
  });

  it("signs all tabs out, and asks before words are lost in any of them", async () => {
    const profile = await stage.newProfile();
    const [one, two] = [await stage.open(CHAT, profile), await stage.open(CHAT, profile)];
    await prepare(one, 1);
    await prepare(two, 2);
    const other = await stage.open(CHAT, profile);
    await prepare(other, 5, "eve");
    expect(await request(one, false)).toEqual({ left: false, asked: [3] });
    expect(await two.evaluate(() => kept.texts)).toEqual([]);
    expect(await request(one, true)).toEqual({ left: true, asked: [3, 3] });
    await eventually(() => two.evaluate(() => kept.texts)).toEqual(["left"]);
    expect(await one.evaluate(() => kept.texts)).toEqual(["left"]);
    expect(await other.evaluate(() => kept.texts)).toEqual([]);
  });

  it("does not ask when nothing would be lost", async () => {
    const tab = await stage.open(CHAT);
    await prepare(tab, 0);
    expect(await request(tab, false)).toEqual({ left: true, asked: [] });
  });

  it("knows of a network at once", async () => {
    const tab = await stage.open(CHAT);
    const heard = await tab.evaluate(() => {
      const stop = parts.onNetwork(() => kept.texts.push("changed"));
      dispatchEvent(new Event("offline"));
      dispatchEvent(new Event("online"));
      stop();
      dispatchEvent(new Event("offline"));
      return [...kept.texts, String(parts.isOnline())];
    });
    expect(heard).toEqual(["changed", "changed", "true"]);
  });
});

async function prepare(tab: Tab, unsent: number, name = "ada"): Promise<void> {
  await tab.evaluate(
    (count, user) => {
      const asked: number[] = [];
      const signOut = parts.prepareSignOut({
        name: user,
        countUnsent: () => count,
        confirm: async (all) => {
          asked.push(all);
          return Boolean(Reflect.get(kept, "answer"));
        },
        leave: () => kept.texts.push("left"),
      });
      Object.assign(kept, { asked, signOut });
    },
    unsent,
    name,
  );
}

function request(tab: Tab, answer: boolean): Promise<{ left: boolean; asked: number[] }> {
  return tab.evaluate(async (agrees) => {
    Object.assign(kept, { answer: agrees });
    const left: boolean = await Reflect.get(kept, "signOut").request();
    return { left, asked: Reflect.get(kept, "asked") };
  }, answer);
}
