import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { chromium } from "playwright-core";
import { findChromium } from "./browsers.mjs";

/*
 * Takes the picture of the demo that the README shows, docs/images/demo.png: two people and the assistant in a room, while it answers, with the panel of frames.
 */

const PORT = "8790";
const ROOM = `http://localhost:${PORT}/r/harbour`;
const SIZE = { width: 1200, height: 720 };

const state = await mkdtemp(join(tmpdir(), "workkit-chat-picture-"));
const demo = spawn(process.execPath, ["demo/start.mjs"], {
  env: { ...process.env, PORT, STATE_DIRECTORY: state },
  stdio: "inherit",
});
const browser = await chromium.launch({ executablePath: await findChromium(), args: ["--no-sandbox"] });
try {
  await untilReady();
  const ada = await enter("Ada Holm");
  const ben = await enter("Ben Okafor");
  await say(ben, "The storm warning is off, by the way.");
  await say(ben, "And the harbour office has light.");
  await say(ada, "Good. I am still at the lighthouse.");
  await say(ada, "Is the ferry to Holm still running tonight?");
  await say(ben, "Until ten, the timetable says. The last one back is the problem.");
  await say(ben, "So we have an hour. And a story, while the tea draws.");
  await say(ada, "@assistant tell me a story");
  // It is still being written, and can be stopped.
  await shows(ada, "before anyone is told");
  await ada.getByRole("button", { name: "Stop the reply" }).waitFor();
  await ada.screenshot({ path: "docs/images/demo.png" });
} finally {
  await browser.close();
  demo.kill("SIGINT");
  await rm(state, { recursive: true, force: true });
}

/** @param {string} name */
async function enter(name) {
  const context = await browser.newContext({ viewport: SIZE, colorScheme: "light", deviceScaleFactor: 1 });
  const page = await context.newPage();
  const profile = JSON.stringify({ id: name.replace(" ", "-"), name });
  await page.addInitScript((text) => localStorage.setItem("workkit-chat-demo", text), profile);
  await page.goto(ROOM);
  return page;
}

/** @param {import("playwright-core").Page} page @param {string} text */
async function say(page, text) {
  const field = page.getByRole("textbox", { name: /message/i });
  await field.fill(text);
  await field.press("Enter");
  await shows(page, text);
}

/** @param {import("playwright-core").Page} page @param {string} text */
async function shows(page, text) {
  await page.getByRole("log").getByText(text).waitFor();
}

async function untilReady() {
  while (!(await fetch(ROOM).catch(() => undefined))?.ok) await wait(100);
}
