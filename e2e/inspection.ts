import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { ChatWindow } from "./chat-window.js";

const SCREENSHOTS = fileURLToPath(new URL("screenshots/", import.meta.url));
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const WIDTHS = [360, 1440];
const SCHEMES = ["light", "dark"] as const;

/** What a page is looked at in: narrow and wide, light and dark. */
export const SIGHTS = WIDTHS.flatMap((width) =>
  SCHEMES.map((colorScheme) => ({
    width,
    colorScheme,
    options: { viewport: { width, height: 860 }, colorScheme, reducedMotion: "reduce" as const },
  })),
);

/** Takes a picture, and holds what is on the page against axe and against the window's edge. */
export async function inspect({ page, faults }: ChatWindow, name: string): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}${name}.png` });
  await page.evaluate(await readFile(AXE, "utf8"));
  const violations = await page.evaluate(async () => {
    const run: unknown = Reflect.get(window, "axe").run;
    if (typeof run !== "function") throw new Error("axe is not in the page.");
    const results: {
      passes: unknown[];
      violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
    } = await run();
    if (results.passes.length < 20) throw new Error("axe has looked at next to nothing.");
    return results.violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map((node) => [node.html, node.failureSummary]),
    }));
  });
  expect(violations).toEqual([]);
  expect(await page.evaluate(beyondTheEdge)).toEqual([]);
  expect(faults).toEqual([]);
}

/**
 * What reaches out of the window to the right, makes the page scroll sideways, or is positioned by something outside of the list that
 * it is in: it does not scroll with that, and makes the page as long as the list is. Runs in the page.
 */
function beyondTheEdge(): string[] {
  const within = (root: ParentNode): Element[] =>
    [...root.querySelectorAll("*")].flatMap((part) => [part, ...(part.shadowRoot ? within(part.shadowRoot) : [])]);
  const parts = within(document);
  const scrolls = parts.filter(
    (part) => part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflowX === "auto",
  );
  const sticksOut = parts.filter((part) => part.getBoundingClientRect().right > innerWidth + 1);
  const scrollerOf = (part: Element): Element | null => {
    const { parentElement } = part;
    return parentElement && /auto|scroll/.test(getComputedStyle(parentElement).overflowY)
      ? parentElement
      : parentElement && scrollerOf(parentElement);
  };
  const escapes = parts.filter(
    (part) =>
      part instanceof HTMLElement &&
      getComputedStyle(part).position === "absolute" &&
      part.offsetParent !== null &&
      scrollerOf(part)?.contains(part.offsetParent) === false,
  );
  const wide = document.documentElement.scrollWidth > innerWidth ? ["the page"] : [];
  return [
    ...wide,
    ...[...scrolls, ...sticksOut, ...escapes].map((part) => `${part.tagName} ${part.id} ${part.className}`),
  ];
}
