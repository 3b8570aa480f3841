import { ChatError } from "../protocol/errors.js";
import type { Option, OptionsOf, SettingsOf } from "../protocol/options.js";
import { backoffDelay } from "./connection/delays.js";
import type { WebSocketConstructor } from "./connection/socket.js";
import { type Check, isCount, isObject, optional } from "./shape.js";
import type { ChatStorage } from "./storage/storage.js";

/** A string, or a function that returns one. It is called for each connection. */
export type StringProvider = string | (() => string | Promise<string>);

/** A token, or a function that returns one. It is called for each connection and before the identity expires. `undefined` is no token. */
export type TokenProvider = string | (() => string | undefined | Promise<string | undefined>);

/** The options of a client. */
export const OPTIONS = {
  /**
   * The URL of the session, `wss:` or `https:`.
   * @default required
   */
  url: option<StringProvider>("string or function"),
  /**
   * An access token. It is sent as a subprotocol, which the server reads with `readToken`.
   * @default none
   */
  token: option<TokenProvider | undefined>("string or function or undefined"),
  /**
   * The constructor of the WebSocket.
   * @default the global `WebSocket`
   */
  webSocket: option<WebSocketConstructor | undefined>("function or undefined"),
  /**
   * How long a connection may take up to the server's hello, and then from frame to frame of the replay, in milliseconds. Each
   * timeout doubles it, to at most 8 times, until a connection is live.
   * @default 10000
   */
  connectTimeout: count(1, 10_000),
  /**
   * How many messages of the log are shown, the newest. What `loadOlder()` fetches is added to it.
   * @default 1000
   */
  maxMessages: count(0, 1_000),
  /**
   * How many messages the outbox holds, those that failed included. Beyond it `send()` throws `BUSY`.
   * @default 1000
   */
  maxOutbox: count(0, 1_000),
  /**
   * Where the outbox outlives the page: `webStorage`, `indexedDbStorage` or your own.
   * @default in memory only
   */
  storage: option<ChatStorage | undefined>("storage", undefined, optional(isObject)),
  /**
   * How many messages of the log `storage` keeps, too, the newest. They are shown before the network answers.
   * @default 0
   */
  cacheMessages: count(0, 0),
  /**
   * How long to wait before a reconnect, in milliseconds from 0. `attempt` counts from 0.
   * @default `backoffDelay`
   */
  backoff: option<(attempt: number) => number>("function", backoffDelay),
};

/** The options of a `ChatClient`. */
export interface ChatClientOptions extends OptionsOf<typeof OPTIONS> {
  url: StringProvider;
}

/** The same, checked and with their defaults. */
export type ChatClientSettings = SettingsOf<typeof OPTIONS>;

/** An option of one of the types that `expected` names, or of another test. */
function option<Value>(
  expected: string,
  initial?: Value,
  fits: Check = (given) => expected.includes(typeof given),
): Option<Value> {
  return (given = initial, name) => {
    if (fits(given)) return given as Value;
    throw new ChatError("INVALID_OPTION", `"${name}" must be a ${expected}, not ${toText(given)}.`);
  };
}

/** A whole number from `least` on. */
export function count(least: number, initial?: number): Option<number> {
  return option(`whole number from ${least}`, initial, (given) => isCount(given) && least <= given);
}

/** A value as text for an error. It never throws, as `String` does for an object without a prototype. */
export function toText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeof value;
  }
}
