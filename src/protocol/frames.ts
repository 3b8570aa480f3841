import type { ReplyPart } from "./chunk.js";
import type { Author, ChatMessage, DecodedMessage } from "./envelope.js";

/** The WebSocket subprotocol of the dialect with acks, sequence numbers and resume. */
export const SUBPROTOCOL_V1 = "workkit.chat.v1";
/** The plain dialect by name, for clients that must offer a subprotocol, to carry a token for instance. */
export const SUBPROTOCOL_PLAIN = "workkit.chat.plain";
/** The wire of the AI SDK's `WebSocketChatTransport`, where the application has it. */
export const SUBPROTOCOL_AI_SDK = "workkit.chat.ai-sdk";
/** A subprotocol that starts so carries a token; it is never selected. See `readToken`. */
export const SUBPROTOCOL_TOKEN_PREFIX = "workkit.token.";

/** What a connection speaks, settled by its handshake. The option `dialects` adds others. */
export type Dialect = "plain" | "v1";

/** A heartbeat, byte for byte: these two are what a hibernating session answers without a wake-up (P8). */
export const PING_FRAME = '{"type":"ping"}';
export const PONG_FRAME = '{"type":"pong"}';

/** The envelopes of a v1 client say, on a resend, how far it had read when it first sent them (P2). */
export type ClientEnvelope = DecodedMessage & {
  /** A cursor, `<epoch>:<seq>`. */
  after?: string;
};

export interface PingFrame {
  type: "ping";
  /** v1, from the server: the `pong` is to carry it, which proves that the client has read what it was sent before. */
  nonce?: string;
}

export interface PongFrame {
  type: "pong";
  nonce?: string;
}

/** v1: the client has applied a replay page up to `seq` and asks for the next. */
export interface NextFrame {
  type: "next";
  seq: number;
}

/** v1: the client asks for envelopes of the log that are older than what it was sent. */
export interface HistoryRequestFrame {
  type: "history";
  /** Those before this seq, the newest of them. */
  before: number;
  /** How many at most. */
  limit: number;
}

/** v1: a new access token for this connection, before its identity expires. */
export interface AuthRequestFrame {
  type: "auth";
  token: string;
}

/** The client asks for the end of a turn, by the id of its message or of a reply that is being streamed. */
export interface CancelRequestFrame {
  type: "cancel";
  id: string;
}

/** v1: the client asks to be told when the turn of a message of its own has ended. */
export interface AwaitRequestFrame {
  type: "await";
  id: string;
}

/** All that a client may send. On v1 any other `type` is ignored, on plain it is an `INVALID_MESSAGE`. */
export type ClientFrame =
  | ClientEnvelope
  | PingFrame
  | PongFrame
  | NextFrame
  | HistoryRequestFrame
  | AuthRequestFrame
  | CancelRequestFrame
  | AwaitRequestFrame;

/** What a v1 client may rely on for as long as the connection lives. */
export interface AnnouncedLimits {
  maxMessageSize: number;
  maxMetadataSize: number;
  maxMetadataDepth: number;
  /** Milliseconds; a client pings at least this often. */
  heartbeatInterval: number;
}

/** v1: the first frame of every connection. */
export interface HelloFrame {
  type: "hello";
  protocol: typeof SUBPROTOCOL_V1;
  sessionId: string;
  connectionId: string;
  /** The log's name: a cursor of another epoch is void. */
  epoch: string;
  /** The newest seq of the log, 0 when it is empty. */
  head: number;
  /** The oldest seq from which the log is whole, `head + 1` when it is empty. */
  tail: number;
  /** `new`: no cursor was given; `complete`: all since it follows; `gap`: some of it is gone. */
  resume: "new" | "complete" | "gap";
  /** The first seq that this connection will be sent. */
  replayFrom: number;
  identity: Author;
  /** Milliseconds until the identity expires, if it does. A duration, for the two clocks may differ. */
  expiresIn?: number;
  limits: AnnouncedLimits;
  /** What this server has beyond the frames of the first release: `await`, `cancel`, `deltas`. */
  features: readonly string[];
}

/** v1: a durable envelope with its place in the log. */
export type SequencedMessage = ChatMessage & { seq: number };

/** v1: the envelope `id` is in the log at `seq`. `retry` when it already was. */
export interface AckFrame {
  type: "ack";
  id: string;
  seq: number;
  timestamp: number;
  retry?: true;
}

/** v1: a page ends at `seq`. If `more`, the next is sent when the client asks for it with `next`; else the connection is live. */
export interface PageFrame {
  type: "page";
  seq: number;
  more: boolean;
}

/** v1: answers `history`. Envelopes before `before`, oldest first and without holes. `more` if the log has older ones. */
export interface HistoryFrame {
  type: "history";
  before: number;
  messages: SequencedMessage[];
  more: boolean;
}

/** v1: the token was good: who this is now, for `expiresIn` milliseconds or for good. */
export interface AuthFrame {
  type: "auth";
  identity: Author;
  expiresIn?: number;
}

/** A reply that is being generated, so far. It replaces what is shown of it. Sent to those that asked by `deltas=1`. */
export interface StreamFrame {
  type: "stream";
  /** The id of the envelope that the reply becomes. */
  id: string;
  /** The message that is being answered. `seq` is missing where there is no log. The others are those of the envelope's `metadata`. */
  ref: { id: string; seq?: number; supersedes?: string; continues?: string };
  /** Which attempt of the turn it is: another one begins the reply again. */
  attempt: number;
  /** Counts the frames of this reply. */
  n: number;
  parts: readonly ReplyPart[];
}

/** What a reply has grown by. */
export interface DeltaFrame {
  type: "delta";
  id: string;
  n: number;
  /** The place of the part that has changed. One at the end of the list is a new one. */
  at: number;
  /** What its text has grown by. */
  text?: string;
  /** The whole part, where it is new or is no text. */
  part?: ReplyPart;
}

/** Answers `cancel`. */
export interface CancelledFrame {
  type: "cancelled";
  id: string;
  /** `over`: the turn had ended; `unknown`: there is no such turn; `forbidden`: it is not this identity's. */
  result: "done" | "over" | "unknown" | "forbidden";
}

/** v1, answers `await`: the turn of the message has ended, and what it has said was sent before. */
export interface OverFrame {
  type: "over";
  id: string;
}

/** All that a server may send. Clients ignore a `type` they do not know. */
export type ServerFrame =
  | ChatMessage
  | SequencedMessage
  | PingFrame
  | PongFrame
  | HelloFrame
  | AckFrame
  | PageFrame
  | HistoryFrame
  | AuthFrame
  | StreamFrame
  | DeltaFrame
  | CancelledFrame
  | OverFrame;
