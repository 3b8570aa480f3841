/**
 * Every error code of the wire with what it means. PROTOCOL.md, "Error codes".
 * A code is never renamed; clients must expect codes that they do not know.
 */
export const ERROR_CODES = {
  INVALID_MESSAGE: "Not a valid envelope.",
  MESSAGE_TOO_LARGE: "The frame is larger than maxMessageSize.",
  METADATA_TOO_LARGE: "metadata is larger than maxMetadataSize.",
  METADATA_TOO_DEEP: "metadata is nested deeper than maxMetadataDepth.",
  TYPE_NOT_ALLOWED: "Clients may not send this type.",
  READ_ONLY: "This identity may only read.",
  RATE_LIMITED: "Too much at once; send it again after retryAfterMs.",
  ID_CONFLICT: "You have used this id for something else.",
  UNKNOWN_OUTCOME: "Whether this was accepted is no longer known; nothing was appended.",
  BUSY: "Too many messages wait; send it again after retryAfterMs.",
  GAP: "Envelopes are missing here; what is retained follows.",
  UNREADABLE: "What was said here can no longer be read.",
  HANDLER_FAILED: "The application failed.",
  REJECTED: "The application refused the message.",
  TURN_TIMEOUT: "The reply took longer than turnTimeout.",
  TURN_INTERRUPTED: "The reply was interrupted on every attempt.",
  TURN_ENDED: "The turn is over.",
  UNAUTHORIZED: "There are no valid credentials.",
  FORBIDDEN: "This identity may not do this.",
  INVALID_OPTION: "An option is not valid.",
  UNSUPPORTED_RUNTIME: "This needs Cloudflare's runtime, workerd.",
} as const;

/** What went wrong, for programs. */
export type ChatErrorCode = keyof typeof ERROR_CODES;

export interface ChatErrorOptions {
  /** The id of the envelope that caused it, where it could be read. */
  inReplyTo?: string | undefined;
  /** Milliseconds after which to try again, where waiting helps. */
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/**
 * The only error that the package throws. On the wire it becomes an `error` envelope with its code and text (P7).
 * A handler that throws one speaks to the client; any other exception stays on the server.
 */
export class ChatError extends Error {
  override readonly name = "ChatError";
  readonly code: ChatErrorCode;
  readonly inReplyTo: string | undefined;
  readonly retryAfterMs: number | undefined;

  /** @param message for people; by default the code; readers are given its text in `ERROR_CODES`. */
  constructor(code: ChatErrorCode, message: string = code, options: ChatErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.inReplyTo = options.inReplyTo;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The text of an error for those who read it: its own, or that of its code. Apart, so that clients need not load them all. */
export function textOf({ code, message }: ChatError): string {
  return message === code ? ERROR_CODES[code] : message;
}

/**
 * Every close code that the server sends. 4000 to 4499 ask the client to reconnect; 1008, 1009 and 4500 to 4999
 * forbid it. PROTOCOL.md, "Close codes".
 */
export const CLOSE_CODES = {
  NORMAL: 1000,
  TOO_MANY_VIOLATIONS: 1008,
  IDENTITY_EXPIRED: 4001,
  SESSION_CLEARED: 4002,
  SESSION_FULL: 4003,
  HEARTBEAT_TIMEOUT: 4004,
  UNAVAILABLE: 4005,
  SLOW_REPLAY: 4006,
  SLOW_READER: 4007,
  REPLACED: 4008,
  DISCONNECTED: 4500,
  UNAUTHORIZED: 4501,
  ORIGIN_NOT_ALLOWED: 4502,
  FORBIDDEN: 4503,
} as const;

export type CloseReason = keyof typeof CLOSE_CODES;
