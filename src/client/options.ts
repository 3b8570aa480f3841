import { ChatError } from "../protocol/errors.js";
import { checkOptionNames } from "../protocol/option-names.js";
import type { WebSocketConstructor } from "./connection/socket.js";
import type { ChatStorage } from "./storage/storage.js";

/** A string, or a function that returns one. It is called for each connection. */
export type StringProvider = string | (() => string | Promise<string>);

/** A token, or a function that returns one. It is called for each connection and before the identity expires. `undefined` is no token. */
export type TokenProvider = string | (() => string | undefined | Promise<string | undefined>);

/** The options of a `ChatClient`. */
export interface ChatClientOptions {
  /** The URL of the session, `wss:` or `https:`. Required. */
  url: StringProvider;
  /** An access token. It is sent as a subprotocol, which the server reads with `readToken`. Default: none. */
  token?: TokenProvider;
  /** The constructor of the WebSocket. Default: the global `WebSocket`. */
  webSocket?: WebSocketConstructor;
  /**
   * How long a connection may take up to the server's hello, and then from frame to frame of the replay, in milliseconds. Default
   * 10,000. Each timeout doubles it, to at most 8 times, until a connection is live.
   */
  connectTimeout?: number;
  /** How many messages of the log are shown, the newest. Default 1,000. What `loadOlder()` fetches is added to it. */
  maxMessages?: number;
  /** How many messages the outbox holds, those that failed included. Default 1,000. Beyond it `send()` throws `BUSY`. */
  maxOutbox?: number;
  /** Where the outbox outlives the page: `webStorage`, `indexedDbStorage` or your own. Default: in memory only. */
  storage?: ChatStorage;
  /** How many messages of the log `storage` keeps, too, the newest. They are shown before the network answers. Default 0. */
  cacheMessages?: number;
  /** How long to wait before a reconnect, in milliseconds from 0. `attempt` counts from 0. Default `backoffDelay`. */
  backoff?: (attempt: number) => number;
}

/** What an option must be: of one of these types, or a whole number from this one on. */
const EXPECTED: Record<keyof ChatClientOptions, string | number> = {
  url: "string or function",
  token: "string or function",
  webSocket: "function",
  connectTimeout: 1,
  maxMessages: 0,
  maxOutbox: 0,
  storage: "object",
  cacheMessages: 0,
  backoff: "function",
};

/** @throws ChatError `INVALID_OPTION` for an option that does not exist, or has a value that cannot be used */
export function checkOptions(options: ChatClientOptions): void {
  checkOptionNames(options, Object.keys(EXPECTED));
  for (const [name, expected] of Object.entries(EXPECTED)) {
    const value: unknown = Object(options)[name];
    if (value !== undefined || name === "url") checkOption(name, value, expected);
  }
}

/** @throws ChatError `INVALID_OPTION` for a value that is not of the expected types, or no whole number from `expected` */
export function checkOption(name: string, value: unknown, expected: string | number): void {
  const isCount = typeof expected === "number";
  const what = isCount ? `whole number from ${expected}` : expected;
  const fits = isCount
    ? Number.isInteger(value) && Number(value) >= expected
    : value !== null && what.includes(typeof value);
  if (!fits) throw new ChatError("INVALID_OPTION", `"${name}" must be a ${what}, not ${toText(value)}.`);
}

/** A value as text for an error. It never throws, as `String` does for an object without a prototype. */
export function toText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeof value;
  }
}
