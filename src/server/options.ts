import { type ChatMessage, type ChatMessageType, MESSAGE_TYPES } from "../protocol/envelope.js";
import { ChatError } from "../protocol/errors.js";
import * as LIMITS from "../protocol/limits.js";
import { checkOptionNames } from "../protocol/option-names.js";
import type { Identity } from "./access/identity.js";
import { toOrigin } from "./access/origins.js";
import type { Rate } from "./access/rate-limit.js";
import type { Hooks } from "./hooks.js";
import type { TurnContext } from "./turn/context.js";

/**
 * The application: called once for each envelope from a client, with what it may answer with: nothing, one envelope, or
 * several that are sent in order. What it throws reaches the client as a generic `HANDLER_FAILED`, unless it is a `ChatError` (P7).
 */
export type MessageHandler = (
  sessionId: string,
  msg: ChatMessage,
  context: TurnContext,
) => Promise<ChatMessage | ChatMessage[] | undefined>;

/** Decides who is behind a connection, before anything is written: an identity, or the response to refuse with. */
export type Authenticate = (
  request: Request,
  session: { sessionId: string },
) => Identity | Response | Promise<Identity | Response>;

/** Decides what a new token is worth on a connection that is live: the identity, with the same `id`, or a refusal. */
export type Reauthenticate = (
  token: string,
  connection: { sessionId: string; identity: Identity },
) => Identity | Response | Promise<Identity | Response>;

/** A type that clients may be allowed to send. An `error` is the server's alone. */
export type InboundType = Exclude<ChatMessageType, "error">;

/** What the stateless transport and the session have in common. */
export interface ChatOptions extends Hooks {
  onMessage: MessageHandler;
  /** Bytes of one inbound frame. Default 65,536, at most 1,048,576. */
  maxMessageSize?: number;
  /** Bytes of an inbound `metadata`, as JSON. Default 16,384. */
  maxMetadataSize?: number;
  /** Nesting of an inbound `metadata`. Default 16, at most 256. */
  maxMetadataDepth?: number;
  /** Milliseconds between heartbeats; a peer silent for two of them is dead (P9). Default 30,000. */
  heartbeatInterval?: number;
  /** Types that clients may send. Default `message`, `typing`, `tool_result`. */
  allowedTypes?: readonly InboundType[];
  /**
   * Origins that browsers may connect from; others get 403. Requests without an `Origin` pass. Default: all. A trailing slash, a
   * default port and capitals make no difference; a path, a wildcard or a missing scheme is an `INVALID_OPTION`.
   */
  allowedOrigins?: readonly string[];
  /** Default: everyone is `{ id: "anonymous" }`. */
  authenticate?: Authenticate;
  /** Checks the token that a v1 client sends before its identity expires. Default: it has to reconnect. */
  reauthenticate?: Reauthenticate;
  /** Believe the identity that `forwardIdentity` put on the request; one without it is refused with 401. Default false. */
  trustForwardedIdentity?: boolean;
  /**
   * Messages per connection. Default a burst of 100, then 20 per second; `false` turns it off. In a session all connections of one
   * limit key together have the same burst, and twice as many per second.
   */
  rateLimit?: Rate | false;
  /**
   * Bytes of the messages of one limit key. Default a burst of 8 MiB, then 1 MiB per second; `false` turns it off. The burst must
   * hold a message of `maxMessageSize`.
   */
  byteRateLimit?: Rate | false;
  /**
   * Units of work that one limit key may cause by control frames, retries, replays and upgrades: some 10 microseconds of a core
   * each, with a price for everything (docs/limits.md). Default a burst of 30,000, then 3,000 per second; `false` turns it off.
   */
  workLimit?: Rate | false;
  /**
   * Rejected frames per connection, and of all connections of one limit key together, before the connection that sent one is closed
   * with 1008. Default a burst of 100, then 1 per second; `false` turns it off.
   */
  violationLimit?: Rate | false;
  /** `queue`: turns run one at a time, authors in alternation. `parallel`: they overlap. Default `queue`. */
  concurrency?: "queue" | "parallel";
  /** Milliseconds that one turn may take before it is aborted and reported. Default 120,000. */
  turnTimeout?: number;
}

type Optional = "onMessage" | "allowedOrigins" | "authenticate" | "reauthenticate" | keyof Hooks;

/** Options, checked and with their defaults. Without a handler nothing is answered. */
export type Settings = Required<Omit<ChatOptions, Optional>> & Partial<Pick<ChatOptions, Optional>>;

