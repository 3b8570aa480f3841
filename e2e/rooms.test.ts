import { expect, test } from "vitest";
import { eventually } from "./browser.js";
import { Demo } from "./demo.js";
import { RoomWindow } from "./room-window.js";
import { setStage } from "./stage.js";

const stage = setStage(Demo.start);

test("two windows on one room see each other live", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("pair"));
  const ben = await RoomWindow.open(stage.browser, stage.server.room("pair"));
  await ada.say("Is anybody there?");
  await ben.showsLine("Is anybody there?");
  await ben.say("I am.");
  await ada.shows(["Is anybody there?", "I am."]);
  expect(await ada.lines()).toEqual(await ben.lines());
  expect((await ada.lines()).map(({ place }) => place)).toEqual([1, 2]);
  expect([...ada.faults, ...ben.faults]).toEqual([]);
});

test("rooms of different names do not hear each other", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("here"));
  const ben = await RoomWindow.open(stage.browser, stage.server.room("there"));
  await ada.say("Only here.");
  await ada.showsLine(/none that I know/);
  await ben.say("Only there.");
  await ben.showsLine(/none that I know/);
  expect(await ada.texts()).not.toContain("Only there.");
  expect(await ben.texts()).not.toContain("Only here.");
});

test("the start page leads to the lobby, and ?room= to that room", async () => {
  const ada = await RoomWindow.open(stage.browser, new URL("/", stage.server.room("")).href);
  expect(ada.page.url()).toBe(stage.server.room("lobby"));
  await ada.page.goto(new URL("/?room=Quiet%20Corner", stage.server.room("")).href);
  await ada.hasState("live");
  expect(ada.page.url()).toBe(stage.server.room("quiet-corner"));
});

test("the second window is another person", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("second"));
  const opened = ada.page.context().waitForEvent("page");
  await ada.page.getByRole("link", { name: "Second window" }).click();
  const page = await opened;
  await page.locator('#status[data-state="live"]').waitFor();
  await page.fill("#say", "From the other side.");
  await page.press("#say", "Enter");
  await ada.showsLine("From the other side.");
  expect(await ada.page.locator(".line.other").count()).toBe(1);
});

test("typing shows in the other window and ends with the message", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("typing"));
  const ben = await RoomWindow.open(stage.browser, stage.server.room("typing"));
  const name = await ben.page.inputValue("#name");
  await ben.page.locator("#say").pressSequentially("Let me think");
  await ada.page.getByText(`${name} is typing`).waitFor();
  await ben.page.press("#say", "Enter");
  await ada.showsLine("Let me think");
  await eventually(() => ada.page.textContent("#typing")).toBe("");
});

test("a new name is what the others read from then on", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("names"));
  const ben = await RoomWindow.open(stage.browser, stage.server.room("names"));
  await ben.page.fill("#name", "Ben of the Night Shift");
  await ben.page.press("#name", "Enter");
  await ben.hasState("live");
  await ben.say("It is me.");
  await ada.page.locator(".line.other .author").filter({ hasText: "Ben of the Night Shift" }).waitFor();
});

test("the assistant answers everything to one person", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("alone"));
  await ada.say("help");
  await ada.page.getByText("Assistant is typing").waitFor();
  await ada.showsLine("I am a small rule-based script, no language model");
  await ada.say("count to 3");
  await eventually(async () => (await ada.texts()).slice(-3)).toEqual(["1", "2", "3"]);
});

test("in company the assistant waits to be named", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("company"));
  const ben = await RoomWindow.open(stage.browser, stage.server.room("company"));
  await ada.say("Hello Ben");
  await ben.showsLine("Hello Ben");
  await ben.say("@assistant who am I");
  await ada.showsLine(/The server knows you as/);
  expect((await ada.texts()).slice(0, 2)).toEqual(["Hello Ben", "@assistant who am I"]);
});

test("a failing turn shows its typed error and the message stays sent", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("failing"));
  await ada.say("fail");
  await ada.page.locator('.line[data-state="sent"] .problem[data-code="REJECTED"]').waitFor();
});

test("a message that is too large fails with its code and can be taken back", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("large"));
  await ada.say("x".repeat(70_000));
  await ada.page.locator('.line[data-state="failed"] .problem[data-code="MESSAGE_TOO_LARGE"]').waitFor();
  await ada.page.getByRole("button", { name: "Discard" }).click();
  await ada.shows([]);
});

test("markup in a message stays text", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("markup"));
  const ben = await RoomWindow.open(stage.browser, stage.server.room("markup"));
  await ben.say("<img src=x onerror=alert(1)> & <b>bold</b>");
  await ada.shows(["<img src=x onerror=alert(1)> & <b>bold</b>"]);
});

