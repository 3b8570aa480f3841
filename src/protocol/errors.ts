/**
 * Every error code with the text that its reader is given by default. A code is never renamed; clients must expect codes that they do
 * not know. PROTOCOL.md, "Error codes".
 */
export const ERROR_CODES = {
  /**
   * The frame is no valid envelope, or lacks an `id` on v1.
   *
   * Fix the sender.
   */
  INVALID_MESSAGE: "Not a valid envelope.",
  /**
   * The frame has more than `maxMessageSize` bytes, or a `typing` more than 1,024.
   *
   * Send less, or raise the option.
   */
  MESSAGE_TOO_LARGE: "The frame is larger than maxMessageSize.",
  /**
   * `metadata` has more than `maxMetadataSize` bytes as JSON.
   *
   * Send less, or raise the option.
   */
  METADATA_TOO_LARGE: "metadata is larger than maxMetadataSize.",
  /**
   * `metadata` is nested deeper than `maxMetadataDepth`.
   *
   * Flatten it, or raise the option.
   */
  METADATA_TOO_DEEP: "metadata is nested deeper than maxMetadataDepth.",
  /**
   * `allowedTypes` does not name the type.
   *
   * Send another type, or allow it.
   */
  TYPE_NOT_ALLOWED: "Clients may not send this type.",
  /**
   * The identity is `readOnly`.
   *
   * Do not write.
   */
  READ_ONLY: "This identity may only read.",
  /**
   * More messages, bytes or work than `rateLimit`, `byteRateLimit` or `workLimit` allow; or, on v1, an earlier message was refused.
   *
   * Send it again after `retryAfterMs`.
   */
  RATE_LIMITED: "Too much at once; send it again after retryAfterMs.",
  /**
   * The same author has used the id for another body.
   *
   * Use a new id.
   */
  ID_CONFLICT: "You have used this id for something else.",
  /**
   * The call of a tool has been answered: another window or person was first. Nothing was appended.
   *
   * Show that answer.
   */
  ALREADY_ANSWERED: "This was answered already.",
  /**
   * What the envelope is about has changed meanwhile: the reply to generate again is no longer the newest, its turn is not over, or its
   * author has said more; or the call to answer has expired, or the one who asked has said more. Nothing was appended.
   *
   * Show the newest, and let the user decide again.
   */
  CONFLICT: "This was overtaken by something newer.",
  /**
   * A resend came so late that the server no longer remembers ids that far back. Nothing was appended.
   *
   * Ask the user whether to send it again.
   */
  UNKNOWN_OUTCOME: "Whether this was accepted is no longer known; nothing was appended.",
  /**
   * The log or the queue is full of messages whose turn is unfinished, or half full of those of one limit key.
   *
   * Send it again after `retryAfterMs`.
   */
  BUSY: "Too many messages wait; send it again after retryAfterMs.",
  /**
   * Plain: the replay cursor was pruned, or does not fit this log. What is retained follows.
   *
   * Drop what you hold.
   */
  GAP: "Envelopes are missing here; what is retained follows.",
  /**
   * A row of the log can no longer be read. A `system` envelope with this code takes its place (P19).
   *
   * Show that something is missing.
   */
  UNREADABLE: "What was said here can no longer be read.",
  /**
   * `onMessage` threw something other than a `ChatError`, or returned what is no envelope.
   *
   * Read the worker's log. Throw a `ChatError` to say something to the user.
   */
  HANDLER_FAILED: "The application failed.",
  /**
   * The application threw `ChatError("REJECTED")`.
   *
   * Read the text: it is the application's.
   */
  REJECTED: "The application refused this.",
  /**
   * The turn took longer than `turnTimeout`.
   *
   * Send a new message; answer in pieces with `context.post`, or raise the option.
   */
  TURN_TIMEOUT: "The reply took longer than turnTimeout.",
  /**
   * Crashes or deploys interrupted the turn `turnAttempts` times (P11).
   *
   * Send a new message; find in the worker's log what ends the object.
   */
  TURN_INTERRUPTED: "The reply was interrupted on every attempt.",
  /**
   * The handler called `context.post` after its turn. It never travels on the wire.
   *
   * Await what the handler starts.
   */
  TURN_ENDED: "The turn has ended.",
  /**
   * An earlier attempt of the turn began this call of `context.once`, and was interrupted before its result was saved. It never travels on the wire.
   *
   * Find out whether it took effect, or ask the user. Make the call under another key to run it again.
   */
  CALL_INTERRUPTED: "The call was interrupted.",
  /**
   * There are no valid credentials: `authenticate` or `reauthenticate` says so.
   *
   * Sign in again.
   */
  UNAUTHORIZED: "There are no valid credentials.",
  /**
   * The identity may not do this; the new token is another identity's; or credentials are not renewed here.
   *
   * Reconnect with an identity that may.
   */
  FORBIDDEN: "This identity may not do this.",
  /**
   * An option, an argument, or what a function of the application returned is not valid. It never travels on the wire.
   *
   * The text says what was expected.
   */
  INVALID_OPTION: "An option is not valid.",
  /**
   * A session or a transport outside workerd, or a client where there is no `WebSocket`. It never travels on the wire.
   *
   * Run it in workerd; give the client a `webSocket`.
   */
  UNSUPPORTED_RUNTIME: "This needs Cloudflare's runtime, workerd.",
} as const;

