export type { Author, ChatMessage, ChatMessageType, ChatRole } from "../protocol/envelope.js";
export { ChatError, type ChatErrorCode } from "../protocol/errors.js";
export type { HelloFrame, SequencedMessage } from "../protocol/frames.js";
export { backoffDelay } from "./backoff.js";
export { ChatClient } from "./client.js";
export type { ChatDraft } from "./draft.js";
export type { ChatClientEvents, LogMessage } from "./events.js";
export { indexedDbStorage } from "./indexed-db-storage.js";
export type { ChatClientOptions, StringProvider, TokenProvider } from "./options.js";
export { readAuthor } from "./received.js";
export type {
  ChatErrorInfo,
  ChatGap,
  ChatSnapshot,
  ClientMessage,
  ClientStatus,
  CloseCause,
  EphemeralMessage,
  SentMessage,
  TypingUser,
  UnsentMessage,
} from "./snapshot.js";
export type { WebSocketConstructor, WebSocketEvent, WebSocketLike } from "./socket.js";
export type { CachedTail, ChatStorage, MessageScope, SavedChat, SavedMessage } from "./storage.js";
export { type ClearableStorage, type StorageArea, webStorage } from "./web-storage.js";
