import { describe, expect, test } from "vitest";
import { Demo } from "./demo.js";
import { inspect, SIGHTS } from "./inspection.js";
import { RoomWindow } from "./room-window.js";
import { setStage } from "./stage.js";

const stage = setStage(Demo.start);

describe.each(SIGHTS)("at $width px, $colorScheme", ({ width, colorScheme, options }) => {
  const room = (name: string): string => stage.server.room(`${name}-${colorScheme}-${width}`);

  test("an empty room is accessible and fits", async () => {
    const ada = await RoomWindow.open(stage.browser, room("empty"), options);
    await inspect(ada, `empty-${width}-${colorScheme}`);
  });

  test("a conversation with all that can happen in it is accessible and fits", async () => {
    const ada = await RoomWindow.open(stage.browser, room("talk"), options);
    const ben = await RoomWindow.open(stage.browser, room("talk"));
    await converse(ada, ben);
    await inspect(ada, `talk-${width}-${colorScheme}`);
    await ada.page.locator("#log").evaluate((log) => log.scrollTo(0, 0));
    await inspect(ada, `talk-start-${width}-${colorScheme}`);
  });

  test("opened frames and a dropped connection are accessible and fit", async () => {
    const ada = await RoomWindow.open(stage.browser, room("frames"), options);
    await ada.say("time");
    await ada.showsLine("By the server's clock");
    if (width < 960) await ada.page.click("#frames-toggle");
    await ada.page.locator('.frame.in[data-type="ack"] summary').click();
    await inspect(ada, `opened-frames-${width}-${colorScheme}`);
    if (width < 960) await ada.page.click("#frames-close");
    await ada.drop();
    await ada.say("Not on its way yet.");
    await ada.showsLine("Not on its way yet.");
    await inspect(ada, `frames-${width}-${colorScheme}`);
  });
});

describe.each([
  { name: "enlarged four times", options: { viewport: { width: 320, height: 256 } } },
  { name: "enlarged twice", options: { viewport: { width: 720, height: 450 } } },
  { name: "on a tablet", options: { viewport: { width: 768, height: 1024 } } },
  { name: "in colours of the user's own", options: { forcedColors: "active" as const } },
])("$name", ({ name, options }) => {
  test("all is in reach, accessible and fits", async () => {
    const room = name.replace(/\W/g, "-");
    const ada = await RoomWindow.open(stage.browser, stage.server.room(room), { ...options, reducedMotion: "reduce" });
    await inspect(ada, `${room}-empty`);
    const [heading, log] = await Promise.all(
      [".opening h2", "#log"].map((part) => ada.page.locator(part).boundingBox()),
    );
    expect(heading?.y ?? 0).toBeGreaterThanOrEqual(log?.y ?? Number.NaN);
    await ada.say("time");
    await ada.showsLine("By the server's clock");
    await ada.drop();
    await ada.say("Not on its way yet, and on more than one line of a small window.");
    await ada.showsLine("Not on its way yet");
    await inspect(ada, `${room}-dropped`);
    expect(await ada.page.evaluate(hiddenOfLastLine)).toBeLessThanOrEqual(0);
    if (!(await ada.page.locator("#frames").isVisible())) await ada.page.click("#frames-toggle");
    await ada.page.locator('.frame.in[data-type="ack"] summary').click();
    await inspect(ada, `${room}-frames`);
  });
});

/** How much of the last line the list does not show, above or below, in pixels. Runs in the page. */
function hiddenOfLastLine(): number {
  const log = document.querySelector("#log")?.getBoundingClientRect();
  const line = [...document.querySelectorAll(".line .bubble")].at(-1)?.getBoundingClientRect();
  return log && line ? Math.max(log.top - line.top, line.bottom - log.bottom) : Number.NaN;
}

/** A conversation that has every kind of line: both sides, the assistant, an absence, a typed error, a long word. */
async function converse(ada: RoomWindow, ben: RoomWindow): Promise<void> {
  await ben.page.fill("#name", "Ines Falk");
  await ben.page.press("#name", "Enter");
  await ben.hasState("live");
  await ben.say("Morning! I moved the relay to the new region last night.");
  await ben.say("No reconnects since six, the numbers look calm.");
  await ada.showsLine("the numbers look calm");
  await ada.say("Lovely. I will watch the queue from the train.\nIf I drop out, carry on without me.");
  await ben.showsLine("carry on without me");
  await ada.drop();
  await ben.say(`The trace is at https://example.test/${"0123456789abcdef".repeat(6)}`);
  await ben.page.locator(".line.assistant").waitFor();
  await ada.reconnect();
  await ada.showsLine("The trace is at");
  await ada.say("Back again, and nothing is missing.");
  await ada.say("@assistant fail");
  await ada.page.locator(".problem").waitFor();
  await ada.say("x".repeat(66_000));
  await ada.page.getByRole("button", { name: "Discard" }).waitFor();
  await ada.page
    .locator('.line[data-state="failed"] .bubble')
    .evaluate((bubble) => bubble.replaceChildren("Too much."));
  await ben.page.locator("#say").pressSequentially("Good");
  await ada.page.getByText("Ines Falk is typing").waitFor();
}
