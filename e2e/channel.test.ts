import { expect, test } from "vitest";
import { ChatClient } from "../src/client/index.js";
import { eventually, putToSleep } from "./browser.js";
import { ChannelWindow } from "./channel-window.js";
import { Example } from "./example.js";
import { setStage } from "./stage.js";

const stage = setStage(() => Example.start("channel"));

const pageOf = (channel: string): string => stage.server.url(`/c/${channel}`);
const join = (channel: string, name: string): Promise<ChannelWindow> =>
  ChannelWindow.join(stage.browser, pageOf(channel), name);

test("people whose names have dots can sign in", async () => {
  const ada = await join("dots", "Dr. Ada L.");
  await ada.say("hello");
  await ada.shows(["hello"]);
  expect(ada.faults).toEqual([]);
});

test("two windows see each other: who is here, what is said, who types", async () => {
  const ada = await join("pair", "Ada");
  await ada.hasPeople(["Ada (you)"]);
  const ben = await join("pair", "Ben");
  await ada.hasPeople(["Ada (you)", "Ben"]);
  await ben.hasPeople(["Ada", "Ben (you)"]);
  await ben.page.locator("#text").pressSequentially("Is anybody there?");
  await ada.page.getByText("Ben is typing").waitFor();
  await ben.page.press("#text", "Enter");
  await ada.shows(["Is anybody there?"]);
  await ada.hasTexts(".typing", [""]);
  await ada.say("I am.");
  await ben.shows(["Is anybody there?", "I am."]);
  await ben.page.close();
  await ada.hasPeople(["Ada (you)"]);
  expect([...ada.faults, ...ben.faults]).toEqual([]);
});

test("what is said while the network goes and comes back is there once and in order, for everyone", async () => {
  const ada = await join("offline", "Ada");
  const ben = await join("offline", "Ben");
  const texts = Array.from({ length: 9 }, (_, index) => `number ${index + 1}`);
  for (const text of texts.slice(0, 3)) await ada.say(text);
  const lost = ada.goOffline();
  for (const text of texts.slice(3, 6)) await ada.say(text);
  await lost;
  for (const text of texts.slice(6)) await ada.say(text);
  await eventually(() => ada.page.locator('li[data-state="pending"]').count()).toBeGreaterThan(2);
  await ada.goOnline();
  await Promise.all([ada.shows(texts), ben.shows(texts)]);
});

test("what was not sent when its window was closed is sent by the next", async () => {
  const ada = await join("closed", "Ada");
  const ben = await join("closed", "Ben");
  await ada.say("Sent.");
  await ben.shows(["Sent."]);
  await stage.server.kill();
  await ada.hasStatus("reconnecting");
  await ada.say("Not yet.");
  await ada.say("Nor this.");
  await ada.hasPending(["Not yet.", "Nor this."]);
  await ada.page.close();
  await stage.server.start();
  const again = await ada.again(pageOf("closed"));
  await Promise.all([again, ben].map((window) => window.shows(["Sent.", "Not yet.", "Nor this."])));
  await again.hasPeople(["Ada (you)", "Ben"]);
});

test("a reload in the middle of sending sends each message once", async () => {
  const ada = await join("reload", "Ada");
  const ben = await join("reload", "Ben");
  await ada.say("Before.");
  await ben.shows(["Before."]);
  stage.server.freeze();
  await ada.say("On its way.");
  await ada.say("Behind it.");
  await ada.hasPending(["On its way.", "Behind it."]);
  const reloaded = ada.page.reload();
  stage.server.thaw();
  await reloaded;
  await Promise.all([ada, ben].map((window) => window.shows(["Before.", "On its way.", "Behind it."])));
});

test("where nobody can tell any more whether a message was kept, its author is asked", async () => {
  const ada = await join("wiped", "Ada");
  await ada.say("Lost with the disk.");
  await ada.shows(["Lost with the disk."]);
  stage.server.freeze();
  await ada.say("Was this kept?");
  await ada.hasPending(["Was this kept?"]);
  await stage.server.kill();
  await stage.server.wipe();
  await stage.server.start();
  await ada.page.getByText("This channel was cleared.").waitFor();
  await ada.page.locator('li[data-state="uncertain"] .outcome').filter({ hasText: "Perhaps not sent" }).waitFor();
  await ada.page.getByRole("button", { name: "Send again" }).click();
  await ada.shows(["Was this kept?"]);
});

