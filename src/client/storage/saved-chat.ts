import { toKey } from "../message-key.js";
import {
  ENVELOPE,
  hasShape,
  isAuthor,
  isCount,
  isMessageList,
  isString,
  type JsonObject,
  oneOf,
  optional,
} from "../shape.js";
import type { SentMessage, UnsentMessage } from "../snapshot.js";
import type { CachedTail, SavedChat, SavedMessage } from "./storage.js";

const isMessage = hasShape<SavedMessage>({
  message: hasShape({
    ...ENVELOPE,
    state: oneOf("pending", "failed", "uncertain"),
    error: optional(hasShape({ code: isString, text: isString })),
  }),
  after: optional(isString),
  connectionId: optional(isString),
  scope: optional(hasShape({ author: isString, sessionId: isString })),
});

const isCachedTail = hasShape<CachedTail>({
  epoch: isString,
  seq: isCount,
  timestamp: optional(isCount),
  messages: isMessageList,
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
