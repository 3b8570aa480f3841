import { afterAll, afterEach, beforeAll } from "vitest";
import { AnyBrowser } from "./browser.js";
import { CHROMIUM } from "./chromium.js";
import type { Engine, EngineBrowser } from "./engine.js";
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

/** The browsers of this process. Starting one costs more than most tests do, so files use it one after the other. */
const running = new Map<Engine["name"], Promise<EngineBrowser>>();

/** The tests of this block use the engine's browser. Its profiles are emptied after each test, and closed in the end. */
export function setBrowser(engine: Engine): { readonly browser: AnyBrowser } {
  let browser: AnyBrowser | undefined;

  beforeAll(async () => {
    const launched = running.get(engine.name) ?? engine.launch();
    running.set(engine.name, launched);
    browser = new AnyBrowser(await launched);
  });

  afterEach(() => browser?.emptyProfiles());

  afterAll(() => browser?.closeProfiles());

  return {
    get browser() {
      if (browser === undefined) throw new Error("The browser runs while the tests of this block do, not before.");
      return browser;
    },
  };
}
