/** Fewer pixels than any keyboard has: toolbars of the browser and rounding make a difference, too. */
const LEAST_KEYBOARD = 100;

/**
 * Keeps an element as high as what the keyboard of a phone leaves of the window, in browsers that lay the keyboard over the page: Safari
 * on iOS. In others the window itself gets smaller, and nothing is done. A page that the user has enlarged is left alone.
 *
 * @param element fills the window: the whole chat
 * @returns a function that ends this
 *
 * @example
 * fitViewport(document.querySelector("main"));
 */
export function fitViewport(element: HTMLElement): () => void {
  const viewport = globalThis.visualViewport;
  if (!viewport) return () => undefined;
  const { style } = element;
  const resize = (): void => {
    const { height, offsetTop, scale } = viewport;
    const isCovered = scale === 1 && innerHeight - height > LEAST_KEYBOARD;
    style.height = isCovered ? `${height}px` : "";
    // Safari scrolls the window to bring the box into sight, and what fills the window with it.
    style.marginTop = isCovered ? `${offsetTop}px` : "";
  };
  viewport.addEventListener("resize", resize);
  viewport.addEventListener("scroll", resize);
  resize();
  return () => {
    viewport.removeEventListener("resize", resize);
    viewport.removeEventListener("scroll", resize);
    [style.height, style.marginTop] = ["", ""];
  };
}
