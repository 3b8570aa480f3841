import { type Author, type ChatMessage, type ChatMessageType, MESSAGE_TYPES } from "../protocol/envelope.js";
import * as LIMITS from "../protocol/limits.js";
import {
  callback,
  check,
  checkValue,
  choice,
  integer,
  type Option,
  type OptionsOf,
  readOptions,
  type SettingsOf,
} from "../protocol/options.js";
import type { Identity } from "./access/identity.js";
import { toOrigin } from "./access/origins.js";
import type { Rate } from "./access/rate-limit.js";
import type { DialectPolicy } from "./dialects/dialect.js";
import { HOOKS, type Hooks } from "./hooks.js";
import type { MessageHandler } from "./turn/context.js";

/**
 * Decides who is behind a connection (P6). It runs before anything is written or sent.
 *
 * @returns the identity, or the response to refuse with
 * @throws ChatError `UNAUTHORIZED` (401) or `FORBIDDEN` (403) to refuse; anything else refuses with 500
 */
export type Authenticate = (
  request: Request,
  session: { sessionId: string },
) => Identity | Response | Promise<Identity | Response>;

/**
 * Decides what a new token grants on a live v1 connection. PROTOCOL.md, "Renewing credentials".
 *
 * @returns the identity, which must have the same `id`, or a response to refuse with. A rejected token leaves the current
 *   identity and its expiry unchanged.
 * @throws ChatError `UNAUTHORIZED` or `FORBIDDEN`, which the client receives; anything else is an `UNAUTHORIZED`
 */
export type Reauthenticate = (
  token: string,
  connection: { sessionId: string; identity: Identity },
) => Identity | Response | Promise<Identity | Response>;

/** A type that clients may be allowed to send. An `error` is the server's alone. */
export type InboundType = Exclude<ChatMessageType, "error">;

/** The longest delay of a timer, in milliseconds. */
const MAX_TIMER = 2_147_483_647;
/** What the platform allows in one object. */
const MAX_CONNECTIONS = 32_768;

/** Ten years, in milliseconds. */
const MAX_ANSWER_TIMEOUT = 315_360_000_000;