/** Codes that are the application's developer's business. They never travel on the wire. */
export const LOCAL_CODES: readonly string[] = [
  "TURN_ENDED",
  "CALL_INTERRUPTED",
  "INVALID_OPTION",
  "UNSUPPORTED_RUNTIME",
];

/** A code of the application's own: `x-`, then 1 to 62 letters, digits, dots, underscores or hyphens. */
export type ApplicationCode = `x-${string}`;

const APPLICATION_CODE = /^x-[\w.-]{1,62}$/;

/** What went wrong, for programs. */
export type ChatErrorCode = keyof typeof ERROR_CODES | ApplicationCode;

/**
 * Whether a client may be sent this code: an application's, or one of ours that is not local (P7).
 *
 * @throws ChatError `INVALID_OPTION` for a code that starts with `x-` and is longer than 64 characters, or has other characters
 */
export function isForClients(code: unknown): code is ChatErrorCode {
  if (typeof code !== "string") return false;
  if (!isOfApplication(code)) return Object.hasOwn(ERROR_CODES, code) && !LOCAL_CODES.includes(code);
  if (APPLICATION_CODE.test(code)) return true;
  throw new ChatError("INVALID_OPTION", `The code ${code} does not match ${APPLICATION_CODE}.`);
}

/** Whether a code is the application's own. */
export function isOfApplication(code: string): code is ApplicationCode {
  return code.startsWith("x-");
}

/** What a `ChatError` may carry beside its code and text. */
export interface ChatErrorOptions {
  /** The id of the envelope at fault. Default: none. What a handler throws always names the message of its turn. */
  inReplyTo?: string | undefined;
  /** Milliseconds after which trying again helps. Default: none. What is no number from 0 does not reach clients. */
  retryAfterMs?: number | undefined;
  /** What caused it. It never reaches clients. */
  cause?: unknown;
}

/**
 * The only error that the package throws, apart from the `ModelError` of `@workkit/chat/ai`. On the wire it becomes an `error` envelope
 * with its code and text (P7). A handler that throws one speaks to the client; any other exception stays on the server.
 *
 * @example
 * throw new ChatError("x-quota", "You have used up today's messages.", { retryAfterMs: 3_600_000 });
 */
export class ChatError extends Error {
  override readonly name = "ChatError";
  readonly code: ChatErrorCode;
  readonly inReplyTo: string | undefined;
  readonly retryAfterMs: number | undefined;

  /**
   * @param code one of `ERROR_CODES`, or the application's own: `x-`, then 1 to 62 letters, digits, dots, underscores or hyphens
   * @param message for people. Default: the code; readers are given its text in `ERROR_CODES`.
   */
  constructor(code: ChatErrorCode, message: string = code, options: ChatErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.inReplyTo = options.inReplyTo;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The text of an error for its reader: its own, or that of its code. Apart, so that clients need not load all texts. */
export function textOf({ code, message }: ChatError): string {
  return message === code ? (ERROR_CODES[code as keyof typeof ERROR_CODES] ?? ERROR_CODES.REJECTED) : message;
}