const DEFAULTS = {
  maxMessageSize: LIMITS.DEFAULT_MAX_MESSAGE_SIZE,
  maxMetadataSize: LIMITS.DEFAULT_MAX_METADATA_SIZE,
  maxMetadataDepth: LIMITS.DEFAULT_MAX_METADATA_DEPTH,
  heartbeatInterval: LIMITS.DEFAULT_HEARTBEAT_INTERVAL,
  allowedTypes: ["message", "typing", "tool_result"],
  trustForwardedIdentity: false,
  rateLimit: { burst: LIMITS.DEFAULT_RATE_BURST, perSecond: LIMITS.DEFAULT_RATE_PER_SECOND },
  byteRateLimit: { burst: LIMITS.DEFAULT_BYTE_RATE_BURST, perSecond: LIMITS.DEFAULT_BYTES_PER_SECOND },
  workLimit: { burst: LIMITS.DEFAULT_WORK_BURST, perSecond: LIMITS.DEFAULT_WORK_PER_SECOND },
  violationLimit: { burst: LIMITS.DEFAULT_VIOLATION_BURST, perSecond: LIMITS.DEFAULT_VIOLATIONS_PER_SECOND },
  concurrency: "queue",
  turnTimeout: LIMITS.DEFAULT_TURN_TIMEOUT,
} as const satisfies Partial<Settings>;

/** Options of sessions, by name. The transport ignores them, so that one object may serve both. */
const SESSION_ONLY = ["maxStoredMessages", "maxConnections", "turnAttempts", "recoverByAlarm", "limitKey", "tags"];

/** The options with their defaults. @throws ChatError `INVALID_OPTION` */
export function toSettings(options: Partial<ChatOptions>): Settings {
  checkOptionNames(options, [...Object.keys(DEFAULTS), ...FUNCTIONS, "allowedOrigins", ...SESSION_ONLY]);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings: Settings = { ...DEFAULTS, ...given };
  checkInteger("maxMessageSize", settings.maxMessageSize, 1, LIMITS.MAX_MESSAGE_SIZE);
  checkInteger("maxMetadataSize", settings.maxMetadataSize, 2, LIMITS.MAX_MESSAGE_SIZE);
  checkInteger("maxMetadataDepth", settings.maxMetadataDepth, 1, LIMITS.MAX_METADATA_DEPTH);
  checkInteger("heartbeatInterval", settings.heartbeatInterval, 1, MAX_TIMER);
  checkInteger("turnTimeout", settings.turnTimeout, 1, MAX_TIMER);
  checkRate("rateLimit", settings.rateLimit);
  checkRate("workLimit", settings.workLimit);
  checkRate("violationLimit", settings.violationLimit);
  checkRate("byteRateLimit", settings.byteRateLimit, settings.maxMessageSize);
  check("concurrency", ["queue", "parallel"].includes(settings.concurrency), 'must be "queue" or "parallel"');
  const inbound: readonly string[] = MESSAGE_TYPES.filter((type) => type !== "error");
  const { allowedTypes, allowedOrigins } = settings;
  const areTypes = Array.isArray(allowedTypes) && allowedTypes.every((type) => inbound.includes(type));
  check("allowedTypes", areTypes, `must be a list of ${inbound.join(", ")}`);
  if (allowedOrigins !== undefined) settings.allowedOrigins = checkOrigins(allowedOrigins);
  check("trustForwardedIdentity", typeof settings.trustForwardedIdentity === "boolean", "must be true or false");
  for (const name of FUNCTIONS) {
    check(name, settings[name] === undefined || typeof settings[name] === "function", "must be a function");
  }
  const oneDecides = settings.authenticate === undefined || !settings.trustForwardedIdentity;
  check("trustForwardedIdentity", oneDecides, "and authenticate exclude each other: one of them decides");
  return settings;
}

/** The longest delay of a timer, in milliseconds. */
const MAX_TIMER = 2_147_483_647;

const FUNCTIONS = [
  "onMessage",
  "authenticate",
  "reauthenticate",
  "onConnect",
  "onDisconnect",
  "onRefuse",
  "onFrameIn",
  "onFrameOut",
] as const;

/** @throws ChatError `INVALID_OPTION` unless `value` is a whole number from `least` to `most`. */
export function checkInteger(name: string, value: number, least: number, most: number): void {
  const holds = Number.isInteger(value) && value >= least && value <= most;
  check(name, holds, `must be a whole number from ${least} to ${most}, not ${String(value)}`);
}

/** @throws ChatError `INVALID_OPTION` unless it `holds`, saying what the option must be. */
export function check(name: string, holds: boolean, expected: string): void {
  if (!holds) throw new ChatError("INVALID_OPTION", `The option ${name} ${expected}.`);
}

/** @throws ChatError `INVALID_OPTION` */
function checkOrigins(origins: unknown): string[] {
  check("allowedOrigins", Array.isArray(origins), "must be a list");
  return [origins].flat().map((given) => {
    const origin = toOrigin(given);
    const expected = 'must list origins without path or wildcard, such as "https://app.example.com"';
    check("allowedOrigins", origin !== undefined, `${expected}, not ${String(given)}`);
    return origin ?? "";
  });
}

function checkRate(name: string, rate: Rate | false, least = 1): void {
  const isRate = rate === false || (isAtLeast(rate?.burst, least) && isAtLeast(rate?.perSecond, Number.MIN_VALUE));
  check(name, isRate, `needs a burst of at least ${least} and a perSecond over 0, or false`);
}

function isAtLeast(value: unknown, least: number): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= least;
}
