import { afterAll, afterEach, beforeAll } from "vitest";
import { AnyBrowser } from "./browser.js";
import { CHROMIUM } from "./chromium.js";
import type { Engine } from "./engine.js";
import { FIREFOX } from "./firefox.js";
import { WEBKIT } from "./webkit.js";

/**
 * The engines that every page has to work in. Each runs the same tests; `-t Firefox` runs those of one.
 *
 * @example
 * describe.each(ENGINES)("in $name", (engine) => {
 *   const stage = setBrowser(engine);
 *   it("shows what was typed", async () => {
 *     const tab = await stage.browser.newTab();
 *   });
 * });
 */
export const ENGINES: readonly Engine[] = [CHROMIUM, FIREFOX, WEBKIT];

/** Starts the browser before the tests of this block, empties all profiles after each, and the browser in the end. */
export function setBrowser(engine: Engine): { readonly browser: AnyBrowser } {
  let browser: AnyBrowser | undefined;

  beforeAll(async () => {
    browser = new AnyBrowser(await engine.launch());
  });

  afterEach(() => browser?.emptyProfiles());

  afterAll(() => browser?.close());

  return {
    get browser() {
      if (browser === undefined) throw new Error("The browser runs while the tests of this block do, not before.");
      return browser;
    },
  };
}
