import {
  DEFAULT_MAX_CONNECTIONS,
  DEFAULT_MAX_STORED_MESSAGES,
  DEFAULT_TURN_ATTEMPTS,
  MAX_STORED_MESSAGES,
} from "../protocol/limits.js";
import type { Identity } from "../server/access/identity.js";
import { type ChatOptions, check, checkInteger, type Settings, toSettings } from "../server/options.js";

/** Options of `ChatSessionDO`, given to `super(state, env, options)`. */
export interface ChatSessionDOOptions extends ChatOptions {
  /** Envelopes that the log keeps. Default 100, from 1 to 100,000; a later deploy may change it. */
  maxStoredMessages?: number;
  /** Connections of one session; the next gets 503. Default 1,000: an idle one takes about 90 KB of the object's 128 MB. */
  maxConnections?: number;
  /** Times that a turn is begun before its interruption is reported in place of a reply (P11). Default 3. */
  turnAttempts?: number;
  /**
   * Guarantee by an alarm that interrupted turns are run again even if nobody reconnects. It takes the object's one alarm: a
   * class that sets alarms of its own cannot have it. It costs a row written. Default false.
   */
  recoverByAlarm?: boolean;
  /**
   * Whose limits an upgrade counts against: connections of one key share its rates and its place in the session (P12). 1 to 256
   * characters. For limits alone, never for authorship, and never shown. Default: the identity's `id`; for anonymous ones
   * the address in `CF-Connecting-IP`, IPv6 cut to /64; without that header each connection for itself.
   *
   * @param identity a copy; `undefined` for an upgrade that was refused
   */
  limitKey?: (request: Request, identity: Identity | undefined) => string;
  /**
   * Tags of your own for a connection, for `ctx.getWebSockets(tag)`: at most 9, of 1 to 256 characters. They are fixed when it is
   * accepted: a renewed identity does not change them.
   */
  tags?: (identity: Identity, request: Request) => string[];
}

type SessionOnly = "maxStoredMessages" | "maxConnections" | "turnAttempts" | "recoverByAlarm";

export type SessionSettings = Settings &
  Required<Pick<ChatSessionDOOptions, SessionOnly>> &
  Pick<ChatSessionDOOptions, "tags" | "limitKey">;

/** The options with their defaults. @throws ChatError `INVALID_OPTION` */
export function toSessionSettings(options: Partial<ChatSessionDOOptions>): SessionSettings {
  const settings: SessionSettings = {
    ...toSettings(options),
    maxStoredMessages: options.maxStoredMessages ?? DEFAULT_MAX_STORED_MESSAGES,
    maxConnections: options.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
    turnAttempts: options.turnAttempts ?? DEFAULT_TURN_ATTEMPTS,
    recoverByAlarm: options.recoverByAlarm ?? false,
  };
  checkInteger("maxStoredMessages", settings.maxStoredMessages, 1, MAX_STORED_MESSAGES);
  checkInteger("maxConnections", settings.maxConnections, 1, MAX_CONNECTIONS);
  checkInteger("turnAttempts", settings.turnAttempts, 1, 1_000);
  for (const name of ["tags", "limitKey"] as const) {
    check(name, settings[name] === undefined || typeof settings[name] === "function", "must be a function");
  }
  return settings;
}

/** What the platform allows in one object. */
const MAX_CONNECTIONS = 32_768;