/** The options of the stateless transport and of sessions. */
export const OPTIONS = {
  /**
   * The application: called once for each envelope from a client.
   * @default nothing is answered
   */
  onMessage: callback<MessageHandler>(),
  /**
   * Bytes of one inbound frame, as UTF-8. A larger one is a `MESSAGE_TOO_LARGE`.
   * @default 65536
   */
  maxMessageSize: integer(LIMITS.DEFAULT_MAX_MESSAGE_SIZE, 1, LIMITS.MAX_MESSAGE_SIZE),
  /**
   * Bytes of an inbound `metadata`, as JSON. A larger one is a `METADATA_TOO_LARGE`.
   * @default 16384
   */
  maxMetadataSize: integer(LIMITS.DEFAULT_MAX_METADATA_SIZE, 2, LIMITS.MAX_MESSAGE_SIZE),
  /**
   * Objects and arrays inside each other in an inbound `metadata`. A deeper one is a `METADATA_TOO_DEEP`.
   * @default 16
   */
  maxMetadataDepth: integer(LIMITS.DEFAULT_MAX_METADATA_DEPTH, 1, LIMITS.MAX_METADATA_DEPTH),
  /**
   * Milliseconds between heartbeats. A peer that is silent for two of them is dead (P9).
   * @default 30000
   */
  heartbeatInterval: integer(LIMITS.DEFAULT_HEARTBEAT_INTERVAL, 1, MAX_TIMER),
  /**
   * Types that clients may send. Any other is a `TYPE_NOT_ALLOWED`.
   * @default message, typing, tool_result
   */
  allowedTypes: types(["message", "typing", "tool_result"]),
  /**
   * Origins that browsers may connect from; others are refused with 403, on v1 with 4502. Requests without an `Origin` pass. A
   * trailing slash, a default port and capitals make no difference; a path, a wildcard or a missing scheme is an `INVALID_OPTION`.
   * @default all origins
   */
  allowedOrigins: origins(),
  /**
   * Decides who is behind a connection (P6). It excludes `trustForwardedIdentity`.
   * @default everyone is `{ id: "anonymous" }`
   */
  authenticate: callback<Authenticate>(),
  /**
   * Decides what a new token grants on a live v1 connection, before its identity expires.
   * @default the client has to reconnect
   */
  reauthenticate: callback<Reauthenticate>(),
  /**
   * Whether to believe the identity that `forwardIdentity` put on the request. A request without one is refused with 401.
   * @default false
   */
  trustForwardedIdentity: choice(false, true),
  /**
   * Messages of one connection: a burst, then so many per second; more are `RATE_LIMITED`. `false` turns it off. In a session all
   * connections of one limit key together have the same burst, and twice as many per second (P12).
   * @default { burst: 100, perSecond: 20 }
   */
  rateLimit: rate(LIMITS.DEFAULT_RATE_BURST, LIMITS.DEFAULT_RATE_PER_SECOND),
  /**
   * Bytes of the messages of one limit key; more are `RATE_LIMITED`. `false` turns it off. The burst must hold a message of
   * `maxMessageSize` (P12).
   * @default { burst: 8388608, perSecond: 1048576 }
   */
  byteRateLimit: rate(LIMITS.DEFAULT_BYTE_RATE_BURST, LIMITS.DEFAULT_BYTES_PER_SECOND),
  /**
   * Units of work that one limit key may cause by control frames, retries, replays and upgrades: some 10 microseconds of a core
   * each, priced in docs/reference/limits.md. `false` turns it off (P12).
   * @default { burst: 30000, perSecond: 3000 }
   */
  workLimit: rate(LIMITS.DEFAULT_WORK_BURST, LIMITS.DEFAULT_WORK_PER_SECOND),
  /**
   * Rejected frames of one connection, and of all connections of one limit key together, before the connection that sent one is
   * closed with 1008 (P7). `false` turns it off.
   * @default { burst: 100, perSecond: 1 }
   */
  violationLimit: rate(LIMITS.DEFAULT_VIOLATION_BURST, LIMITS.DEFAULT_VIOLATIONS_PER_SECOND),
  /**
   * How turns overlap. `queue`: those of one author run one at a time, those of different authors overlap, at most 16 a session, begun in
   * alternation (P3). `interrupt`: the same, and a message cancels the unfinished turns that its author may cancel. `reject`: the same, and a message whose author's last one is still being answered is `REJECTED`, before anything is stored.
   * `parallel`: all overlap.
   * @default queue
   */
  concurrency: choice<"queue" | "interrupt" | "reject" | "parallel">("queue", "interrupt", "reject", "parallel"),
  /**
   * Milliseconds that one turn may take without a piece of a streamed reply. A turn that takes longer is aborted and reported with
   * `TURN_TIMEOUT`.
   * @default 120000
   */
  turnTimeout: integer(LIMITS.DEFAULT_TURN_TIMEOUT, 1, MAX_TIMER),
  /**
   * Milliseconds that one turn may take without a piece while a tool runs: a streamed reply has the tool's input and not yet its output, or
   * a call of `context.once` is running. It is used in place of `turnTimeout`.
   * @default 600000
   */
  toolTimeout: integer(LIMITS.DEFAULT_TOOL_TIMEOUT, 1, MAX_TIMER),
  /**
   * Milliseconds that one turn may take, however much it streams.
   * @default 900000
   */
  maxTurnTime: integer(LIMITS.DEFAULT_MAX_TURN_TIME, 1, MAX_TIMER),
  /**
   * Bytes of a streamed reply, as JSON. It ends where it would exceed them, with `metadata.finish` `length`.
   * @default 1048576
   */
  maxReplySize: integer(LIMITS.DEFAULT_MAX_REPLY_SIZE, 1, LIMITS.MAX_REPLY_SIZE),
  /**
   * Dialects that are spoken beside the package's own, such as `aiSdk()` of `@workkit/chat/ai`.
   * @default none
   */
  dialects: dialects(),
  /**
   * Whether an identity may cancel a turn (P10). It is given copies.
   * @default the author of the message may; anonymous connections are one author
   */
  mayCancel: callback<(identity: Identity, turn: { message: ChatMessage; author: Identity }) => boolean>(),
};

