import { describe, expect, test } from "vitest";
import { AgentWindow } from "./agent-window.js";
import { Example } from "./example.js";
import { inspect, SIGHTS } from "./inspection.js";
import { setStage } from "./stage.js";

const stage = setStage(() => Example.start("agent"));

const open = (): Promise<AgentWindow> => AgentWindow.open(stage.browser, stage.server.url("/"));

const REFUND = [
  "Let me look at order 1041.",
  "Looked up order 1041",
  "It is two coffee cups, for 24.00 €. I pay that back.",
  "Paid back order 1041",
  "Done: 24.00 € for two coffee cups are on their way back to you.",
];

test("P10: a reply grows with its calls, in two tabs and through a reload, and is there once", async () => {
  const ada = await open();
  const tab = await ada.again();
  await ada.say("I want a refund for order 1041.");
  await ada.grows("Paying back order 1041 …");
  await tab.grows("Paying back order 1041 …");
  await tab.page.reload();
  for (const window of [ada, tab]) {
    await window.isAnswered("Done");
    expect(await window.reply()).toEqual(REFUND);
    expect(await window.page.locator("li").count()).toBe(2);
    expect(await window.page.locator("#stop").isVisible()).toBe(false);
    expect(window.faults).toEqual([]);
  }
});

test("P10: Stop ends a reply; what was shown stays, also after a reload", async () => {
  const ada = await open();
  await ada.say("What are your terms?");
  await ada.grows("You have thirty days");
  await ada.page.click("#stop");
  await ada.isAnswered("Stopped");
  const [text = ""] = await ada.reply();
  expect(text).toMatch(/^You have thirty days/);
  expect(text).not.toContain("without seeing it again");
  expect(await ada.page.evaluate(() => document.activeElement?.id)).toBe("text");
  await ada.page.reload();
  await ada.isAnswered("Stopped");
  expect(await ada.reply()).toEqual([text]);
});

test("a lost connection shows the reply whole when it is back", async () => {
  const ada = await open();
  await ada.say("What are your terms?");
  await ada.grows("You have thirty days");
  await ada.goOffline();
  await ada.goOnline();
  await ada.isAnswered("without seeing it again");
  expect((await ada.reply())[0]).toMatch(/^You have thirty days.+Most of what is broken/s);
});

test("examples are put into the box, and a new conversation begins empty", async () => {
  const ada = await open();
  await ada.page.getByRole("button", { name: "Where is order 1042?" }).click();
  await ada.page.keyboard.press("Enter");
  await ada.isAnswered("on its way");
  await ada.page.getByRole("button", { name: "New conversation" }).click();
  await ada.isLive();
  await ada.page.locator("#opening").waitFor();
  expect(await ada.page.locator("li").count()).toBe(0);
});

describe.each(SIGHTS)("at $width px, $colorScheme", ({ width, colorScheme, options }) => {
  test("all that it shows is accessible and fits", async () => {
    const ada = await AgentWindow.open(stage.browser, stage.server.url("/"), options);
    await inspect(ada, `agent-empty-${width}-${colorScheme}`);
    await ada.say("I want a refund for order 1041.");
    await ada.grows("Paying back order 1041 …");
    await inspect(ada, `agent-growing-${width}-${colorScheme}`);
    await ada.isAnswered("Done");
    await inspect(ada, `agent-${width}-${colorScheme}`);
  });
});
