import { type Browser, chromium } from "playwright-core";
import { expect } from "vitest";
import { findChromium } from "../scripts/browsers.mjs";

const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-quic",
  "--no-first-run",
  "--disable-component-update",
  "--disable-sync",
];

/** Expects something to become true; a server may have to start in between. */
export function eventually<Value>(read: () => Value): ReturnType<typeof expect.poll<Value>> {
  return expect.poll(read, { timeout: 60_000 });
}

/** A real Chromium, without a screen. */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: ARGUMENTS });
}

/** Puts a browser to sleep as a closed laptop does: nothing of it runs. Returns how to wake it. */
export async function putToSleep(browser: Browser): Promise<() => void> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const signal = (name: NodeJS.Signals): void => {
    for (const { id } of processInfo) process.kill(id, name);
  };
  signal("SIGSTOP");
  return () => signal("SIGCONT");
}
