import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { eventually, openBrowser, putToSleep } from "./browser.js";
import { DeskWindow } from "./desk-window.js";
import { ForeignSite } from "./foreign-site.js";
import { DESK_KEY, setSupportStage } from "./support.js";
import { SupportWindow } from "./support-window.js";

const stage = setSupportStage();

const visit = (): Promise<SupportWindow> => SupportWindow.open(stage.browser, stage.site.origin);
const enterDesk = (name = "Ines"): Promise<DeskWindow> =>
  DeskWindow.open(stage.browser, stage.server.url("/desk"), { name, key: DESK_KEY, room: "help" });

test("two windows of a visitor show the same conversation, with what a person of the desk answers", async () => {
  const ada = await visit();
  await ada.openPanel();
  await ada.say("My parcel ZK-1 is late.");
  await ada.showsLine("the desk will look it up");
  const again = await ada.another(stage.site.origin);
  await again.openPanel();
  await again.showsTheSameAs(ada);
  const ines = await enterDesk();
  await ines.choose("My parcel ZK-1 is late.");
  await ines.page.locator(".conversation textarea").pressSequentially("It left");
  await ada.page.getByText("Ines is typing").waitFor();
  await ines.say("It left this morning.");
  await ada.showsLine("It left this morning.");
  await again.say("Thank you, Ines!");
  await ines.showsLine("Thank you, Ines!");
  await ada.say("Until next week.");
  // Turns run one at a time: when the desk hears of this one, the one before is over.
  await ines.page.locator(".entry").filter({ hasText: "Until next week." }).waitFor();
  await again.showsTheSameAs(ada);
  // The bot has an answer to thanks, and leaves the word to Ines.
  expect((await ada.lines()).map(({ text }) => text)).toEqual([
    "My parcel ZK-1 is late.",
    expect.stringContaining("the desk will look it up"),
    "It left this morning.",
    "Thank you, Ines!",
    "Until next week.",
  ]);
  expect([...ada.faults, ...again.faults, ...ines.faults]).toEqual([]);
});

test("what is sent while the network goes and comes is delivered once and in order", async () => {
  const ada = await visit();
  await ada.openPanel();
  const texts = Array.from({ length: 12 }, (_, at) => `Number ${at + 1} over a bad line`);
  for (const [at, text] of texts.entries()) {
    if (at === 3) await ada.goOffline();
    await ada.say(text);
  }
  await ada.hasTexts(".line.own .bubble", texts);
  await expectUnsent(ada);
  await ada.goOnline();
  await ada.saidOnce(texts);
  const witness = await ada.another(stage.site.origin);
  await witness.openPanel();
  await witness.saidOnce(texts);
});

test("what a new visitor writes before there is any network is sent once, when it comes", async () => {
  const ada = await visit();
  // The conversation is loaded by itself, without a pointer that comes near.
  await ada.page.waitForFunction(() =>
    performance.getEntriesByType("resource").some(({ name }) => /chat\.js/.test(name)),
  );
  await ada.goOffline();
  await ada.page.locator(".launcher").click();
  await ada.say("Hello?");
  await ada.say("Is this thing on?");
  await ada.hasStatus("reconnecting");
  await ada.hasTexts(".line.own .bubble", ["Hello?", "Is this thing on?"]);
  await expectUnsent(ada);
  await ada.goOnline();
  await ada.saidOnce(["Hello?", "Is this thing on?"]);
});

test("what was not sent is shown after a reload, without a server, and then sent once", async () => {
  const ada = await visit();
  await ada.openPanel();
  await ada.say("Before the worker went down");
  await ada.saidOnce(["Before the worker went down"]);
  await stage.server.kill();
  await ada.hasStatus("reconnecting");
  const texts = ["Before the worker went down", "One, while it is down", "Two, while it is down"];
  for (const text of texts.slice(1)) await ada.say(text);
  await ada.goTo(stage.site.origin);
  await ada.hasTexts(".line.own .bubble", texts);
  await expectUnsent(ada);
  await stage.server.start();
  await ada.saidOnce(texts);
  await ada.goTo(stage.site.origin);
  await ada.openPanel();
  await ada.saidOnce(texts);
});

