import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { openBrowser } from "./browser.js";
import type { Server } from "./server.js";

/** The server and the browser of a test file, there from its first test to its last. */
export interface Stage<Running extends Server> {
  readonly server: Running;
  readonly browser: Browser;
}

/** Starts both before the tests of this file, closes all windows after each, and clears everything away in the end. */
export function setStage<Running extends Server>(start: () => Promise<Running>): Stage<Running> {
  let server: Running | undefined;
  let browser: Browser | undefined;

  beforeAll(async () => {
    [server, browser] = await Promise.all([start(), openBrowser()]);
  });

  afterEach(async () => {
    await Promise.all(browser?.contexts().map((context) => context.close()) ?? []);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.remove();
  });

  return {
    get server() {
      return present(server);
    },
    get browser() {
      return present(browser);
    },
  };
}

function present<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new Error("The stage is set when the tests run, not before.");
  return thing;
}
