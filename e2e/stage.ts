import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { Demo } from "./demo.js";
import { openBrowser } from "./window.js";

/** The demo and the browser of a test file, there from its first test to its last. */
export let demo: Demo;
export let browser: Browser;

/** Starts both before the tests of this file, closes all windows after each, and clears everything away in the end. */
export function setStage(): void {
  beforeAll(async () => {
    [demo, browser] = await Promise.all([Demo.start(), openBrowser()]);
  });

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  });

  afterAll(async () => {
    await browser?.close();
    await demo?.remove();
  });
}
