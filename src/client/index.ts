export type { ReplyPart } from "../protocol/chunk.js";
export type { Author, ChatMessage, ChatMessageType, ChatRole } from "../protocol/envelope.js";
export { type ApplicationCode, ChatError, type ChatErrorCode } from "../protocol/errors.js";
export type { HelloFrame, SequencedMessage } from "../protocol/frames.js";
export { ChatClient } from "./client.js";
export { backoffDelay } from "./connection/delays.js";
export type { WebSocketConstructor, WebSocketEvent, WebSocketLike } from "./connection/socket.js";
export type { ChatClientEvents, LogMessage } from "./events.js";
export { readAuthor } from "./frame-reader.js";
export type { ChatClientOptions, StringProvider, TokenProvider } from "./options.js";
export type { ChatDraft, ToolAnswer } from "./outbox/draft.js";
export type {
  ChatErrorInfo,
  ChatGap,
  ChatSnapshot,
  ClientMessage,
  ClientStatus,
  CloseCause,
  EphemeralMessage,
  SentMessage,
  StreamingMessage,
  TypingUser,
  UnsentMessage,
} from "./snapshot.js";
export { indexedDbStorage } from "./storage/indexed-db-storage.js";
export type { CachedTail, ChatStorage, MessageScope, SavedChat, SavedMessage } from "./storage/storage.js";
export { type ClearableStorage, type StorageArea, webStorage } from "./storage/web-storage.js";
export type { CancelResult } from "./turn-requests.js";
