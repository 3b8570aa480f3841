import { describe, expect, test } from "vitest";
import { eventually } from "./browser.js";
import { ChannelWindow } from "./channel-window.js";
import { Example } from "./example.js";
import { inspect, SIGHTS } from "./inspection.js";
import { setStage } from "./stage.js";

const stage = setStage(() => Example.start("channel"));

describe.each(SIGHTS)("the channel at $width px, $colorScheme", ({ width, colorScheme, options }) => {
  const pageOf = (name: string): string => stage.server.url(`/c/${name}-${colorScheme}-${width}`);
  const sight = `${width}-${colorScheme}`;

  test("is accessible and fits where it asks for a name", async () => {
    const visitor = await ChannelWindow.visit(stage.browser, pageOf("name"), options);
    await visitor.page.getByRole("button", { name: "Join" }).waitFor();
    await inspect(visitor, `channel-name-${sight}`);
  });

  test("is accessible and fits with all that can happen in it", async () => {
    const ada = await ChannelWindow.join(stage.browser, pageOf("talk"), "Ada", options);
    const ines = await ChannelWindow.join(stage.browser, pageOf("talk"), "Ines Falk of the Night Shift");
    await ines.say("Morning! I moved the relay to the new region last night.");
    await ines.say(`The trace is at https://example.test/${"0123456789abcdef".repeat(6)}`);
    await ada.page.locator(".text").filter({ hasText: "The trace is at" }).waitFor();
    await ada.say("Lovely. I will watch the queue from the train.\nIf I drop out, carry on without me.");
    await ada.say("x".repeat(66_000));
    const refused = ada.page.locator('li[data-state="failed"]');
    await refused.waitFor();
    await refused.locator(".text").evaluate((text) => text.replaceChildren("Too much."));
    await ines.page.locator("#text").pressSequentially("Good");
    await ada.page.getByText("Ines Falk of the Night Shift is typing").waitFor();
    await inspect(ada, `channel-talk-${sight}`);
    await ada.goOffline();
    await ada.say("Not on its way yet.");
    await ada.hasPending(["Not on its way yet."]);
    await inspect(ada, `channel-pending-${sight}`);
  });
});

test("a message is written, sent and taken back without a pointer", async () => {
  const ada = await ChannelWindow.visit(stage.browser, stage.server.url("/c/keys"), {
    viewport: { width: 360, height: 860 },
  });
  const { keyboard } = ada.page;
  await ada.tabTo("#name");
  await keyboard.type("Ada");
  await keyboard.press("Enter");
  await ada.hasStatus("live");
  await keyboard.type("First line");
  await keyboard.press("Shift+Enter");
  await keyboard.type("second line");
  await keyboard.press("Enter");
  await ada.shows(["First line\nsecond line"]);
  await ada.say("x".repeat(70_000));
  await ada.tabTo(".outcome button:last-of-type", "Shift+Tab");
  await keyboard.press("Enter");
  await ada.shows(["First line\nsecond line"]);
});

const SMALL = { viewport: { width: 320, height: 256 }, reducedMotion: "reduce" } as const;

describe.each([
  { name: "in the smallest window", sight: "320x256", options: SMALL },
  {
    name: "at 400 % zoom",
    sight: "zoom",
    options: { ...SMALL, viewport: { width: 360, height: 225 }, deviceScaleFactor: 4 },
  },
  {
    name: "in the user's own colours",
    sight: "forced-colors",
    options: { forcedColors: "active", colorScheme: "dark" } as const,
  },
])("the channel $name", ({ sight, options }) => {
  test("is accessible, fits, and has room for words", async () => {
    const address = stage.server.url(`/c/${`small-${sight}-`.padEnd(48, "-long-name")}`);
    const ada = await ChannelWindow.join(stage.browser, address, "Ada", options);
    await ada.page.getByRole("button", { name: "Say hello" }).waitFor();
    const [heading, list] = await Promise.all(
      [".welcome h2", ".messages"].map((part) => ada.page.locator(part).boundingBox()),
    );
    expect(heading?.y ?? 0).toBeGreaterThanOrEqual(list?.y ?? Number.NaN);
    await inspect(ada, `channel-empty-${sight}`);
    await ada.say("x".repeat(66_000));
    await ada.page.locator('li[data-state="failed"] .text').evaluate((text) => text.replaceChildren("Too much."));
    await ada.say("Short.");
    await ada.hasTexts('li[data-state="sent"] .text', ["Short."]);
    await inspect(ada, `channel-talk-${sight}`);
    const [page, words] = await ada.page.evaluate(() => [
      document.documentElement.scrollHeight / innerHeight,
      (document.querySelector(".messages")?.clientHeight ?? 0) / innerHeight,
    ]);
    expect(page).toBe(1);
    expect(words).toBeGreaterThan(0.5);
  });
});

