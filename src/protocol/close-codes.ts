/**
 * Every close code that the server sends, by name. 4000 to 4499 ask the client to reconnect; 1008, 1009 and 4500 to 4999 forbid it.
 * PROTOCOL.md, "Close codes".
 */
export const CLOSE_CODES = {
  /**
   * The client closed the connection: this is the answer.
   *
   * Nothing.
   */
  NORMAL: 1000,
  /**
   * The client kept sending frames that were rejected, past `violationLimit` (P7).
   *
   * Fix the client.
   */
  TOO_MANY_VIOLATIONS: 1008,
  /**
   * The identity's `expiresAt` has passed.
   *
   * Reconnect with new credentials; `reauthenticate` avoids the interruption.
   */
  IDENTITY_EXPIRED: 4001,
  /**
   * `clear()` was called.
   *
   * Reconnect: the log begins again.
   */
  SESSION_CLEARED: 4002,
  /**
   * `maxConnections`, or the share of it that one limit key may have, is reached. Plain: HTTP 503.
   *
   * Reconnect later; raise the option, or split the room.
   */
  SESSION_FULL: 4003,
  /**
   * The client was silent for too long (P9).
   *
   * Reconnect.
   */
  HEARTBEAT_TIMEOUT: 4004,
  /**
   * `authenticate`, `limitKey` or `tags` failed, answered 429 or 5xx, or refused with a code of its own and `retryAfterMs`; the limit key has caused too much work; or the session cannot
   * go on with this connection. Plain: that response, 500 or 503.
   *
   * Reconnect later; read the worker's log.
   */
  UNAVAILABLE: 4005,
  /**
   * v1: the log was pruned past the place that the replay had reached.
   *
   * Reconnect: the client is sent the gap (P4).
   */
  SLOW_REPLAY: 4006,
  /**
   * The client does not prove that it reads what it is sent (P12).
   *
   * Reconnect; read, and answer pings.
   */
  SLOW_READER: 4007,
  /**
   * v1: the client has reconnected and named this connection as the one that it gave up.
   *
   * Nothing.
   */
  REPLACED: 4008,
  /**
   * The application called `disconnect()`.
   *
   * Stay away until the user asks for it.
   */
  DISCONNECTED: 4500,
  /**
   * `authenticate` answered 401, or threw `UNAUTHORIZED`. Plain: that response.
   *
   * Sign in, then connect.
   */
  UNAUTHORIZED: 4501,
  /**
   * The origin is not in `allowedOrigins`. Plain: HTTP 403.
   *
   * List it.
   */
  ORIGIN_NOT_ALLOWED: 4502,
  /**
   * `authenticate` answered anything else, or refused with a code of the application's own. Plain: that response, or 403.
   *
   * Connect as an identity that may.
   */
  FORBIDDEN: 4503,
} as const;

export type CloseReason = keyof typeof CLOSE_CODES;
