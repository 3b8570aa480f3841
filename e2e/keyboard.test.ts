import { expect, test } from "vitest";
import { eventually } from "./browser.js";
import { Demo } from "./demo.js";
import { inspect } from "./inspection.js";
import { RoomWindow } from "./room-window.js";
import { setStage } from "./stage.js";

const stage = setStage(Demo.start);

test("a message is written and sent without a pointer, from the first key on", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("keys-send"));
  const { keyboard } = ada.page;
  await keyboard.type("First line");
  await keyboard.press("Shift+Enter");
  await keyboard.type("second line");
  await keyboard.press("Enter");
  await ada.shows(["First line\nsecond line"]);
  await keyboard.type("By the button");
  await ada.tabTo("#composer button");
  await keyboard.press("Enter");
  await ada.shows(["First line\nsecond line", "By the button"]);
});

test("the connection is dropped and made again without a pointer", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("keys-drop"));
  const { keyboard } = ada.page;
  await ada.tabTo("#wire-toggle");
  await keyboard.press("Enter");
  await ada.hasState("dropped");
  expect(await ada.page.textContent("#status-text")).toBe("Dropped");
  await ada.tabTo("#say", "Shift+Tab");
  await keyboard.type("Waiting for the line");
  await keyboard.press("Enter");
  await ada.tabTo("#wire-toggle");
  await keyboard.press("Space");
  await ada.hasState("live");
  await eventually(async () => (await ada.lines())[0]).toEqual({ text: "Waiting for the line", place: 1 });
});

test("frames are shown, opened, read and put away without a pointer", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("keys-frames"), {
    viewport: { width: 800, height: 900 },
  });
  const { page } = ada;
  const { keyboard } = page;
  await keyboard.type("Look inside");
  await keyboard.press("Enter");
  await ada.tabTo("#frames-toggle", "Shift+Tab");
  await keyboard.press("Enter");
  await page.locator("#frames").waitFor();
  await ada.tabTo('.frame.in[data-type="ack"] summary');
  await keyboard.press("Enter");
  const json = page.locator('.frame.in[data-type="ack"] pre');
  await json.waitFor();
  expect(JSON.parse((await json.textContent()) ?? "")).toMatchObject({ type: "ack", seq: 1 });
  await ada.tabTo("#frames-close", "Shift+Tab");
  await keyboard.press("Enter");
  await page.locator("#frames").waitFor({ state: "hidden" });
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("frames-toggle");
});

test("heartbeats are hidden until they are asked for", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("keys-heartbeats"));
  const heartbeat = ada.page.locator('.frame[data-type="pong"]').first();
  await heartbeat.waitFor({ state: "attached" });
  expect(await heartbeat.isVisible()).toBe(false);
  await ada.tabTo("#frame-heartbeats");
  await ada.page.keyboard.press("Space");
  await heartbeat.waitFor();
});

test("what a reply grows by is one line of the panel", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("keys-deltas"));
  await ada.say("help");
  await ada.page.locator('.line.assistant[data-state="sent"]').waitFor();
  const line = ada.page.locator('.frame[data-type="delta"]');
  expect(await line.locator(".frame-type").textContent()).toMatch(/^delta × \d+$/);
  expect(await line.locator(".frame-summary").textContent()).toContain("count to 5: one message for each number");
  await line.locator("summary").click();
  const frames = ((await line.locator("pre").textContent()) ?? "").split("\n").map((text) => JSON.parse(text));
  expect(frames.length).toBeGreaterThan(1);
  expect(new Set(frames.map(({ type, id }) => `${type} ${id}`)).size).toBe(1);
  await inspect(ada, "deltas");
});

test("the panel keeps the newest 200 frames", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("keys-bound"));
  for (let round = 0; round < 8; round += 1) await ada.say("flood");
  await eventually(() => ada.page.locator(".line.assistant").count()).toBe(240);
  expect(await ada.page.locator("#frame-list > li").count()).toBe(200);
});

test("the first stop of the keyboard skips to the message box", async () => {
  const ada = await RoomWindow.open(stage.browser, stage.server.room("keys-skip"));
  await ada.tabTo(".skip");
  await ada.page.keyboard.press("Enter");
  await eventually(() => ada.page.evaluate(() => document.activeElement?.id)).toBe("say");
});
