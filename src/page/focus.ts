/**
 * Moves the focus to an element of the page when the focused one is removed, hidden or disabled, which would leave it on the body.
 *
 * @param root what is watched: the whole conversation
 * @param target returns the element to focus. Default: `root`, which needs a `tabindex`
 * @returns a function that ends this
 *
 * @example
 * keepFocus(document.querySelector("main"), () => document.querySelector(".messages"));
 */
export function keepFocus(root: HTMLElement, target: () => HTMLElement = () => root): () => void {
  let focused: Element | null = null;
  const remember = ({ target: entered }: FocusEvent): void => {
    focused = entered as Element;
  };
  const forget = ({ target: left, relatedTarget }: FocusEvent): void => {
    // An element that could keep the focus has lost it to another one, to a press beside everything or to another window. Some engines
    // tell of an element that is being removed, too, while it is still there.
    queueMicrotask(() => {
      if (focused === left && (relatedTarget !== null || canFocus(focused))) focused = null;
    });
  };
  const look = (): void => {
    if (focused && !canFocus(focused)) {
      focused = null;
      target().focus({ preventScroll: true });
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(root, {
    childList: true,
    subtree: true,
    attributeFilter: ["hidden", "disabled", "inert", "style", "class"],
  });
  root.addEventListener("focusin", remember);
  root.addEventListener("focusout", forget);
  return () => {
    observer.disconnect();
    root.removeEventListener("focusin", remember);
    root.removeEventListener("focusout", forget);
  };
}

function canFocus(element: Element | null): element is Element {
  return element?.isConnected === true && element.checkVisibility() && !element.matches(":disabled");
}
