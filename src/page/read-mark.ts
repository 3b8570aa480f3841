import { openDraft } from "./draft.js";
import { type KeptText, keepText, type PageStorage } from "./kept-text.js";

/** How far one user has read in one conversation. */
export function openReadMark(name: string, storage?: PageStorage): KeptText {
  return keepText(`workkit.chat.read/${name}`, storage);
}

/**
 * Removes what is kept under a name, the draft and how far the user has read: at the sign-out.
 *
 * @param storage default `localStorage`
 */
export function forgetKept(name: string, storage?: PageStorage): void {
  openDraft(name, storage).write("");
  openReadMark(name, storage).write("");
}
