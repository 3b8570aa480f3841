import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { browser, demo, setStage } from "./stage.js";
import { RoomWindow } from "./window.js";

const SCREENSHOTS = fileURLToPath(new URL("screenshots/", import.meta.url));
const WIDTHS = [360, 1440];
const SCHEMES = ["light", "dark"] as const;
const SIGHTS = WIDTHS.flatMap((width) => SCHEMES.map((colorScheme) => ({ width, colorScheme })));

setStage();
let axe: string;

beforeAll(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await mkdir(SCREENSHOTS, { recursive: true });
});

describe.each(SIGHTS)("at $width px, $colorScheme", ({ width, colorScheme }) => {
  const options = { viewport: { width, height: 860 }, colorScheme, reducedMotion: "reduce" } as const;
  const room = (name: string): string => demo.room(`${name}-${colorScheme}-${width}`);

  test("an empty room is accessible and fits", async () => {
    const ada = await RoomWindow.open(browser, room("empty"), options);
    await inspect(ada, `empty-${width}-${colorScheme}`);
  });

  test("a conversation with all that can happen in it is accessible and fits", async () => {
    const ada = await RoomWindow.open(browser, room("talk"), options);
    const ben = await RoomWindow.open(browser, room("talk"));
    await converse(ada, ben);
    await inspect(ada, `talk-${width}-${colorScheme}`);
    await ada.page.locator("#log").evaluate((log) => log.scrollTo(0, 0));
    await inspect(ada, `talk-start-${width}-${colorScheme}`);
  });

  test("opened frames and a dropped connection are accessible and fit", async () => {
    const ada = await RoomWindow.open(browser, room("frames"), options);
    await ada.say("time");
    await ada.showsLine("By the server's clock");
    if (width < 960) await ada.page.click("#frames-toggle");
    await ada.page.locator('.frame.in[data-type="ack"] summary').click();
    await ada.drop();
    await ada.say("Not on its way yet.");
    await ada.showsLine("Not on its way yet.");
    await inspect(ada, `frames-${width}-${colorScheme}`);
  });
});

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

/** Takes a picture, and holds what is on the page against axe and against the window's edge. */
async function inspect({ page, faults }: RoomWindow, name: string): Promise<void> {
  await page.screenshot({ path: `${SCREENSHOTS}${name}.png` });
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const run: unknown = Reflect.get(window, "axe").run;
    if (typeof run !== "function") throw new Error("axe is not in the page.");
    const results: {
      passes: unknown[];
      violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
    } = await run();
    if (results.passes.length < 20) throw new Error("axe has looked at next to nothing.");
    return results.violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map((node) => [node.html, node.failureSummary]),
    }));
  });
  expect(violations).toEqual([]);
  expect(await page.evaluate(beyondTheEdge)).toEqual([]);
  expect(faults).toEqual([]);
}

/** What reaches out of the window to the right, or makes the page scroll sideways. Runs in the page. */
function beyondTheEdge(): string[] {
  const scrolls = [...document.querySelectorAll("*")].filter(
    (part) => part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflowX === "auto",
  );
  const sticksOut = [...document.querySelectorAll("body *")].filter(
    (part) => part.getBoundingClientRect().right > innerWidth + 1,
  );
  const wide = document.documentElement.scrollWidth > innerWidth ? ["the page"] : [];
  return [...wide, ...[...scrolls, ...sticksOut].map((part) => `${part.tagName} ${part.id} ${part.className}`)];
}
