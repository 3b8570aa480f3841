import { fileURLToPath } from "node:url";
import { afterAll, beforeAll } from "vitest";
import type { Engine } from "../../e2e/browsers/engine.js";
import { setBrowser } from "../../e2e/browsers/engines.js";
import type { Profile } from "../../e2e/browsers/profile.js";
import type { Tab } from "../../e2e/browsers/tab.js";
import { PageServer } from "../react/page-server.js";
import { bundleWorker } from "../workerd/bundle.js";

export interface PageStage {
  /** Opens a document that has the parts as the global `parts`. */
  open(html: string, profile?: Profile): Promise<Tab>;
  newProfile(): Promise<Profile>;
}

/** Serves documents to one engine, with all that the entry exports. */
export function setPages(engine: Engine): PageStage {
  const stage = setBrowser(engine);
  let pages: PageServer;
  let script: string;

  beforeAll(async () => {
    pages = await PageServer.start();
    script = await bundleWorker(fileURLToPath(new URL("globals.ts", import.meta.url)), { platform: "browser" });
  });

  afterAll(() => pages[Symbol.asyncDispose]());

  return {
    newProfile: () => stage.browser.newProfile(),
    async open(html, profile) {
      const tab = await (profile ?? (await stage.browser.newProfile())).newTab();
      await tab.goto(pages.add(html, script));
      await tab.waitUntil(() => "parts" in globalThis);
      return tab;
    },
  };
}
