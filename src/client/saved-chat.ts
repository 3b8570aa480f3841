import { areInOrder, ENVELOPE, hasShape, isAuthor, isObject, isText, isWhole, oneOf, optional } from "./shape.js";
import type { SavedChat, SavedMessage, SavedPage } from "./storage.js";

const isMessage = hasShape({
  message: hasShape({
    ...ENVELOPE,
    state: oneOf("pending", "failed", "uncertain"),
    error: optional(hasShape({ code: isText, text: isText })),
  }),
  after: optional(isText),
  connectionId: optional(isText),
  owner: optional(hasShape({ author: isText, sessionId: isText })),
});

const isPage = hasShape({ epoch: isText, seq: isWhole, messages: areInOrder, identity: optional(isAuthor) });

/** What of a storage's answer can be used, and whether that is all of it. */
export function readSavedChat(value: unknown): { chat: SavedChat; isWhole: boolean } {
  const { messages, page } = isObject(value) ? value : {};
  const saved = Array.isArray(messages) ? messages.filter((entry): entry is SavedMessage => isMessage(entry)) : [];
  const usable = isSavedPage(page) ? page : undefined;
  const isWhole = Array.isArray(messages) && saved.length === messages.length && usable === page;
  return { chat: { messages: saved, page: usable }, isWhole };
}

function isSavedPage(page: unknown): page is SavedPage {
  return isPage(page);
}