test("a worker that is killed in mid-send and started again has each message once and in order", async () => {
  const ada = await visit();
  await ada.openPanel();
  const texts = Array.from({ length: 9 }, (_, at) => `Number ${at + 1} around a crash`);
  for (const text of texts.slice(0, 3)) await ada.say(text);
  await ada.saidOnce(texts.slice(0, 3));
  stage.server.freeze();
  for (const text of texts.slice(3, 6)) await ada.say(text);
  await stage.server.kill();
  for (const text of texts.slice(6)) await ada.say(text);
  await stage.server.start();
  await ada.saidOnce(texts);
  const ines = await enterDesk();
  await ines.choose("Number 9 around a crash");
  await ines.say("All nine are here.");
  await ada.showsLine("All nine are here.");
});

test("a laptop that slept, and lost its connection meanwhile, shows what it missed and sends what it had", async () => {
  const laptop = await openBrowser();
  const ada = await SupportWindow.open(laptop, stage.site.origin);
  await ada.openPanel();
  await ada.say("I close the lid now");
  await ada.saidOnce(["I close the lid now"]);
  stage.server.freeze();
  await ada.say("and this may be lost");
  const wake = await putToSleep(laptop);
  let ines: DeskWindow;
  try {
    await stage.server.kill();
    await stage.server.start();
    ines = await enterDesk();
    await ines.choose("I close the lid now");
    await ines.say("Answered while you slept.");
    await ines.page.locator('.line.own[data-state="sent"]').waitFor();
  } finally {
    wake();
  }
  await ada.showsLine("Answered while you slept.");
  await ada.saidOnce(["I close the lid now", "and this may be lost"]);
  await ines.showsLine("and this may be lost");
  await laptop.close();
});

test("a deploy in mid-conversation loses, duplicates and reorders nothing", async () => {
  const ada = await visit();
  let connections = 0;
  ada.page.on("websocket", () => (connections += 1));
  await ada.openPanel();
  const texts = Array.from({ length: 30 }, (_, at) => `Number ${at + 1} around a deploy`);
  const deployed = async (): Promise<boolean> => {
    const answer = await fetch(stage.server.url("/nothing"));
    return (await answer.text()).includes("since the deploy");
  };
  const deploy = stage.server.deploy(
    "src/index.ts",
    (source) => source.replace("There is nothing here.", "There is nothing here since the deploy."),
    deployed,
  );
  for (const text of texts) await ada.say(text);
  await deploy;
  await ada.say("And one after it");
  await ada.saidOnce([...texts, "And one after it"]);
  expect(connections).toBeGreaterThan(1);
  const ines = await enterDesk();
  await ines.choose("And one after it");
  await ines.say("Welcome to the new version.");
  await ada.showsLine("Welcome to the new version.");
});

test("a message of which nobody can tell whether it arrived is asked about, and sent again or discarded", async () => {
  const ada = await visit();
  await ada.openPanel();
  stage.server.freeze();
  await ada.say("Sent into the void");
  await ada.say("And this one");
  await stage.server.kill();
  await stage.server.wipe();
  await stage.server.start();
  const uncertain = ada.page.locator('.line[data-state="uncertain"]');
  await eventually(() => uncertain.count()).toBe(2);
  await ada.page.getByRole("button", { name: "Send again" }).first().click();
  await eventually(() => uncertain.count()).toBe(1);
  await ada.page.getByRole("button", { name: "Discard" }).click();
  await ada.saidOnce(["Sent into the void"]);
});

test("what a message is refused for is said, and it can be discarded", async () => {
  const ada = await visit();
  await ada.openPanel();
  await ada.say("long ".repeat(5_000));
  await ada.page.getByText("Not sent. It is too long.").waitFor();
  await ada.page.getByRole("button", { name: "Discard" }).press("Enter");
  await ada.hasTexts(".line.own .bubble", []);
  // The button is gone, the focus is not.
  await ada.page.keyboard.type("Shorter");
  await ada.page.keyboard.press("Enter");
  await ada.saidOnce(["Shorter"]);
});

