import baseCss from "../conversation/base.css";
import { sheetOf } from "../conversation/element.js";
import type * as ChatModule from "./chat.js";
import type { Corner, WidgetOptions } from "./corner.js";
import { KeptValue } from "./kept-value.js";
import launcherCss from "./launcher.css";
import { Launcher } from "./launcher.js";

/** The tag of the element that the widget lives in. */
export const TAG = "workkit-support";

/**
 * A corner of somebody's page, apart from it: the launcher, and the conversation with the desk once there is one. That is most of the
 * code, and is loaded for those who open it, or have opened it before.
 */
export class Widget {
  readonly #options: WidgetOptions;
  readonly #corner: Corner;
  /** Whether this visitor has opened the panel in this browser. */
  readonly #isKnown: KeptValue;
  #chat: Promise<ChatModule.SupportChat> | undefined;
  #failures = 0;

  constructor(options: WidgetOptions, theme?: string) {
    const { room, title } = options;
    this.#options = options;
    this.#isKnown = new KeptValue(`workkit.support/${room}/known`);
    const launcher = new Launcher(title, () => this.#open());
    const wasOpen = new KeptValue(`workkit.support/${room}/open`, "sessionStorage");
    this.#corner = { shadow: settle(theme), launcher, wasOpen };
    this.#corner.shadow.append(launcher.element);
    const preload = (): void => void this.#load().catch(() => undefined);
    // A pointer that comes near is likely to press.
    launcher.element.onpointerenter = preload;
    if (this.#isKnown.get()) preload();
    // The network may be gone by the time that somebody presses.
    else whenIdle(preload);
  }

  async #open(): Promise<void> {
    const { launcher } = this.#corner;
    launcher.report("");
    try {
      (await this.#load()).open();
      this.#isKnown.set("yes");
    } catch (error) {
      console.error(error);
      launcher.report("This could not be loaded. Please try again.");
    }
  }

  #load(): Promise<ChatModule.SupportChat> {
    this.#chat ??= this.#import().catch((error: unknown) => {
      this.#chat = undefined;
      this.#failures += 1;
      throw error;
    });
    return this.#chat;
  }

  async #import(): Promise<ChatModule.SupportChat> {
    // A browser may remember that an address could not be loaded.
    const attempt = this.#failures === 0 ? "" : `?attempt=${this.#failures}`;
    const chat: typeof ChatModule = await import(`${this.#options.origin}/chat.js${attempt}`);
    return new chat.SupportChat(this.#options, this.#corner);
  }
}

/** Calls `run` when the page is loaded and has nothing else to do; never where the visitor wants to save data. */
function whenIdle(run: () => void): void {
  if ("connection" in navigator && Object(navigator.connection).saveData === true) return;
  // WebKit has no such callback.
  const wait = (): unknown => globalThis.requestIdleCallback?.(run) ?? setTimeout(run, 1_000);
  if (document.readyState === "complete") wait();
  else addEventListener("load", wait, { once: true });
}

/** Moves in: beside the page's body, so that nothing done to that one moves or removes it. */
function settle(theme: string | undefined): ShadowRoot {
  const host = document.createElement(TAG);
  if (theme !== undefined) host.dataset["theme"] = theme;
  const shadow = host.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [sheetOf(baseCss, launcherCss)];
  // The page's shortcuts are not for what is typed here.
  for (const type of ["keydown", "keypress", "keyup"])
    shadow.addEventListener(type, (event) => event.stopPropagation());
  document.documentElement.append(host);
  return shadow;
}
