import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it, onTestFinished } from "vitest";
import { AnyBrowser } from "../browsers/browser.js";
import { CHROMIUM } from "../browsers/chromium.js";
import { ENGINES, setBrowser } from "../browsers/engines.js";
import { Line } from "../line.js";
import type { Server } from "../server.js";
import { testKinds, testLong } from "./kinds.js";
import { testOwn } from "./own.js";
import { type ChatPage, DEMO, fillRoom, listenIn, say, showsPending, showsSent } from "./page.js";

const LONG_ROOM = "long";

/** Tests a page in each engine: what a user does on it from sign-in to sleep. */
export function testPage(page: ChatPage): void {
  const line = new Line();
  let server: Server;

  beforeAll(async () => {
    await line.lay();
    server = await page.start(line);
    line.leadTo(server);
    if (canJoin(page)) await fillRoom(page, line, LONG_ROOM);
  });

  afterAll(async () => {
    await server?.remove();
    await line[Symbol.asyncDispose]();
  });

  describe.each(ENGINES)(`${page.name} in $name`, (engine) => {
    const stage = setBrowser(engine);

    /** Somebody in a room of her own, who has said something that nobody said before. */
    async function enterRoom() {
      const room = randomUUID();
      const hello = `Hello from ${room.slice(0, 8)}`;
      // The demo's assistant answers one who is alone. What it says would stand between the lines of people, or not yet.
      if (page === DEMO) onTestFinished(await listenIn(DEMO, line, room));
      const profile = await stage.browser.newProfile();
      const ada = await profile.newTab();
      await page.enter(ada, line, room, "Ada");
      await say(ada, hello);
      await showsSent(ada, [hello]);
      return { room, hello, profile, ada };
    }

    async function answerRoom(room: string, hello: string, name = "Ben", browser: AnyBrowser = stage.browser) {
      const ben = await browser.newTab();
      await page.answer(ben, line, room, hello, name);
      await showsSent(ben, [hello]);
      return ben;
    }

    const kinds = { line, newTab: () => stage.browser.newTab(), enterRoom, answerRoom };
    testKinds(page, kinds);
    testOwn(page, kinds);
    if (canJoin(page)) testLong(page, kinds, LONG_ROOM);

    it("lets two people sign in, and shows each what the other sends", async () => {
      const { room, hello, ada } = await enterRoom();
      const ben = await answerRoom(room, hello);
      await say(ben, "Good to see you.");
      await showsSent(ada, [hello, "Good to see you."]);
      await say(ada, "And you!");
      await showsSent(ben, [hello, "Good to see you.", "And you!"]);
    });

    it("shows the conversation once after a reload, and goes on", async () => {
      const { room, hello, ada } = await enterRoom();
      await ada.reload();
      await page.comeBack(ada, line, room);
      await showsSent(ada, [hello]);
      await say(ada, "Still here.");
      await showsSent(ada, [hello, "Still here."]);
    });

    it("delivers what was written without a network once and in order, when the network is back", async () => {
      const { room, hello, ada } = await enterRoom();
      const ben = await answerRoom(room, hello);
      line.goDown();
      const texts = ["Is this on?", "I am in a tunnel.", "Out soon."];
      for (const text of texts) await say(ada, text);
      await showsPending(ada, texts);
      line.goUp();
      await showsSent(ada, [hello, ...texts]);
      await showsSent(ben, [hello, ...texts]);
    });

    it("shows the same in a second tab of the same person, live", async () => {
      const { room, hello, profile, ada } = await enterRoom();
      const second = await profile.newTab();
      await page.comeBack(second, line, room);
      await showsSent(second, [hello]);
      await say(second, "From the second.");
      await showsSent(ada, [hello, "From the second."]);
      await say(ada, "From the first.");
      await showsSent(second, [hello, "From the second.", "From the first."]);
    });

    it("shows what was missed when the browser slept, and its connection was lost meanwhile", async () => {
      const other = new AnyBrowser(await CHROMIUM.launch());
      try {
        const { room, hello, ada } = await enterRoom();
        const ben = await answerRoom(room, hello, "Ben", other);
        const wake = stage.browser.sleep();
        try {
          await say(ben, "Are you asleep?");
          await showsSent(ben, [hello, "Are you asleep?"]);
          line.goDown();
          line.goUp();
          await say(ben, "It seems so.");
          await showsSent(ben, [hello, "Are you asleep?", "It seems so."]);
        } finally {
          wake();
        }
        await showsSent(ada, [hello, "Are you asleep?", "It seems so."]);
        await say(ada, "Good morning.");
        await showsSent(ben, [hello, "Are you asleep?", "It seems so.", "Good morning."]);
      } finally {
        await other.close();
      }
    });
  });
}

function canJoin(page: ChatPage): page is Required<ChatPage> {
  return page.join !== undefined;
}
