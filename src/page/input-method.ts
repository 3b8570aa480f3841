/**
 * Whether a key event belongs to an input method: its Enter accepts a suggestion, and its Escape discards one. Leave such a key to it.
 *
 * @example
 * dialog.onkeydown = (event) => {
 *   if (event.key === "Escape" && !isInputMethodKey(event)) dialog.close();
 * };
 */
export function isInputMethodKey({ isComposing, keyCode }: Pick<KeyboardEvent, "isComposing" | "keyCode">): boolean {
  // Safari sends the key that ends a composition after `compositionend`, and only its code tells what it was.
  return isComposing || keyCode === 229;
}

/** Whether a key sends: Enter does, except with Shift or Alt, for an input method, and on touch screens, where it makes a line. */
export function isSendKey(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" || event.shiftKey || event.altKey || isInputMethodKey(event)) return false;
  return event.ctrlKey || event.metaKey || !hasTouchKeyboard();
}

/** Whether the main pointer is a finger: the keyboard is then most likely on the screen, and has no Shift+Enter. */
export function hasTouchKeyboard(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}
