import { eventually } from "../browser.js";
import type { EngineTab } from "./engine.js";
import { locate, type Target, toQuery } from "./locate.js";

/** What goes into a page and comes out of it. */
export type Json = string | number | boolean | null | undefined | Json[] | { [key: string]: Json };

/** One tab of a browser. What acts on a target waits until the page has it; each wait ends by failing the test. */
export class Tab {
  readonly #tab: EngineTab;

  constructor(tab: EngineTab) {
    this.#tab = tab;
  }

  /** Goes to an address, and waits until its document is loaded. */
  goto(address: string): Promise<void> {
    return this.#tab.goto(address);
  }

  reload(): Promise<void> {
    return this.#tab.reload();
  }

  close(): Promise<void> {
    return this.#tab.close();
  }

  screenshot(): Promise<Uint8Array> {
    return this.#tab.screenshot();
  }

  /** Runs a function in the page. It is sent as text, so it can use its arguments and the page, and nothing else. */
  async evaluate<Args extends Json[], Result>(run: (...args: Args) => Result, ...args: Args): Promise<Awaited<Result>> {
    const list = args.map((value) => JSON.stringify(value) ?? "undefined").join(", ");
    return (await this.#tab.evaluate(`(${run})(${list})`)) as Awaited<Result>;
  }

  /** Runs a function in the page with all that the target finds there. */
  async evaluateAll<Args extends Json[], Result>(
    target: Target,
    run: (parts: HTMLElement[], ...args: Args) => Result,
    ...args: Args
  ): Promise<Awaited<Result>> {
    const list = [`(${locate})(${JSON.stringify(toQuery(target))})`, ...args.map((value) => JSON.stringify(value))];
    return (await this.#tab.evaluate(`(${run})(${list.join(", ")})`)) as Awaited<Result>;
  }

  /** Waits until a function that runs in the page returns true. */
  async waitUntil<Args extends Json[]>(isSo: (...args: Args) => boolean, ...args: Args): Promise<void> {
    await eventually(() => this.evaluate(isSo, ...args).catch(String)).toBe(true);
  }

  /** Waits until the page shows the target. */
  async shows(target: Target): Promise<void> {
    await eventually(() => this.#isShown(target)).toBe(true);
  }

  /** Waits until the page does not show the target any more. */
  async hides(target: Target): Promise<void> {
    await eventually(() => this.#isShown(target)).toBe(false);
  }

  /** The texts of all that the target finds, as they stand in the document. */
  texts(target: Target): Promise<string[]> {
    return this.evaluateAll(target, (parts) => parts.map((part) => part.textContent ?? ""));
  }

  /** Waits until what the target finds has exactly these texts. */
  async hasTexts(target: Target, texts: string[]): Promise<void> {
    await eventually(() => this.texts(target).catch(String)).toEqual(texts);
  }

  /** Clicks with the mouse into the middle of the first that the target finds, once nothing covers it. */
  async click(target: Target): Promise<void> {
    const { x, y } = await this.#placeOf(target);
    await this.#tab.clickAt(x, y);
  }

  /** Replaces the text of a field: clicks into it, selects all, and types. */
  async fill(target: Target, text: string): Promise<void> {
    await this.click(target);
    await this.evaluateAll(target, ([field]) => {
      if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.select();
    });
    await (text === "" ? this.press("Delete") : this.type(text));
  }

  /** Clicks into a text area and replaces its text at once, as a paste does. */
  async paste(target: Target, text: string): Promise<void> {
    await this.click(target);
    await this.evaluateAll(
      target,
      ([box], value) => {
        if (!(box instanceof HTMLTextAreaElement)) return;
        box.value = value;
        box.setSelectionRange(value.length, value.length);
        box.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true, inputType: "insertFromPaste" }));
      },
      text,
    );
  }

  /** Types a text into what has the focus. */
  type(text: string): Promise<void> {
    return this.#tab.type(text);
  }

  /** Presses a key, or several together: `Enter`, `Shift+Tab`, `Control+a`. Keys have their names of the DOM. */
  press(keys: string): Promise<void> {
    return this.#tab.press(keys.split("+"));
  }

  /** A page that is being replaced answers nothing. */
  async #isShown(target: Target): Promise<boolean | string> {
    return this.evaluateAll(target, (parts) =>
      parts.some((part) => part.checkVisibility({ visibilityProperty: true })),
    ).catch(String);
  }

  async #placeOf(target: Target): Promise<{ x: number; y: number }> {
    let place: { x: number; y: number } | undefined;
    const look = async () => {
      const seen = await this.evaluateAll(target, middle);
      if (typeof seen === "string") return seen;
      place = seen;
      return "found";
    };
    await eventually(() => look().catch(String)).toBe("found");
    if (place === undefined) throw new Error(`Nothing was found: ${JSON.stringify(toQuery(target))}`);
    return place;
  }
}

/** Where to click on the first part that is shown; else what hinders. Runs in the page. */
async function middle(parts: HTMLElement[]): Promise<{ x: number; y: number } | string> {
  const part = parts.find((each) => each.checkVisibility({ visibilityProperty: true }));
  if (part === undefined) return `It is not shown; ${parts.length} are in the document.`;
  part.scrollIntoView({ block: "nearest", inline: "nearest" });
  const before = part.getBoundingClientRect();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { left, top, width, height } = part.getBoundingClientRect();
  if (left !== before.left || top !== before.top) return "It is moving.";
  const [x, y] = [left + width / 2, top + height / 2];
  let hit = document.elementFromPoint(x, y);
  while (hit?.shadowRoot) {
    const deeper = hit.shadowRoot.elementFromPoint(x, y);
    if (deeper === null || deeper === hit) break;
    hit = deeper;
  }
  for (let at: Node | null = hit; at !== null; at = at instanceof ShadowRoot ? at.host : at.parentNode) {
    if (at === part) return { x, y };
  }
  return `It is covered by ${hit?.outerHTML.slice(0, 200)}`;
}