test("a new client is shown the newest messages, and older ones on demand, up to the first", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("older"));
  for (let round = 0; round < 7; round += 1) await ada.say("flood");
  await eventually(async () => (await ada.lines()).at(-1)?.place).toBe(7 * 31);
  const ben = await RoomWindow.open(stage.browser, stage.server.room("older"));
  await eventually(async () => (await ben.lines()).map(({ place }) => place)[0]).toBe(18);
  await ben.page.locator("#log").evaluate((log) => log.scrollTo(0, 0));
  const read = ben.page.locator('.line[data-seq="20"]');
  const height = async (): Promise<number> => (await read.boundingBox())?.y ?? Number.NaN;
  const before = await height();
  await ben.page.getByRole("button", { name: "Show older messages" }).click();
  await eventually(async () => (await ben.lines()).map(({ place }) => place)).toEqual(
    (await ada.lines()).map(({ place }) => place),
  );
  await ben.page.getByText("The beginning of older").waitFor({ state: "attached" });
  expect(await ben.page.getByRole("button", { name: "Show older messages" }).count()).toBe(0);
  // A browser scrolls by whole pixels, and lines need not be as high.
  expect(Math.abs((await height()) - before)).toBeLessThanOrEqual(1);
});

test("a long answer grows word by word, and is stopped from the place of Send, with what was said kept", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("stopped"));
  const ben = await RoomWindow.open(stage.browser, stage.server.room("stopped"));
  await ada.say("@assistant story");
  const growing = ada.page.locator('.line.assistant[data-state="streaming"] .bubble');
  await growing.filter({ hasText: "A message is written" }).waitFor();
  await ben.showsLine("A message is written");
  expect(await ben.page.locator("#stop").count()).toBe(0);
  await eventually(() => ada.page.locator(".send").isVisible()).toBe(false);
  await ada.page.fill("#say", "More to say");
  expect(await ada.page.locator("#stop").isVisible()).toBe(false);
  await ada.page.fill("#say", "");
  await ada.page.getByRole("button", { name: "Stop the reply" }).click();
  await ada.page.locator('.line.assistant[data-state="sent"] .outcome').filter({ hasText: "Stopped" }).waitFor();
  expect(await ada.page.evaluate(() => document.activeElement?.id)).toBe("say");
  expect(await ada.page.locator("#stop").count()).toBe(0);
  const told = (await ada.texts()).at(-1);
  expect(told).toMatch(/^A message is written/);
  expect(told).not.toMatch(/That is the whole story/);
  await eventually(() => ben.texts()).toEqual(await ada.texts());
});

test("the number and the whole time of a message are there for those who ask, and its state is said once", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("once"));
  const ben = await RoomWindow.open(stage.browser, stage.server.room("once"));
  for (const text of ["One.", "Two.", "Three."]) await ada.say(text);
  await ben.shows(["One.", "Two.", "Three."]);
  await eventually(() => ada.page.locator(".outcome").allTextContents()).toEqual(["Sent"]);
  expect(await ada.page.locator('.line[data-seq="2"] time').getAttribute("title")).toMatch(/\d{4}.*, number 2$/);
  const clock = ada.page.locator('.line[data-seq="2"] .facts');
  expect(await clock.evaluate((facts) => getComputedStyle(facts).opacity)).toBe("0");
  await ada.page.locator('.line[data-seq="2"]').hover();
  await eventually(() => clock.evaluate((facts) => getComputedStyle(facts).opacity)).toBe("1");
  expect(await ada.page.textContent("#log-end")).toBe("3");
});

test("the header tells who else has written, and the name that they have now", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("people"));
  await ada.page.locator(".about").filter({ hasText: "Nobody else has written yet" }).waitFor();
  const ben = await RoomWindow.open(stage.browser, stage.server.room("people"));
  await ben.say("Hello.");
  await ada.showsLine("Hello.");
  await ben.page.fill("#name", "Assistant");
  await ben.page.press("#name", "Enter");
  await ben.say("It is me.");
  await ada.page
    .locator(".about .names")
    .filter({ hasText: /^Assistant #/ })
    .waitFor();
});

test("without a connection the page says what becomes of what is written, and connects when it is asked to", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("outage"));
  await ada.drop();
  await ada.say("Later.");
  await ada.page.locator("#outage").filter({ hasText: "What you write waits here" }).waitFor();
  await ada.page.locator('.line[data-state="pending"] .outcome').waitFor();
  await ada.page.getByRole("button", { name: "Connect now" }).click();
  await ada.hasState("live");
  await ada.shows(["Later."]);
  expect(await ada.page.locator("#outage").count()).toBe(0);
});
