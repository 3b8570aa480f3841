import { toKey } from "./key.js";
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
import type { SentMessage, UnsentMessage } from "./snapshot.js";
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
  timestamp: optional(isWhole),
  messages: areInOrder,
  identity: optional(isAuthor),
});

/** What of a storage's answer can be used, and whether that is all of it. */
export function readSavedChat(value: unknown): { chat: SavedChat; isWhole: boolean } {
  const { messages, page }: JsonObject = Object(value);
  // What is no list counts as one entry that cannot be used.
  const entries: unknown[] = Array.isArray(messages) ? messages : [undefined];
  const saved = entries.filter(isMessage).map((entry) => ({ ...entry, message: keyed(entry.message) }));
  const usable = isPage(page) ? { ...page, messages: page.messages.map(keyed) } : undefined;
  return { chat: { messages: saved, page: usable }, isWhole: saved.length === entries.length && !usable === !page };
}

/** A key holds for as long as the client lives: the next one gives its own. */
function keyed<Message extends UnsentMessage | SentMessage>(message: Message): Message {
  return { ...message, key: toKey(message) };
}
