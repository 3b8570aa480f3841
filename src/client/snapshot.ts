import type { ReplyPart } from "../protocol/chunk.js";
import type { Author, ChatMessage, ChatRole } from "../protocol/envelope.js";
import type { ApplicationCode, ChatErrorCode } from "../protocol/errors.js";

/** An error of the server, or of the client itself. */
export interface ChatErrorInfo {
  /** A code of PROTOCOL.md, "Error codes", one of the application (`x-…`), or one of docs/guides/client.md, "Events". More may be added. */
  code: ChatErrorCode | (string & {});
  /** What happened, for people. */
  text: string;
  /** The id of the message that the error is about. */
  inReplyTo?: string;
  /** The seq of that message, if it is in the log. */
  inReplyToSeq?: number;
  /** After how many milliseconds the message may be sent again. */
  retryAfterMs?: number;
}

interface Keyed {
  /** Identifies the message in `messages`, and stays the same from `pending` to `sent`. An `id` is unique for its author only. */
  key: string;
}

/** A message that is in the log. */
export interface SentMessage extends ChatMessage, Keyed {
  state: "sent";
  /** Its place in the log: 1, 2, 3 and so on. */
  seq: number;
  /** What went wrong after it was accepted, as when its turn failed, or when it was to be generated again. */
  error?: ChatErrorInfo | undefined;
  /** Whether a new reply was asked for, and nothing is shown of it yet (`regenerate`). Default: not. */
  regenerating?: boolean;
}

/** A message of this client that is not known to be in the log. */
export interface UnsentMessage extends ChatMessage, Keyed {
  /**
   * - `pending`: in the outbox, and sent again until it is acked.
   * - `failed`: refused; `error` says why.
   * - `uncertain`: it may be in the log or not, and the server can no longer say (`UNKNOWN_OUTCOME`, P2).
   */
  state: "pending" | "failed" | "uncertain";
  seq?: undefined;
  error?: ChatErrorInfo;
}

/** A message for this connection alone (`context.send`). It is in no log, and is shown until the next gap. */
export interface EphemeralMessage extends ChatMessage, Keyed {
  state: "ephemeral";
  seq?: undefined;
  error?: ChatErrorInfo;
}

/** A reply that the server is generating. It becomes a `sent` message with the same `id` and `key`, whatever happens to it. */
export interface StreamingMessage extends ChatMessage, Keyed {
  state: "streaming";
  seq?: undefined;
  error?: undefined;
  /** What it consists of so far. `content` is its text. */
  parts: readonly ReplyPart[];
}

/** A message that the server has sent or acked. */
export type ShownMessage = SentMessage | EphemeralMessage;

/** A message of the snapshot. */
export type ClientMessage = ShownMessage | StreamingMessage | UnsentMessage;

/**
 * - `idle`: `connect()` was not called yet.
 * - `connecting`: until the replay is complete.
 * - `live`: up to date.
 * - `reconnecting`: the connection has ended; the next attempt is at `retryAt`.
 * - `closed`: until `connect()`, after `close()` or a close code that forbids a reconnect.
 */
export type ClientStatus = "idle" | "connecting" | "live" | "reconnecting" | "closed";

/** Why a connection has ended, as in a `CloseEvent`. */
export interface CloseCause {
  /** A WebSocket close code (PROTOCOL.md, "Close codes"). 1006 if the connection broke, 0 if none was opened. */
  code: number;
  /** What the server or the client says about it. It may be empty. */
  reason: string;
  /** The application's code (`x-…`), if it refused this client with one. `reason` is then the code and a text. */
  errorCode?: ApplicationCode | undefined;
}

/** Messages that can no longer be shown, as found by a reconnect (P4). */
export interface ChatGap {
  /** The messages up to this seq are gone. */
  upTo: number;
  /** Whether the log is another one: it was cleared or recreated. */
  cleared: boolean;
}

/** Who is typing. `id` and `name` are set for an identity; the server itself has a role alone. */
export type TypingUser = Partial<Author> & { role: ChatRole };

/** What a client shows. A snapshot never changes, and its lists are the same objects as long as nothing in them changes. */
export interface ChatSnapshot {
  /** Without replies that another one supersedes. The newest of the log by seq with ephemeral ones where they arrived, then the replies that are being generated, then the client's own that are not in the log, in the order they were sent. */
  readonly messages: readonly ClientMessage[];
  /** Whether the log has messages before the first of `messages`, which `loadOlder()` fetches. */
  readonly hasOlder: boolean;
  readonly status: ClientStatus;
  /** Why the last connection ended. Set while the status is `reconnecting` or `closed`. */
  readonly reason: CloseCause | undefined;
  /** When the client reconnects, in milliseconds since the Unix epoch. Set while the status is `reconnecting`. */
  readonly retryAt: number | undefined;
  /** The last gap, if there was one. */
  readonly gap: ChatGap | undefined;
  /** Who this client is, as the server says (P6). `undefined` until the first hello, unless a cached tail has it. */
  readonly identity: Author | undefined;
  /** Who else is typing. */
  readonly typing: readonly TypingUser[];
}
