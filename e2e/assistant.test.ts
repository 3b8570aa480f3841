import { describe, expect, test } from "vitest";
import { AssistantWindow } from "./assistant-window.js";
import { eventually } from "./browser.js";
import { Example } from "./example.js";
import { inspect, SIGHTS } from "./inspection.js";
import { setStage } from "./stage.js";

const stage = setStage(() => Example.start("assistant"));

const open = (): Promise<AssistantWindow> => AssistantWindow.open(stage.browser, stage.server.url("/"));

test("P10: an answer grows, Stop ends it, another one takes its place, and a reload at any time shows the same", async () => {
  const ada = await open();
  await ada.say("Show me some code");
  await ada.grows("This is a whole chat");
  await ada.button("Stop").click();
  await ada.isAnswered("Stopped.");
  expect(await ada.answer.textContent()).not.toContain("Nothing here was written by a model");
  await ada.button("Answer again").click();
  await ada.grows("This is a whole chat");
  await ada.page.reload();
  await ada.grows("This is a whole chat");
  await ada.button("Stop").waitFor();
  await ada.isAnswered("Nothing here was written by a model");
  const said = await ada.said();
  expect(said).toHaveLength(2);
  await ada.page.reload();
  await ada.isAnswered("Nothing here was written by a model");
  expect(await ada.said()).toEqual(said);
  expect(ada.faults).toEqual([]);
});

test("what is to be deleted stays when the user does not allow it, and is gone when they do", async () => {
  const ada = await open();
  await ada.say("Remember that the plants need water on Friday");
  await ada.isAnswered("You have one note");
  await ada.say("Delete my notes");
  await ada.isAsked();
  expect(await ada.button("Answer again").count()).toBe(0);
  await ada.page.reload();
  await ada.isAsked();
  await ada.button("Don’t").click();
  await ada.isAnswered("nothing was deleted");
  await ada.answer.locator(".call .outcome").filter({ hasText: "Not allowed" }).waitFor();
  await ada.say("List my notes");
  await ada.isAnswered("the plants need water on Friday");
  await ada.say("Delete my notes");
  await ada.isAsked();
  await ada.button("Allow").click();
  await ada.isAnswered("One note is gone");
  await ada.page.reload();
  await ada.isAnswered("One note is gone");
  await ada.say("List my notes");
  await ada.isAnswered("You have no notes");
  expect(ada.faults).toEqual([]);
});

test("a new message takes the place of an answer to a question", async () => {
  const ada = await open();
  await ada.say("Delete my notes");
  await ada.isAsked();
  await ada.say("List my notes");
  await ada.isAnswered("You have no notes");
  expect(await ada.button("Allow").count()).toBe(0);
  await ada.page.getByText("Not answered").waitFor();
});

test("what is said is text, whatever it holds", async () => {
  const ada = await open();
  const hostile = `<img src=x onerror="document.title='run'"> [here](javascript:document.title='run') ![p](https://example.com/p.png)`;
  await ada.say(`Remember that ${hostile}`);
  await ada.isAnswered("You have one note");
  expect(await ada.answer.textContent()).toContain(`<img src=x onerror="document.title='run'">`);
  expect(await ada.page.locator("main img").count()).toBe(0);
  const links = await ada.page.locator("main a").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
  expect(links).toEqual(["https://example.com/p.png"]);
  expect(await ada.page.title()).toBe("Assistant");
});

test("what is written without a network is sent once when it is back", async () => {
  const ada = await open();
  await ada.goOffline();
  await ada.say("List my notes");
  await ada.page.getByText("Not sent yet").waitFor();
  await ada.goOnline();
  await ada.isAnswered("You have no notes");
  expect(await ada.said()).toHaveLength(2);
});

test("the keyboard alone reaches everything", async () => {
  const ada = await AssistantWindow.atSignIn(stage.browser, stage.server.url("/"));
  const { keyboard } = ada.page;
  await ada.tabTo("#name");
  await keyboard.type("Ada");
  await keyboard.press("Enter");
  await ada.page.locator(".opening").waitFor();
  await ada.tabTo(".opening li:last-child button", "Shift+Tab");
  await keyboard.press("Enter");
  await keyboard.press("Enter");
  await ada.grows("export class Room");
  await ada.tabTo(".composer button");
  await keyboard.press("Enter");
  await ada.isAnswered("Stopped.");
  await eventually(() => ada.page.evaluate(() => document.activeElement?.id)).toBe("text");
  for (const place of [".actions button:last-child", ".code .scrolling", ".code button", ".reasoning summary"]) {
    await ada.tabTo(place, "Shift+Tab");
  }
  await keyboard.press("Enter");
  await ada.page.locator(".reasoning[open]").waitFor();
  await ada.tabTo("#text");
  await keyboard.type("Delete my notes");
  await keyboard.press("Enter");
  await ada.isAsked();
  await ada.tabTo(".choices .primary", "Shift+Tab");
  await keyboard.press("Enter");
  await ada.isAnswered("0 notes are gone");
  await eventually(() => ada.page.evaluate(() => document.activeElement?.id)).toBe("text");
  await ada.tabTo("nav > button", "Shift+Tab");
  await keyboard.press("Enter");
  await ada.page.locator(".opening").waitFor();
  expect(await ada.page.locator("nav li").count()).toBe(2);
});

test("a narrow window opens the other conversations by a button, and Escape closes them", async () => {
  const ada = await AssistantWindow.open(stage.browser, stage.server.url("/"), {
    viewport: { width: 360, height: 760 },
  });
  await ada.say("List my notes");
  await ada.isAnswered("You have no notes");
  await ada.page.getByRole("heading", { name: "List my notes", level: 1 }).waitFor();
  await ada.button("New conversation").click();
  await ada.page.locator(".opening").waitFor();
  await ada.button("Conversations").click();
  await ada.page.locator("nav").waitFor();
  await inspect(ada, "assistant-conversations");
  await ada.page.keyboard.press("Escape");
  await ada.page.locator("nav").waitFor({ state: "hidden" });
  expect(await ada.page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Conversations");
  await ada.page.keyboard.press("Enter");
  await ada.page.locator("nav li").getByText("List my notes").click();
  await ada.isAnswered("You have no notes");
  expect(await ada.page.locator("nav").isVisible()).toBe(false);
});

describe.each(SIGHTS)("at $width px, $colorScheme", ({ width, colorScheme, options }) => {
  test("all that it shows is accessible and fits", async () => {
    const ada = await AssistantWindow.atSignIn(stage.browser, stage.server.url("/"), options);
    const look = (name: string) => inspect(ada, `assistant-${name}-${width}-${colorScheme}`);
    await look("sign-in");
    await ada.page.fill("#name", "Ada");
    await ada.page.keyboard.press("Enter");
    await ada.page.locator(".opening").waitFor();
    await ada.say("Show me some code");
    await ada.grows("a reload in the middle");
    await look("growing");
    await ada.isAnswered("Nothing here was written by a model");
    await ada.say("Delete my notes");
    await ada.isAsked();
    await look("asks");
    await ada.button("Allow").click();
    await ada.isAnswered("0 notes are gone");
    await ada.answer.getByText("Delete all notes").click();
    await look("done");
  });
});
