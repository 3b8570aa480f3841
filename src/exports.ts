export type { FinishChunk, FinishReason, ReplyChunk, ReplyPart, ReplyPiece, ReplyUsage } from "./protocol/chunk.js";
export { CLOSE_CODES } from "./protocol/close-codes.js";
export { decodeMessage, encodeMessage } from "./protocol/codec.js";
export type { Author, ChatMessage, ChatMessageType, ChatRole, DecodedMessage } from "./protocol/envelope.js";
export {
  type ApplicationCode,
  ChatError,
  type ChatErrorCode,
  type ChatErrorOptions,
  ERROR_CODES,
} from "./protocol/errors.js";
export type { SequencedMessage } from "./protocol/frames.js";
export { createMessageId } from "./protocol/ids.js";
export type { EnvelopeReference } from "./protocol/regenerates.js";
export { forwardIdentity, type Identity } from "./server/access/identity.js";
export type { Rate } from "./server/access/rate-limit.js";
export { readToken, type TokenSources } from "./server/access/token.js";
export type {
  ConnectionEvent,
  DisconnectEvent,
  FrameEvent,
  FrameInEvent,
  FrameOutEvent,
  Hooks,
  LiveContext,
  RefuseEvent,
} from "./server/hooks.js";
export type { Authenticate, ChatOptions, InboundType, Reauthenticate } from "./server/options.js";
export type { ReplyVisibility } from "./server/stream/reply-parts.js";
export type { MakeSource, PartialReply, ReplySource } from "./server/stream/source.js";
export { type ChatTransport, type ChatTransportOptions, createChatTransport } from "./server/transport.js";
export type {
  ConversationMessage,
  Draft,
  MessageHandler,
  Reply,
  TurnContext,
  TurnHistoryQuery,
} from "./server/turn/context.js";
export type { AnsweredCall, Continuation } from "./server/turn/continuation.js";
export { getAttachment, setAttachment } from "./session/attachments.js";
export { identify, type SessionObject, scheduleAlarm } from "./session/internals.js";
export { chatSession } from "./session/rpc/client.js";
export type {
  ChatSession,
  ConnectionInfo,
  DisconnectOptions,
  DisconnectTarget,
  History,
  HistoryQuery,
  ToolAnswer,
} from "./session/rpc/methods.js";
export type { ChatSessionDOOptions } from "./session/settings.js";
