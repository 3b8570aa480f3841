import type { ChatClient } from "../client/index.js";

/** Most messages that a server sends at once. */
const PAGE = 200;
/** How long the page may take to show what was loaded, in milliseconds. */
const DRAWN_WITHIN_MS = 3_000;

export interface WholeOptions {
  /** Contains the lines of the list, each with the attribute `data-key`. Keys that are pressed elsewhere are left alone. Default: the document. */
  root?: Document | ShadowRoot | HTMLElement | undefined;
  /** Most messages that are loaded. Default 10,000. */
  limit?: number | undefined;
  /** Called when earlier messages begin to be loaded, and when that has ended. Default: nothing is called. */
  onLoading?: ((isLoading: boolean) => void) | undefined;
}

/** The whole conversation, and not only what is loaded of it. */
export interface Whole {
  /** Loads all earlier messages. Resolves with whether everything is there, when the page shows it. */
  load(): Promise<boolean>;
  /** The same, and then prints. */
  print(): Promise<boolean>;
  dispose(): void;
}

/**
 * Gives the whole conversation to be printed or copied: a page shows the newest messages, and loads earlier ones when it is asked to. With
 * Ctrl+P or Cmd+P they are loaded before the page is printed, and with Ctrl+A or Cmd+A outside of a text field while all is selected. The menu of a
 * browser prints what is loaded: no browser waits.
 *
 * @example
 * const whole = prepareWhole(client);
 * button.onclick = () => whole.print();
 */
export function prepareWhole(client: ChatClient, options: WholeOptions = {}): Whole {
  const { root = document, limit = 10_000, onLoading } = options;
  let loading: Promise<boolean> | undefined;
  const loadAll = async (): Promise<boolean> => {
    if (client.getSnapshot().hasOlder) onLoading?.(true);
    const hasMore = (): boolean => client.getSnapshot().hasOlder;
    while (hasMore() && client.getSnapshot().messages.length < limit && (await client.loadOlder(PAGE)));
    await untilDrawn(root, client.getSnapshot().messages.length);
    onLoading?.(false);
    loading = undefined;
    return !hasMore();
  };
  const load = (): Promise<boolean> => (loading ??= loadAll());
  const print = async (): Promise<boolean> => {
    const isWhole = await load();
    globalThis.print();
    return isWhole;
  };
  const onKey = (event: Event): void => {
    if (!(event instanceof KeyboardEvent) || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
      return;
    const key = event.key.toLowerCase();
    if (key === "p") {
      event.preventDefault();
      void print();
    } else if (key === "a" && !isField(event.composedPath()[0])) void load();
  };
  root.addEventListener("keydown", onKey);
  return { load, print, dispose: () => root.removeEventListener("keydown", onKey) };
}

/** Whether this is where text is written, in which Ctrl+A selects that text. */
function isField(target: EventTarget | undefined): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

/** Frameworks show what is new some time later. */
async function untilDrawn(root: ParentNode, count: number): Promise<void> {
  const end = performance.now() + DRAWN_WITHIN_MS;
  while (root.querySelectorAll("[data-key]").length < count && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