test("a server that is killed and started again on the same disk has lost nothing", async () => {
  const ada = await join("restart", "Ada");
  const ben = await join("restart", "Ben");
  await ada.say("Before.");
  await ben.shows(["Before."]);
  await stage.server.kill();
  await ada.hasStatus("reconnecting");
  await ada.say("In between.");
  await ada.hasPending(["In between."]);
  await stage.server.start();
  await Promise.all([ada.hasStatus("live"), ben.hasStatus("live")]);
  await ben.say("After.");
  await ada.shows(["Before.", "In between.", "After."]);
  await ben.shows(["Before.", "In between.", "After."]);
  expect([...ada.faults, ...ben.faults]).toEqual([]);
});

test("a laptop that slept while the server went away wakes up to all it missed", async () => {
  const ada = await join("sleep", "Ada");
  await ada.say("Good night.");
  await ada.shows(["Good night."]);
  const ben = await client("sleep", "Ben");
  const wake = await putToSleep(stage.browser);
  try {
    ben.send("Are you asleep?");
    await eventually(() => ben.getSnapshot().messages.map(({ state }) => state)).toEqual(["sent", "sent"]);
    await stage.server.kill();
    await stage.server.start();
    ben.send("It seems so.");
    await eventually(() => ben.getSnapshot().messages.at(-1)).toMatchObject({ content: "It seems so.", state: "sent" });
  } finally {
    wake();
  }
  await ada.shows(["Good night.", "Are you asleep?", "It seems so."]);
  await ada.say("Good morning.");
  await eventually(() => ben.getSnapshot().messages.at(-1)).toMatchObject({ content: "Good morning.", seq: 4 });
  ben.close();
});

test("a deploy loses nothing of what is sent", async () => {
  const ada = await join("deploy", "Ada");
  const ben = await join("deploy", "Ben");
  await ada.say("Old code.");
  await ben.shows(["Old code."]);
  const reconnected = ada.page.waitForEvent("websocket");
  const answers = async (): Promise<boolean> => {
    const response = await fetch(stage.server.url("/api/"));
    return (await response.text()).includes("nothing new");
  };
  const deployed = stage.server.deploy(
    "src/index.ts",
    (source) => source.replace("nothing here", "nothing new"),
    answers,
  );
  await ada.say("Meanwhile.");
  await deployed;
  await reconnected;
  await Promise.all([ada.hasStatus("live"), ben.hasStatus("live")]);
  await ben.say("New code.");
  await Promise.all([
    ada.shows(["Old code.", "Meanwhile.", "New code."]),
    ben.shows(["Old code.", "Meanwhile.", "New code."]),
  ]);
});

test("older messages are shown on demand, and what is read stays where it is", async () => {
  const ben = await client("older", "Ben");
  const texts = Array.from({ length: 230 }, (_, index) => `number ${index + 1}`);
  for (const text of texts) ben.send(text);
  await eventually(() => ben.getSnapshot().messages.at(-1)?.seq).toBe(230);
  ben.close();
  const ada = await join("older", "Ada");
  await ada.shows(texts.slice(30));
  await ada.page.locator(".messages").evaluate((list) => list.scrollTo(0, 0));
  const read = ada.page.locator('li[data-seq="40"] .text');
  const before = await read.boundingBox();
  await ada.page.getByRole("button", { name: "Show older messages" }).click();
  await ada.shows(texts);
  expect(Math.round((await read.boundingBox())?.y ?? Number.NaN)).toBe(Math.round(before?.y ?? 0));
});

test("a message that is refused says why, and is taken back or discarded", async () => {
  const ada = await join("refused", "Ada");
  await ada.say("x".repeat(70_000));
  await ada.page
    .locator('li[data-state="failed"] .outcome')
    .filter({ hasText: "Not sent. It is too long for one message." })
    .waitFor();
  expect(await ada.page.getByRole("button", { name: "Send again" }).count()).toBe(0);
  await ada.page.getByRole("button", { name: "Edit" }).click();
  expect((await ada.page.inputValue("#text")).length).toBe(70_000);
  await ada.page.press("#text", "Enter");
  await ada.page.getByRole("button", { name: "Discard" }).click();
  await ada.shows([]);
});

