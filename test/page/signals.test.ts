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

  it("says where a transcript is not the whole conversation, if it has the first message that is there", async () => {
    const tab = await stage.open(CHAT);
    const transcripts = await tab.evaluate(() => {
      const items = ["a", "b"].map((key) => ({ kind: "message", key, message: { timestamp: 0, content: key } }));
      const words = { nameOf: () => "Ada", timeOf: () => "noon", beginning: "(There is more.)" };
      return [
        parts.transcriptOf(items, words),
        parts.transcriptOf(items, { ...words, keys: new Set("a") }),
        parts.transcriptOf(items, { ...words, keys: new Set("b") }),
        parts.transcriptOf([], words),
      ];
    });
    expect(transcripts).toEqual([
      "(There is more.)\n[noon] Ada: a\n[noon] Ada: b",
      "(There is more.)\n[noon] Ada: a",
      "[noon] Ada: b",
      "",
    ]);
  });

  it.each([
    ["the page's own action", undefined],
    ["the browser's key for printing", { key: "p", ctrlKey: true }],
    ["that key on a Mac", { key: "p", metaKey: true }],
  ])("loads the whole conversation before it is printed by %s", async (_, key) => {
    const tab = await openLong();
    await tab.evaluate(async (init) => {
      const before = { limit: undefined };
      const whole = parts.prepareWhole(kept.client as never, {
        ...before,
        onLoading: (isLoading) => kept.texts.push(isLoading ? "loading" : "loaded"),
      });
      globalThis.print = () => {
        kept.texts.push(`printed ${document.querySelectorAll("li").length}`);
      };
      if (init === null || init === undefined) return void whole.print();
      const event = new KeyboardEvent("keydown", { ...init, bubbles: true, cancelable: true });
      kept.texts.push(document.body.dispatchEvent(event) ? "left to the browser" : "kept from the browser");
    }, key);
    await tab.waitUntil(() => kept.texts.some((text) => text.startsWith("printed")));
    const said = await tab.evaluate(() => kept.texts);
    expect(said.filter((text) => !text.endsWith("the browser"))).toEqual(["loading", "loaded", "printed 60"]);
    expect(said).not.toContain("left to the browser");
  });

  it("loads the whole conversation when all is selected, up to a limit, and leaves the key to a text field", async () => {
    const tab = await openLong();
    const loaded = (): Promise<number> => tab.evaluate(() => kept.client?.getSnapshot().messages.length ?? 0);
    const before = await loaded();
    await tab.evaluate(() => {
      kept.texts = [];
      parts.prepareWhole(kept.client as never, { limit: 30, onLoading: (now) => kept.texts.push(String(now)) });
      const box = document.body.appendChild(document.createElement("input"));
      for (const [target, key] of [
        [box, "a"],
        [document.body, "b"],
      ] as const) {
        target.dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey: true, bubbles: true }));
      }
    });
    expect(await loaded()).toBe(before);
    await tab.evaluate(() => {
      const event = new KeyboardEvent("keydown", { key: "a", ctrlKey: true, bubbles: true, cancelable: true });
      if (!document.body.dispatchEvent(event)) kept.texts.push("kept from the browser");
    });
    await tab.waitUntil(() => kept.texts.length === 2);
    expect(await tab.evaluate(() => kept.texts)).toEqual(["true", "false"]);
    expect(await loaded()).toBeGreaterThanOrEqual(30);
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

  /** A room with 60 messages, of which the page has fewer, and shows each some time after it has it. */
  async function openLong(): Promise<Tab> {
    const room = randomUUID();
    const ben = await rooms.join(room, "ben", "Ben");
    for (let count = 0; count < 60; count += 1) ben.send(`message ${count}`);
    await eventually(() => ben.getSnapshot().messages.every(({ state }) => state === "sent")).toBe(true);
    const tab = await stage.open("<ol></ol>");
    await rooms.enter(tab, room, "ada", "Ada");
    await tab.evaluate(() => {
      const draw = (): void => {
        const lines = kept.client?.getSnapshot().messages.map(({ key, content }) => {
          const line = document.createElement("li");
          line.dataset["key"] = key;
          line.textContent = content;
          return line;
        });
        document.querySelector("ol")?.replaceChildren(...(lines ?? []));
      };
      draw();
      kept.client?.subscribe(() => setTimeout(draw, 200));
    });
    expect(await tab.evaluate(() => document.querySelectorAll("li").length)).toBeLessThan(60);
    return tab;
  }
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
