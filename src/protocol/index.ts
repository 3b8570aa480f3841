export type { FinishChunk, FinishReason, ReplyChunk, ReplyPart, ReplyPiece, ReplyUsage } from "./chunk.js";
export { CLOSE_CODES, type CloseReason } from "./close-codes.js";
export { decodeMessage, encodeMessage } from "./codec.js";
export type { Author, ChatMessage, ChatMessageType, ChatRole, DecodedMessage } from "./envelope.js";
export {
  type ApplicationCode,
  ChatError,
  type ChatErrorCode,
  type ChatErrorOptions,
  ERROR_CODES,
} from "./errors.js";
export type {
  AckFrame,
  AnnouncedLimits,
  AuthFrame,
  AuthRequestFrame,
  AwaitRequestFrame,
  CancelledFrame,
  CancelRequestFrame,
  ClientEnvelope,
  ClientFrame,
  DeltaFrame,
  Dialect,
  HelloFrame,
  HistoryFrame,
  HistoryRequestFrame,
  NextFrame,
  OverFrame,
  PageFrame,
  PingFrame,
  PongFrame,
  SequencedMessage,
  ServerFrame,
  StreamFrame,
} from "./frames.js";
export { PING_FRAME, PONG_FRAME, SUBPROTOCOL_PLAIN, SUBPROTOCOL_TOKEN_PREFIX, SUBPROTOCOL_V1 } from "./frames.js";
export { createMessageId } from "./ids.js";
export type { EnvelopeReference } from "./regenerates.js";