test("a token that is not of this server is turned away, and signing in again helps", async () => {
  const ada = await ChannelWindow.visit(stage.browser, pageOf("forged"));
  const forged = JSON.stringify({ id: "eve", name: "Eve", token: "eve.AAAA" });
  await ada.page.evaluate((person) => localStorage.setItem("channel/person", person), forged);
  await ada.page.reload();
  await ada.hasStatus("closed");
  await ada.page.getByRole("button", { name: "Sign in again" }).click();
  await ada.page.fill("#name", "Ada");
  await ada.page.getByRole("button", { name: "Join" }).click();
  await ada.hasStatus("live");
});

test("a user who signs out is asked before words are lost, and leaves nothing behind for the next", async () => {
  const ada = await join("left", "Ada");
  const asked: string[] = [];
  ada.page.on("dialog", (dialog) => {
    asked.push(dialog.message());
    return asked.length === 1 ? dialog.dismiss() : dialog.accept();
  });
  await stage.server.kill();
  await ada.hasStatus("reconnecting");
  await ada.say("Between us.");
  await ada.hasPending(["Between us."]);
  await ada.page.getByRole("button", { name: "Sign out" }).click();
  await eventually(() => asked).toEqual([expect.stringContaining("is not sent")]);
  await ada.hasPending(["Between us."]);
  await ada.page.getByRole("button", { name: "Sign out" }).click();
  await eventually(() => ada.page.evaluate(() => Object.keys(localStorage))).toEqual([]);
  await eventually(() => ada.page.evaluate(countKept)).toBe(0);
  await stage.server.start();
  await ada.page.fill("#name", "Ben");
  await ada.page.getByRole("button", { name: "Join" }).click();
  await ada.hasStatus("live");
  await ada.shows([]);
});

test("on a touch screen return makes a line, and the button sends", async () => {
  const options = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true };
  const ada = await ChannelWindow.join(stage.browser, pageOf("touch"), "Ada", options);
  await ada.page.fill("#text", "First line");
  await ada.page.press("#text", "Enter");
  await ada.page.locator("#text").pressSequentially("second line");
  await ada.shows([]);
  await ada.page.getByRole("button", { name: "Send" }).tap();
  await ada.shows(["First line\nsecond line"]);
});

test("a day is named as the reader would: today, yesterday, or its date, with the year if it is another", async () => {
  const ada = await join("days", "Ada");
  await ada.say("Is it still today?");
  await ada.shows(["Is it still today?"]);
  await ada.hasTexts(".rule", ["Today"]);
  const said = await ada.page.locator(".author time").getAttribute("datetime");
  const year = String(new Date(said ?? "").getFullYear());
  for (const [days, label] of [
    [1, /^Yesterday$/],
    [400, new RegExp(`, ${year}$`)],
  ] as const) {
    await ada.page.clock.setFixedTime(Date.now() + days * 86_400_000);
    await ada.page.reload();
    await ada.shows(["Is it still today?"]);
    expect(await ada.page.locator(".rule").first().textContent()).toMatch(label);
  }
});

/** How many entries the page's databases hold. It runs in the page. */
async function countKept(): Promise<number> {
  const done = <Result>(request: IDBRequest<Result>) =>
    new Promise<Result>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  let count = 0;
  for (const { name = "" } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames)
      count += await done(database.transaction(store).objectStore(store).count());
    database.close();
  }
  return count;
}

/** Somebody who takes part without a browser. */
async function client(channel: string, name: string): Promise<ChatClient> {
  const response = await fetch(stage.server.url("/api/token"), { method: "POST", body: name });
  const { token }: { token: string } = await response.json();
  const client = new ChatClient({ url: stage.server.url(`/api/channels/${channel}`), token });
  client.connect();
  await eventually(() => client.getSnapshot().status).toBe("live");
  return client;
}