test("the closed widget counts what was not read, and reading in one window is enough", async () => {
  const ada = await visit();
  await ada.openPanel();
  await ada.say("I close this and wait");
  await ada.showsLine("somebody will answer here");
  const again = await ada.another(stage.site.origin);
  await ada.page.getByRole("button", { name: "Close" }).click();
  const ines = await enterDesk();
  await ines.choose("I close this and wait");
  await ines.say("Here I am.");
  await ines.say("Are you there?");
  for (const { page } of [ada, again]) await page.getByRole("button", { name: ", 2 unread messages" }).waitFor();
  expect(await ada.page.locator(".badge").textContent()).toBe("2");
  expect(await ada.page.getByRole("status").filter({ hasText: "New message from Ines" }).count()).toBe(1);
  await again.openPanel();
  await ada.page.getByRole("button", { name: "Open Harbour support", exact: true }).waitFor();
});

test("what is older than the kept messages is loaded on demand, in its place", async () => {
  const ada = await visit();
  await ada.openPanel();
  await ada.say("Please sit with me");
  const ines = await enterDesk();
  await ines.choose("Please sit with me");
  const texts = Array.from({ length: 44 }, (_, at) => `Line ${at + 1}`);
  for (const text of texts) await ada.say(text);
  await ada.saidOnce(["Please sit with me", ...texts]);
  // The newest are kept a moment after they came.
  await eventually(() => ada.page.evaluate(() => JSON.stringify({ ...localStorage }))).toContain("Line 44\\");
  await ada.goTo(stage.site.origin);
  await ada.openPanel();
  expect((await ada.lines()).length).toBe(30);
  await ada.page.getByRole("button", { name: "Earlier messages" }).click();
  await ada.showsLine("Please sit with me");
  expect((await ada.lines()).map(({ place }) => place)).toEqual(Array.from({ length: 46 }, (_, at) => at + 1));
});

test("all of it works by keyboard, and the page's own shortcuts do not hear it", async () => {
  const ada = await visit();
  const { keyboard } = ada.page;
  await ada.page.evaluate(() => {
    for (const type of ["keydown", "keypress", "keyup"])
      document.addEventListener(type, (event) => {
        document.title += event.type;
      });
  });
  await ada.tabTo(".launcher");
  await ada.page.evaluate(() => (document.title = "Quiet"));
  await keyboard.press("Enter");
  await ada.page.locator(".panel").waitFor();
  await keyboard.type("First line");
  await keyboard.press("Shift+Enter");
  await keyboard.type("second line");
  await keyboard.press("Enter");
  await ada.saidOnce(["First line\nsecond line"]);
  await keyboard.press("Escape");
  await ada.page.locator(".launcher:focus").waitFor();
  await keyboard.press("Enter");
  await ada.page.locator(".panel").waitFor();
  await ada.tabTo(".close", "Shift+Tab");
  await keyboard.press("Enter");
  await ada.page.locator(".launcher:focus").waitFor();
  expect(await ada.page.title()).toBe("Quiet");
});

test("a phone gives the panel its whole screen, and what is under it cannot be reached", async () => {
  const ada = await SupportWindow.open(stage.browser, stage.site.origin, {
    viewport: { width: 360, height: 640 },
    reducedMotion: "reduce",
  });
  await ada.openPanel();
  expect(await ada.page.locator(".panel").boundingBox()).toEqual({ x: 0, y: 0, width: 360, height: 640 });
  expect(await ada.page.locator(".panel").evaluate((panel) => panel.matches(":modal"))).toBe(true);
});

test("a site has one widget, however often it loads the script, and its styles do not reach it", async () => {
  const ada = await visit();
  await eventually(() => ada.page.evaluate(() => performance.getEntriesByType("resource").length)).toBeGreaterThan(0);
  await ada.page.waitForLoadState("load");
  expect(await ada.page.locator("workkit-support").count()).toBe(1);
  expect(await ada.page.locator(".launcher").boundingBox()).toMatchObject({ width: 56, height: 56 });
  await ada.openPanel();
  expect(await ada.page.locator(".welcome").evaluate((part) => getComputedStyle(part).fontSize)).toBe("22px");
  expect(await ada.page.evaluate(() => getComputedStyle(document.body).fontFamily)).toContain("Georgia");
  expect(ada.faults).toEqual([]);
});

