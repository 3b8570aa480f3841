import type { EngineProfile, EngineTab } from "./engine.js";
import { Tab } from "./tab.js";

/** Cookies and storage of one person. */
export class Profile {
  readonly #profile: EngineProfile;
  #tabs: EngineTab[] = [];
  #empty: EngineTab | undefined;

  constructor(profile: EngineProfile) {
    this.#profile = profile;
  }

  async newTab(): Promise<Tab> {
    const tab = this.#empty ?? (await this.#profile.newTab());
    this.#empty = undefined;
    this.#tabs.push(tab);
    return new Tab(tab);
  }

  /** Forgets what the site of its first tab stored, and closes its other tabs. Closes itself and returns false where that fails. */
  async empty(): Promise<boolean> {
    const [first, ...others] = this.#tabs;
    this.#tabs = [];
    try {
      if (first === undefined) throw new Error("There is no tab to empty it with.");
      for (const tab of others) await tab.close();
      // What a page does as it is left is done before the storage is emptied.
      await first.goto(String(await first.evaluate("location.origin + '/left'")));
      await first.evaluate(`(${forget})()`);
      await first.goto("about:blank");
      this.#empty = first;
      return true;
    } catch {
      await this.close();
      return false;
    }
  }

  close(): Promise<void> {
    return this.#profile.close();
  }
}

/** Empties all storage of a site, and fails where it has cookies. Runs in the page. */
async function forget(): Promise<void> {
  if (document.cookie !== "") throw new Error("Scripts cannot forget all cookies.");
  localStorage.clear();
  sessionStorage.clear();
  for (const { name } of await indexedDB.databases()) {
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(name ?? "");
      request.onsuccess = resolve;
      request.onerror = request.onblocked = reject;
    });
  }
}
