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
import type { CachedTail, SavedChat, SavedMessage } from "./storage.js";

const isMessage = hasShape<SavedMessage>({
  message: hasShape({
    ...ENVELOPE,
    state: oneOf("pending", "failed", "uncertain"),
    error: optional(hasShape({ code: isText, text: isText })),
  }),
  after: optional(isText),
  connectionId: optional(isText),
  scope: optional(hasShape({ author: isText, sessionId: isText })),
});

const isCachedTail = hasShape<CachedTail>({
  epoch: isText,
  seq: isWhole,
  timestamp: optional(isWhole),
  messages: areInOrder,
  identity: optional(isAuthor),
});

/** What of a storage's answer can be used, and whether that is all of it. */
export function readSavedChat(value: unknown): { chat: SavedChat; isWhole: boolean } {
  const { messages, cachedTail }: JsonObject = Object(value);
  // What is no list counts as one entry that cannot be used.
  const entries: unknown[] = Array.isArray(messages) ? messages : [undefined];
  const saved = entries.filter(isMessage).map((entry) => ({ ...entry, message: keyed(entry.message) }));
  const usable = isCachedTail(cachedTail) ? { ...cachedTail, messages: cachedTail.messages.map(keyed) } : undefined;
  return {
    chat: { messages: saved, cachedTail: usable },
    isWhole: saved.length === entries.length && !usable === !cachedTail,
  };
}

/** A key holds for as long as the client lives: the next one gives its own. */
function keyed<Message extends UnsentMessage | SentMessage>(message: Message): Message {
  return { ...message, key: toKey(message) };
}
