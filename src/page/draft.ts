import { type KeptText, keepText, type PageStorage } from "./kept-text.js";

/**
 * The text that one user is writing in one conversation. It outlives a reload.
 *
 * @param name names the user and the conversation: another user, or another conversation, must have another name
 * @param storage default `localStorage`, which all tabs share. `sessionStorage` is for this tab alone
 *
 * @example
 * const isWriting = openDraft(`${userId}/${roomId}`).read() !== "";
 */
export function openDraft(name: string, storage?: PageStorage): KeptText {
  return keepText(`workkit.chat.draft/${name}`, storage);
}
