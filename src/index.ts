export { decodeMessage, encodeMessage } from "./protocol/codec.js";
export type { Author, ChatMessage, ChatMessageType, ChatRole, DecodedMessage } from "./protocol/envelope.js";
export { ChatError, type ChatErrorCode, type ChatErrorOptions, CLOSE_CODES, ERROR_CODES } from "./protocol/errors.js";
export type { SequencedMessage } from "./protocol/frames.js";
export { createMessageId } from "./protocol/ids.js";
export type { Draft, TurnContext } from "./server/context.js";
export type {
  ConnectionEvent,
  DisconnectEvent,
  FrameEvent,
  FrameInEvent,
  FrameOutEvent,
  Hooks,
  RefuseEvent,
} from "./server/hooks.js";
export { forwardIdentity, type Identity } from "./server/identity.js";
export type { Authorize, ChatOptions, InboundType, MessageHandler, Renew } from "./server/options.js";
export type { Rate } from "./server/rate-limit.js";
export { readToken, type TokenSources } from "./server/token.js";
export { type ChatTransport, type ChatTransportOptions, createChatTransport } from "./server/transport.js";
export { getAttachment, setAttachment } from "./session/attachments.js";
export {
  type ChatSession,
  type ConnectionInfo,
  chatSession,
  type DisconnectOptions,
  type DisconnectTarget,
  type History,
  type HistoryQuery,
} from "./session/chat-session.js";
export { ChatSessionDO } from "./session/session.js";
export type { ChatSessionDOOptions } from "./session/settings.js";
