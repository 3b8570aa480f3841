import { readdirSync, readFileSync } from "node:fs";
import type { EngineBrowser } from "./engine.js";
import { Profile } from "./profile.js";
import type { Tab } from "./tab.js";

/** A running browser, whichever its engine. */
export class AnyBrowser {
  readonly #browser: EngineBrowser;
  /** The profiles in use, and those that were emptied to be used again. */
  #profiles: Profile[] = [];
  #empty: Profile[] = [];

  constructor(browser: EngineBrowser) {
    this.#browser = browser;
  }

  /** A profile of its own: no cookies, nothing stored, as another person's browser. */
  async newProfile(): Promise<Profile> {
    const profile = this.#empty.pop() ?? new Profile(await this.#browser.newProfile());
    this.#profiles.push(profile);
    return profile;
  }

  /** A tab in a profile of its own. */
  async newTab(): Promise<Tab> {
    return (await this.newProfile()).newTab();
  }

  /** Puts it to sleep as a closed laptop does: nothing of it runs. Returns how to wake it. */
  sleep(): () => void {
    const ids = familyOf(this.#browser.roots());
    const signal = (name: NodeJS.Signals): void => {
      for (const id of ids) process.kill(id, name);
    };
    signal("SIGSTOP");
    return () => signal("SIGCONT");
  }

  /** Ends the use of all profiles: those that can be emptied are used again, for to start one takes seconds. */
  async emptyProfiles(): Promise<void> {
    const used = this.#profiles;
    this.#profiles = [];
    const isEmpty = await Promise.all(used.map((profile) => profile.empty()));
    this.#empty.push(...used.filter((_, at) => isEmpty[at]));
  }

  /** Closes all profiles with their tabs. */
  async closeProfiles(): Promise<void> {
    const profiles = [...this.#profiles, ...this.#empty];
    this.#profiles = [];
    this.#empty = [];
    await Promise.all(profiles.map((profile) => profile.close()));
  }

  async close(): Promise<void> {
    await this.closeProfiles();
    await this.#browser.close();
  }
}

/** These processes and all that descend from them. */
function familyOf(roots: readonly number[]): number[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name): [id: number, parent: number] => [Number(name), parentOf(name)]);
  const family = [...roots];
  for (const member of family) family.push(...parents.filter(([, parent]) => parent === member).map(([id]) => id));
  return family;
}

/** NaN for a process that has ended by now. */
function parentOf(id: string): number {
  try {
    // The name of the program comes before, in parentheses, and may have any sign in it.
    return Number(readFileSync(`/proc/${id}/stat`, "utf8").split(") ").at(-1)?.split(" ")[1]);
  } catch {
    return Number.NaN;
  }
}