test("an empty channel invites to say hello, and to bring others in", async () => {
  const ada = await ChannelWindow.join(stage.browser, stage.server.url("/c/invite"), "Ada", {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  await ada.page.getByRole("button", { name: "Copy the link" }).click();
  await ada.page.getByRole("button", { name: "Copied" }).waitFor();
  expect(await ada.page.evaluate(() => navigator.clipboard.readText())).toBe(stage.server.url("/c/invite"));
  await ada.page.getByRole("button", { name: "Say hello" }).click();
  expect(await ada.page.evaluate(() => document.activeElement?.id)).toBe("text");
  await ada.page.keyboard.press("Enter");
  await ada.shows(["Hello, everyone!"]);
  expect(await ada.page.getByRole("button", { name: "Say hello" }).count()).toBe(0);
});

test("on a phone, who is here and the way out are behind one button", async () => {
  const ada = await ChannelWindow.join(stage.browser, stage.server.url("/c/phone"), "Ada", SMALL);
  const signOut = ada.page.getByRole("button", { name: "Sign out" });
  await ada.page.getByRole("button", { name: "1 here" }).waitFor();
  expect(await signOut.count()).toBe(0);
  await ada.tabTo(".people-button");
  await ada.page.keyboard.press("Enter");
  await signOut.waitFor();
  await inspect(ada, "channel-people");
  await ada.page.keyboard.press("Escape");
  await eventually(() => signOut.count()).toBe(0);
  await ada.page.keyboard.press("Enter");
  await ada.tabTo(".panel .self button");
  await ada.page.keyboard.press("Enter");
  await ada.page.locator("#name").waitFor();
});

test("who reads above is told how much is new, and has a way down", async () => {
  const ada = await ChannelWindow.join(stage.browser, stage.server.url("/c/down"), "Ada", SMALL);
  const texts = Array.from({ length: 12 }, (_, index) => `number ${index + 1}`);
  for (const text of texts) await ada.say(text);
  await ada.shows(texts);
  await ada.page.locator(".messages").evaluate((list) => list.scrollTo(0, 0));
  await ada.page.getByRole("button", { name: "To the end" }).waitFor();
  const ben = await ChannelWindow.join(stage.browser, stage.server.url("/c/down"), "Ben");
  await ben.say("One more.");
  await ben.say("And another.");
  await ada.page.getByRole("button", { name: "2 new messages" }).click();
  await eventually(() => ada.page.locator(".down").count()).toBe(0);
  const last = await ada.page.getByText("And another.", { exact: true }).boundingBox();
  const box = await ada.page.locator(".field").boundingBox();
  expect((last?.y ?? 0) + (last?.height ?? 0)).toBeLessThanOrEqual(box?.y ?? 0);
});

test("the channel is accessible and fits while its server is gone", async () => {
  const windows = await Promise.all(
    SIGHTS.map(({ options }) => ChannelWindow.join(stage.browser, stage.server.url("/c/gone"), "Ada", options)),
  );
  await stage.server.kill();
  for (const [index, { width, colorScheme }] of SIGHTS.entries()) {
    const window = windows[index];
    await window?.hasStatus("reconnecting");
    await window?.page.getByRole("button", { name: "Try now" }).waitFor();
    if (window !== undefined) await inspect(window, `channel-gone-${width}-${colorScheme}`);
  }
});
