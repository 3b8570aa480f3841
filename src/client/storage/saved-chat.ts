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
import type { Persistence } from "./persistence.js";
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

/**
 * Loads what the storage has.
 *
 * @param onLoad is given the entries that can be read, and whether these are all
 * @param key as in `Persistence.run`
 */
export function loadSavedChat(
  persistence: Persistence,
  onLoad: (chat: SavedChat, isComplete: boolean) => void,
  key?: number,
): void {
  persistence.run(
    (from) => from.load(),
    (value: unknown) => onLoad(...readSavedChat(value)),
    key,
  );
}

function readSavedChat(value: unknown): [chat: SavedChat, isComplete: boolean] {
  const { messages, cachedTail }: JsonObject = Object(value);
  // A value that is no list counts as one entry that cannot be read.
  const entries: unknown[] = Array.isArray(messages) ? messages : [undefined];
  const saved = entries.filter(isMessage).map((entry) => ({ ...entry, message: withKey(entry.message) }));
  const usable = isCachedTail(cachedTail) ? { ...cachedTail, messages: cachedTail.messages.map(withKey) } : undefined;
  return [{ messages: saved, cachedTail: usable }, saved.length === entries.length && !usable === !cachedTail];
}

/** A key is valid for the lifetime of a client: the next one gives its own. */
function withKey<Message extends UnsentMessage | SentMessage>(message: Message): Message {
  return { ...message, key: toKey(message) };
}
