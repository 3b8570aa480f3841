import { expect, test } from "vitest";
import { eventually } from "./browser.js";
import { DeskWindow } from "./desk-window.js";
import { DESK_KEY, setSupportStage } from "./support.js";
import { SupportWindow } from "./support-window.js";

const stage = setSupportStage();

const visit = (): Promise<SupportWindow> => SupportWindow.open(stage.browser, stage.site.origin);
const enterDesk = (name = "Ines"): Promise<DeskWindow> =>
  DeskWindow.open(stage.browser, stage.server.url("/desk"), { name, key: DESK_KEY, room: "help" });

test.each([
  ["2026-03-04T10:00:00Z", "Open now, answers within an hour"],
  ["2026-03-04T07:59:00Z", "People are back today at 9"],
  ["2026-03-04T16:00:00Z", "People are back tomorrow at 9"],
  ["2026-03-06T16:00:00Z", "People are back Monday at 9"],
  ["2026-07-06T07:00:00Z", "Open now, answers within an hour"],
])("at %s the first sight says: %s", async (now, text) => {
  const ada = await visit();
  await ada.page.clock.setFixedTime(now);
  await ada.openPanel();
  expect(await ada.page.locator(".panel .state").textContent()).toBe(text);
  expect(await ada.page.locator(".facts").textContent()).toContain("Monday to Friday, 9 to 17");
});

test("a question to begin with is sent, the bot answers it, and one can go on writing", async () => {
  const ada = await visit();
  await ada.openPanel();
  await ada.page.getByRole("button", { name: "When are you open?" }).press("Enter");
  await ada.showsLine("Monday to Friday, 9 to 17");
  await ada.saidOnce(["When are you open?"]);
  expect(await ada.page.locator(".questions").isVisible()).toBe(false);
  await ada.page.keyboard.type("And at Easter?");
  await ada.page.keyboard.press("Enter");
  await ada.saidOnce(["When are you open?", "And at Easter?"]);
});

test("the panel is open or closed as it was on the page before, and takes no focus there", async () => {
  const ada = await visit();
  await ada.openPanel();
  await ada.page.locator(".panel textarea").fill("Half a sent");
  await ada.goTo(stage.site.origin);
  await ada.hasStatus("live");
  await ada.page.locator(".panel").waitFor();
  expect(await ada.page.evaluate(() => document.activeElement?.localName)).toBe("body");
  expect(await ada.page.locator(".panel textarea").inputValue()).toBe("Half a sent");
  await ada.page.getByRole("button", { name: "Close" }).click();
  await ada.goTo(stage.site.origin);
  await ada.page.locator(".launcher").waitFor();
  expect(await ada.page.locator(".panel").isVisible()).toBe(false);
});

test("the closed widget shows who wrote what, and counts in the title; a preview that was closed stays so", async () => {
  const ada = await visit();
  await ada.openPanel();
  await ada.say("Please answer me here");
  await ada.showsLine("somebody will answer here");
  const ines = await enterDesk();
  await ines.choose("Please answer me here");
  await ada.page.getByRole("button", { name: "Close" }).click();
  await ines.say("I will, at two.");
  const preview = ada.page.locator(".read");
  await preview.filter({ hasText: "I will, at two." }).filter({ hasText: "Ines" }).waitFor();
  expect(await ada.page.title()).toBe("(1) Harbour Tea");
  await ada.page.getByRole("button", { name: "Close the preview" }).press("Enter");
  await ada.page.locator(".launcher:focus").waitFor();
  await ada.goTo(stage.site.origin);
  await ada.page.getByRole("button", { name: ", 1 unread message" }).waitFor();
  expect(await preview.isVisible()).toBe(false);
  await ines.say("Or at three.");
  await preview.click();
  await ada.page.locator(".panel").waitFor();
  expect(await ada.page.locator(".rule.unread + .line").textContent()).toContain("I will, at two.");
  await eventually(() => ada.page.title()).toBe("Harbour Tea");
});

test("bot and people are told apart, whatever a person is called", async () => {
  const ada = await visit();
  await ada.openPanel();
  await ada.say("Who are you?");
  await ada.showsLine("I am a small script");
  const impostor = await enterDesk("Support bot");
  await impostor.choose("Who are you?");
  await impostor.say("I am a person.");
  await ada.showsLine("I am a person.");
  const lines = ada.page.locator(".line");
  const faces = await lines.evaluateAll((parts) =>
    parts.map((part) => [
      part.querySelector("bdi")?.textContent,
      part.querySelector(".mark")?.textContent,
      part.querySelector(".face")?.className,
    ]),
  );
  expect(faces).toEqual([
    ["You", undefined, undefined],
    ["Support bot", "Automatic", "face bot"],
    ["Support bot (person of the desk)", undefined, "face"],
  ]);
});

test("a refused text is taken back into the box, and is short on the page", async () => {
  const ada = await visit();
  await ada.openPanel();
  const long = "long ".repeat(5_000).trim();
  await ada.say(long);
  await ada.page.getByRole("button", { name: "Edit" }).waitFor();
  const { height = 0 } = (await ada.page.locator('.line[data-state="failed"]').boundingBox()) ?? {};
  expect(height).toBeGreaterThan(0);
  expect(height).toBeLessThan(400);
  await ada.page.getByRole("button", { name: "Edit" }).click();
  expect(await ada.page.locator(".panel textarea").inputValue()).toBe(long);
  await ada.hasTexts(".line", []);
});

test("being offline is shown as soon as the browser knows it", async () => {
  const ada = await visit();
  await ada.openPanel();
  await ada.goOffline();
  // The client itself takes the connection for live until its heartbeat fails.
  await ada.page.locator('.connection[data-status="live"]').filter({ hasText: "You are offline." }).waitFor();
  await ada.goOnline();
  await ada.page.locator(".connection.quiet").waitFor({ state: "attached" });
});

test("one who reads further up is left there, told how much is new, and brought down", async () => {
  const ada = await visit();
  await ada.openPanel();
  await ada.say("Tell me a long story");
  await ada.showsLine("somebody will answer here");
  const ines = await enterDesk();
  await ines.choose("Tell me a long story");
  for (let part = 1; part <= 12; part += 1) await ines.say(`Part ${part}\nof the\nstory`);
  await ada.showsLine("Part 12");
  const list = ada.page.locator(".panel .list");
  await list.focus();
  await ada.page.keyboard.press("Home");
  await ada.page.getByRole("button", { name: "To the end" }).waitFor();
  const isAtTop = (): Promise<boolean> => list.evaluate((part) => part.scrollTop < 2);
  await eventually(isAtTop).toBe(true);
  await ines.say("Part 13");
  await ada.page.getByRole("button", { name: "1 new message" }).waitFor();
  expect(await isAtTop()).toBe(true);
  await ada.page.getByRole("button", { name: "1 new message" }).click();
  await ada.page.locator(".down").waitFor({ state: "hidden" });
  expect(await ada.page.locator(".rule.unread + .line").textContent()).toContain("Part 13");
});