test("a visitor whose ticket is no longer accepted is notified, and starts again", async () => {
  const ada = await visit();
  await ada.openPanel();
  await ada.say("An old conversation");
  await ada.showsLine("somebody will answer here");
  await ada.page.evaluate(() => {
    const key = "workkit.support/help/ticket";
    const ticket = JSON.parse(localStorage.getItem(key) ?? "{}");
    localStorage.setItem(key, JSON.stringify({ ...ticket, token: "forged.forged" }));
  });
  await ada.goTo(stage.site.origin);
  await ada.page.getByRole("button", { name: "Start again" }).click();
  await ada.hasStatus("live");
  await ada.hasTexts(".line", []);
  await ada.say("A new conversation");
  await ada.saidOnce(["A new conversation"]);
});

test("a conversation opens for its ticket on an allowed site, and for nothing else", async () => {
  const ask = (origin: string): Promise<Response> =>
    fetch(stage.server.url("/tickets/help"), { method: "POST", headers: { origin } });
  expect((await ask("http://elsewhere.example")).status).toBe(403);
  const { visitor, token } = await (await ask(stage.site.origin)).json();
  const ada = await visit();
  const closeCode = (path: string, shown: string): Promise<number> => closeCodeOf(ada, path, shown);
  expect(await closeCode(`/chat/help/${visitor}`, token)).toBe(LIVE);
  expect(await closeCode(`/chat/help/${visitor}`, "forged.forged")).toBe(4501);
  expect(await closeCode(`/chat/help/${crypto.randomUUID()}`, token)).toBe(4503);
  expect(await closeCode(`/chat/sales/${visitor}`, token)).toBe(4503);
  expect(await closeCode("/inbox/help?name=Ada", token)).toBe(4501);
  expect(await closeCode("/inbox/help?name=Ada", DESK_KEY)).toBe(LIVE);
  const stranger = await ForeignSite.start();
  stranger.page = { html: "<title>Elsewhere</title>", policy: "" };
  await ada.page.goto(stranger.origin);
  expect(await closeCode(`/chat/help/${visitor}`, token)).toBe(4502);
  await stranger.end();
});

test.each([
  ["what every page loads", "/widget.js", 4_096],
  ["the conversation, loaded when it is opened,", "/chat.js", 25_600],
])("%s stays small, compressed", async (what, path, limit) => {
  const script = await (await fetch(stage.server.url(path))).text();
  const bytes = gzipSync(script, { level: 9 }).byteLength;
  process.stdout.write(`The support widget, ${what}: ${bytes} of ${limit} bytes\n`);
  expect(bytes).toBeLessThanOrEqual(limit);
});

/** In place of a close code: the server said hello. */
const LIVE = 0;

/** What becomes of a connection that a page of the window's site makes. */
function closeCodeOf({ page }: SupportWindow, path: string, token: string): Promise<number> {
  const protocols = ["workkit.chat.v1", `workkit.token.${Buffer.from(token).toString("base64url")}`];
  const url = stage.server.url(path).replace("http", "ws");
  return page.evaluate(
    ([url, protocols]) =>
      new Promise<number>((resolve) => {
        const socket = new WebSocket(url, protocols);
        socket.onclose = ({ code }) => resolve(code);
        socket.onmessage = ({ data }) => {
          // A server asks for a sign of life before it refuses.
          if (data === '{"type":"ping"}') return socket.send('{"type":"pong"}');
          resolve(0);
          socket.close();
        };
      }),
    [url, protocols] as const,
  );
}

/** What comes is only worth something where something was unsent before. */
async function expectUnsent({ page }: SupportWindow): Promise<void> {
  expect(await page.locator('.line[data-state="pending"]').count()).toBeGreaterThan(0);
}
