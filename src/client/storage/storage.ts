import type { Author } from "../../protocol/envelope.js";
import type { SentMessage, UnsentMessage } from "../snapshot.js";

/** An identity in a session. */
export interface MessageScope {
  author: string;
  sessionId: string;
}

/** A message of one's own that is not known to be in the log, as it is kept. */
export interface SavedMessage {
  message: UnsentMessage;
  /** The cursor when it was first sent; unset for as long as it was not. */
  after?: string | undefined;
  /** The connection on which it was first sent. */
  connectionId?: string | undefined;
  /** Whose it is and where it belongs, once the server has said so: it is sent nowhere else. */
  scope?: MessageScope | undefined;
}

/** The end of the conversation, as it was last shown. */
export interface CachedTail {
  /** Where the log was read up to. */
  epoch: string;
  seq: number;
  timestamp?: number | undefined;
  messages: readonly SentMessage[];
  identity: Author | undefined;
}

/** All that is kept. */
export interface SavedChat {
  /** In any order. */
  messages: readonly SavedMessage[];
  cachedTail?: CachedTail | undefined;
}

/**
 * Where a client keeps what has to outlive its page: `webStorage`, `indexedDbStorage`, or your own. What it is given are JSON
 * values. One that returns nothing is done when it returns; where there is a promise, the client sends a message only after
 * it is kept. Several clients may share one: each message is an entry of its own.
 */
export interface ChatStorage {
  /** What it is for. Of two storages with the same name the React provider takes the second for the first. */
  readonly name?: string;
  load(): SavedChat | Promise<SavedChat>;
  /** Keeps a message, in place of the one with the same id. */
  saveMessage(saved: SavedMessage): void | Promise<void>;
  removeMessage(id: string): void | Promise<void>;
  saveCachedTail(tail: CachedTail): void | Promise<void>;
}
