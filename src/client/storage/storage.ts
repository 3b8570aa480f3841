import type { Author } from "../../protocol/envelope.js";
import type { SentMessage, UnsentMessage } from "../snapshot.js";

/** The identity that wrote a message, and the session that it belongs to. */
export interface MessageScope {
  /** The id of the identity. */
  author: string;
  sessionId: string;
}

/** A message of the outbox, as a storage keeps it. */
export interface SavedMessage {
  message: UnsentMessage;
  /** The cursor of the client when it first sent the message (P2). Unset while it was never sent. */
  after?: string | undefined;
  /** The id of the connection on which it was first sent. */
  connectionId?: string | undefined;
  /** Who wrote it and where, as soon as the server has said so. It is sent as no one else, and nowhere else. */
  scope?: MessageScope | undefined;
}

/** The newest messages of the log as they were last shown, and the cursor from which the next client resumes. */
export interface CachedTail {
  /** The name of the log, and up to where it was read. */
  epoch: string;
  seq: number;
  timestamp?: number | undefined;
  messages: readonly SentMessage[];
  identity: Author | undefined;
}

/** All that a storage keeps for one client. */
export interface SavedChat {
  /** In any order. */
  messages: readonly SavedMessage[];
  cachedTail?: CachedTail | undefined;
}

/**
 * Where a client keeps its outbox and the tail of the log: `webStorage`, `indexedDbStorage`, or your own. It stores JSON values.
 *
 * A method that returns no promise must be done when it returns. If `saveMessage` returns one, the message is sent only after
 * it is resolved. A storage that throws, rejects, or does not answer in 5 seconds is not used for 10 seconds; no message is lost.
 * Several clients may share a storage: each message is an entry of its own.
 */
export interface ChatStorage {
  /** Names one user in one session. The React provider takes two storages of the same name for the same. */
  readonly name?: string;
  /** Returns everything that was saved. It is called once for the client and once for each connection. */
  load(): SavedChat | Promise<SavedChat>;
  /** Saves a message, instead of the one with the same id. */
  saveMessage(saved: SavedMessage): void | Promise<void>;
  /** Removes a message, if it is there. */
  removeMessage(id: string): void | Promise<void>;
  /** Saves the tail, instead of the one before. It is called with the option `cacheMessages` only, at most twice a second. */
  saveCachedTail(tail: CachedTail): void | Promise<void>;
}
