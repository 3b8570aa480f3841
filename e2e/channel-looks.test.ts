import { describe, test } from "vitest";
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