/** The options of sessions alone. The transport checks and ignores them, so that one object may serve both. */
export const SESSION_OPTIONS = {
  /**
   * Envelopes that the log keeps. A later deploy may change it.
   * @default 100
   */
  maxStoredMessages: integer(LIMITS.DEFAULT_MAX_STORED_MESSAGES, 1, LIMITS.MAX_STORED_MESSAGES),
  /**
   * Connections of one session; the next is refused with 503, on v1 with 4003. An idle one takes about 90 KB of the object's 128 MB.
   * @default 1000
   */
  maxConnections: integer(LIMITS.DEFAULT_MAX_CONNECTIONS, 1, MAX_CONNECTIONS),
  /**
   * Times that a turn is begun before its interruption is reported in place of a reply, with `TURN_INTERRUPTED` (P11). An attempt that has
   * finished something new does not count, up to 20 attempts in all: a step of a reply, a call of `context.once`, an envelope in the log.
   * @default 3
   */
  turnAttempts: integer(LIMITS.DEFAULT_TURN_ATTEMPTS, 1, 1_000),
  /**
   * What becomes of a streamed reply whose turn was interrupted after some of it was saved. `rerun`: the turn runs again, and its reply
   * replaces what was shown. `keep`: what was saved becomes the reply, with `metadata.finish` `interrupted` (P11).
   * @default rerun
   */
  interruptedReply: choice<"rerun" | "keep">("rerun", "keep"),
  /**
   * Milliseconds for which a call that a reply leaves open may be answered. The default is 30 days.
   * @default 2592000000
   */
  answerTimeout: integer(LIMITS.DEFAULT_ANSWER_TIMEOUT, 1, MAX_ANSWER_TIMEOUT),
  /**
   * Whether an identity may answer an open call: a `tool_call` envelope, of a reply to `author`. It is given copies.
   * @default the author may; anonymous connections are one author
   */
  mayAnswer: callback<(identity: Identity, call: { message: ChatMessage; author: Author }) => boolean>(),
  /**
   * Whether an alarm runs interrupted turns again even if nobody reconnects (P11). It shares the object's one alarm with
   * `scheduleAlarm`. A turn that takes its time costs one more row written.
   * @default false
   */
  recoverByAlarm: choice(false, true),
  /**
   * Called at the time of each alarm that was set by `scheduleAlarm`, with its name, at least once. One that throws is called again.
   * @default none
   */
  onAlarm: callback<(name: string) => unknown>(),
  /**
   * Returns whose limits an upgrade counts against: connections of one key share its rates and its place in the session (P12). 1 to
   * 256 characters. For limits alone, never for authorship, and never shown. `identity` is a copy; it is `undefined` for an upgrade
   * that was refused.
   * @default the identity's `id`; of anonymous ones the address in `CF-Connecting-IP`, IPv6 cut to /64; without it each connection for itself
   */
  limitKey: callback<(request: Request, identity: Identity | undefined) => string>(),
  /**
   * Returns tags for a connection, for `ctx.getWebSockets(tag)`: at most 9, of 1 to 256 characters. They are fixed when it is
   * accepted: reauthentication does not change them.
   * @default none
   */
  tags: callback<(identity: Identity, request: Request) => string[]>(),
};

/** What the stateless transport and the session have in common. */
export interface ChatOptions extends OptionsOf<typeof OPTIONS>, Hooks {
  onMessage: MessageHandler;
}

const ALL = { ...OPTIONS, ...HOOKS, ...SESSION_OPTIONS };

/** The options of either kind of server, checked and with their defaults. Without a handler nothing is answered. */
export type Settings = SettingsOf<typeof OPTIONS & typeof HOOKS>;

/** Checks the options of a transport or a session. @throws ChatError `INVALID_OPTION` */
export function toSettings(options: object): SettingsOf<typeof OPTIONS & typeof HOOKS & typeof SESSION_OPTIONS> {
  const settings = readOptions(ALL, options);
  const { authenticate, trustForwardedIdentity, byteRateLimit, maxMessageSize } = settings;
  checkRate("byteRateLimit", byteRateLimit, maxMessageSize);
  const oneDecides = authenticate === undefined || !trustForwardedIdentity;
  check("trustForwardedIdentity", oneDecides, "excludes authenticate");
  return settings;
}

function types(initial: readonly InboundType[]): Option<readonly InboundType[]> {
  const allowed: readonly unknown[] = MESSAGE_TYPES.filter((type) => type !== "error");
  return (given = initial, name) => {
    const holds = Array.isArray(given) && given.every((type) => allowed.includes(type));
    checkValue(name, holds, `a list of ${allowed.join(", ")}`, given);
    return given as readonly InboundType[];
  };
}

function origins(): Option<readonly string[] | undefined> {
  const expected = 'a list of origins such as "https://app.example.com"';
  return (given, name) => {
    if (given === undefined) return undefined;
    checkValue(name, Array.isArray(given), expected, given);
    return [given].flat().map((text) => {
      const origin = toOrigin(text);
      checkValue(name, origin !== undefined, expected, text);
      return origin ?? "";
    });
  };
}

function dialects(): Option<readonly DialectPolicy[] | undefined> {
  return (given, name) => {
    const holds = given === undefined || (Array.isArray(given) && given.every((one) => Object(one).decode));
    checkValue(name, holds, "a list of dialects such as aiSdk()", given);
    return given as readonly DialectPolicy[] | undefined;
  };
}

function rate(burst: number, perSecond: number): Option<Rate | false> {
  return (given = { burst, perSecond }, name) => {
    checkRate(name, given, 1);
    return given;
  };
}

function checkRate(name: string, given: unknown, least: number): asserts given is Rate | false {
  const { burst, perSecond }: Partial<Record<keyof Rate, unknown>> = Object(given);
  const holds = given === false || (isAtLeast(burst, least) && isAtLeast(perSecond, Number.MIN_VALUE));
  checkValue(name, holds, `false, or have a burst of at least ${least} and a perSecond over 0`, given);
}

function isAtLeast(value: unknown, least: number): boolean {
  return Number.isFinite(value) && Number(value) >= least;
}
