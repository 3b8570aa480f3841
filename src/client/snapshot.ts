import type { Author, ChatMessage, ChatRole } from "../protocol/envelope.js";
import type { ApplicationCode, ChatErrorCode } from "../protocol/errors.js";

/** A typed error of the server, or of this client where it holds a message to the server's limits. */
export interface ChatErrorInfo {
  /** A code of PROTOCOL.md, "Error codes", one of the application's own (`x-…`), or `STORAGE_FAILED`; expect ones that you do not know. */
  code: ChatErrorCode | (string & {});
  /** For people. */
  text: string;
  /** The id of the message at fault. */
  inReplyTo?: string;
  /** Its seq, if it is in the log. */
  inReplyToSeq?: number;
  retryAfterMs?: number;
}

/** What tells one message that is shown from another. */
interface Keyed {
  /** Unique among those that are shown, and the same from `pending` to `sent`. An `id` is unique for its author only. */
  key: string;
}

/** A message that is in the log. */
export interface SentMessage extends ChatMessage, Keyed {
  state: "sent";
  /** Its place in the log. */
  seq: number;
  /** What went wrong after it was accepted: the handler failed, say. */
  error?: ChatErrorInfo;
}

/** A message of this client that is not known to be in the log. */
export interface UnsentMessage extends ChatMessage, Keyed {
  /**
   * `pending`: on its way, and sent again until it is acked. `failed`: refused, `error` says why.
   * `uncertain`: it may be in the log or not, and the server can no longer tell.
   */
  state: "pending" | "failed" | "uncertain";
  seq?: undefined;
  error?: ChatErrorInfo;
}

/** What the application sends to this connection alone (`context.send`): it is in no log, and shown until the next gap. */
export interface EphemeralMessage extends ChatMessage, Keyed {
  state: "ephemeral";
  seq?: undefined;
  error?: ChatErrorInfo;
}

/** What a server has sent, as it is shown. */
export type ShownMessage = SentMessage | EphemeralMessage;

/** A message as the client shows it. */
export type ClientMessage = ShownMessage | UnsentMessage;

/**
 * `connecting` lasts until the past is read; `live` is up to date; `reconnecting` tries again at `retryAt`; `idle` and
 * `closed` wait for `connect()`.
 */
export type ClientStatus = "idle" | "connecting" | "live" | "reconnecting" | "closed";

/** Why a connection ended. */
export interface CloseCause {
  /** A WebSocket close code, 1006 when it broke; 0 when none was opened. */
  code: number;
  reason: string;
  /** The code of the application's own by which it refused this client. The reason is then the code and a text. */
  errorCode?: ApplicationCode | undefined;
}

/** What can no longer be shown, found out by a reconnect. */
export interface ChatGap {
  /** Messages up to this seq are gone. */
  upTo: number;
  /** Whether the log itself is another: it was cleared or recreated. */
  cleared: boolean;
}

/** Somebody who is typing. `id` and `name` are those of a user; what the server says has a role alone. */
export type TypingUser = Partial<Author> & { role: ChatRole };

/** All that a client shows, never changed once it is handed out. The same object for as long as nothing changes. */
export interface ChatSnapshot {
  /** The newest messages of the log by seq and ephemeral ones where they came, then one's own that are not in the log, in the order they were sent. */
  readonly messages: readonly ClientMessage[];
  /** Whether the log has messages before the first of these: `loadOlder()` gets them. */
  readonly hasOlder: boolean;
  readonly status: ClientStatus;
  /** Why it is `reconnecting` or `closed`. */
  readonly reason: CloseCause | undefined;
  /** When it reconnects, in milliseconds since the Unix epoch; set while it is `reconnecting`. */
  readonly retryAt: number | undefined;
  /** The last gap, if there was one. */
  readonly gap: ChatGap | undefined;
  /** Who this client is, as the server has it. */
  readonly identity: Author | undefined;
  readonly typing: readonly TypingUser[];
}
