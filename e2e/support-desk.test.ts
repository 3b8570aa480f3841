import { expect, test } from "vitest";
import { eventually } from "./browser.js";
import { DeskWindow } from "./desk-window.js";
import { DESK_KEY, setSupportStage } from "./support.js";
import { SupportWindow } from "./support-window.js";

const stage = setSupportStage();

const enterDesk = (name = "Ines", options = {}): Promise<DeskWindow> =>
  DeskWindow.open(stage.browser, stage.server.url("/desk"), { name, key: DESK_KEY, room: "help" }, options);

/** A visitor who has asked something. */
async function visitAndAsk(question: string): Promise<SupportWindow> {
  const visitor = await SupportWindow.open(stage.browser, stage.site.origin);
  await visitor.openPanel();
  await visitor.say(question);
  await visitor.saidOnce([question]);
  return visitor;
}

test("an inbox has names, times and what is unread, over a reload too", async () => {
  const ada = await visitAndAsk("Where is my tea?");
  await ada.say("It was black tea.");
  const ines = await enterDesk();
  const entry = ines.page.locator(".entry").filter({ hasText: "It was black tea." });
  await entry.waitFor();
  const name = await entry.locator(".visitor").textContent();
  expect(name).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
  expect(await entry.locator("time").textContent()).toMatch(/\d:\d\d/);
  expect(await entry.locator(".badge").textContent()).toBe("2 unread");
  expect(await ines.page.title()).toMatch(/^\(\d+\) Desk$/);
  await ines.choose("It was black tea.");
  await ines.page.getByRole("heading", { name: name ?? "none" }).waitFor();
  expect(await entry.locator(".badge").count()).toBe(0);
  await ines.page.reload();
  await ines.enter({ name: "Ines", key: DESK_KEY, room: "help" });
  await entry.waitFor();
  expect(await entry.locator(".badge").count()).toBe(0);
  await ada.say("With milk.");
  await ines.page.locator(".entry.unread").filter({ hasText: "With milk." }).waitFor();
});

test("colleagues and the bot stand on the right side with their names, the visitor on the left", async () => {
  await visitAndAsk("Can you both see this?");
  const [ines, ben] = await Promise.all([enterDesk(), enterDesk("Ben")]);
  const colleague = ines.page.locator(".line").filter({ hasText: "I can." });
  await ines.choose("Can you both see this?");
  await ines.showsLine("I am a small script");
  await ines.say("So can I.");
  await ben.choose("So can I.");
  await ben.say("I can.");
  await colleague.waitFor();
  const sides = await ines.page
    .locator(".line")
    .evaluateAll((lines) =>
      lines.map((line) => [line.classList.contains("right"), line.querySelector("bdi")?.textContent]),
    );
  expect(sides).toEqual([
    [false, expect.stringMatching(/^[A-Z]/)],
    [true, "Support bot"],
    [true, "You"],
    [true, "Ben"],
  ]);
  await ines.page.locator(".entry").filter({ hasText: "Ben: I can." }).waitFor();
});

test("a colleague's long name leaves room for what they said", async () => {
  await visitAndAsk("Is there room?");
  const [ines, ben] = await Promise.all([enterDesk(), enterDesk("Benjamin Bartholomew Featherstonehaugh")]);
  await ben.choose("Is there room?");
  await ben.say("Yes, for these words, and there would be for more.");
  const last = ines.page.locator(".entry .last").filter({ hasText: "Yes, for these words" });
  expect(await last.textContent()).toMatch(/^Benjamin Bartholomew Featherstonehaugh: Yes/);
  const share = await last.evaluate((line) => {
    const words = line.querySelector(".words");
    return (words?.clientWidth ?? 0) / line.clientWidth;
  });
  expect(share).toBeGreaterThan(0.5);
});

test("a search finds what was said in any message, and says that it found nothing", async () => {
  const ada = await visitAndAsk("Is the café open?");
  await ada.say("Never mind.");
  await visitAndAsk("Something else entirely");
  const ines = await enterDesk();
  await ines.page.locator(".entry").filter({ hasText: "Never mind." }).waitFor();
  await ines.page.getByRole("searchbox").fill("CAFE open");
  await ines.hasTexts(".entry .last", ["Is the café open?"]);
  await ines.page.getByRole("searchbox").fill("zeppelin");
  await ines.page.getByText("Nothing was found.").waitFor();
  await ines.page.getByRole("searchbox").fill("");
  await eventually(() => ines.page.locator(".entry").count()).toBeGreaterThan(1);
});

test("on a phone one goes from the list to a conversation and back, and the bot has the word again", async () => {
  const ada = await visitAndAsk("Are you on the road?");
  await ada.showsLine("I am a small script");
  const ines = await enterDesk("Ines", { viewport: { width: 360, height: 640 } });
  await ines.choose("Are you on the road?");
  expect(await ines.page.locator("nav").isVisible()).toBe(false);
  await ines.page.locator(".conversation textarea").fill("I am, and");
  await ines.page.getByRole("button", { name: "Back to the conversations" }).click();
  await ines.page.locator(".entry:focus").waitFor();
  await ada.say("Thanks all the same!");
  await ada.showsLine("You are welcome.");
  await ines.choose("Thanks all the same!");
  expect(await ines.page.locator(".conversation textarea").inputValue()).toBe("I am, and");
});
