import {
  areInOrder,
  ENVELOPE,
  hasShape,
  isAuthor,
  isText,
  isWhole,
  type JsonObject,
  oneOf,
  optional,
} from "./shape.js";
import type { SavedChat, SavedMessage, SavedPage } from "./storage.js";

const isMessage = hasShape<SavedMessage>({
  message: hasShape({
    ...ENVELOPE,
    state: oneOf("pending", "failed", "uncertain"),
    error: optional(hasShape({ code: isText, text: isText })),
  }),
  after: optional(isText),
  connectionId: optional(isText),
  owner: optional(hasShape({ author: isText, sessionId: isText })),
});

const isPage = hasShape<SavedPage>({
  epoch: isText,
  seq: isWhole,
  messages: areInOrder,
  identity: optional(isAuthor),
});

/** What of a storage's answer can be used, and whether that is all of it. */
export function readSavedChat(value: unknown): { chat: SavedChat; isWhole: boolean } {
  const { messages, page }: JsonObject = Object(value);
  // What is no list counts as one entry that cannot be used.
  const entries: unknown[] = Array.isArray(messages) ? messages : [undefined];
  const chat = { messages: entries.filter(isMessage), page: isPage(page) ? page : undefined };
  return { chat, isWhole: chat.messages.length === entries.length && chat.page === page };
}
