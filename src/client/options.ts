import { ChatError } from "../protocol/errors.js";
import { checkOptionNames } from "../protocol/option-names.js";
import type { WebSocketConstructor } from "./connection/socket.js";
import type { ChatStorage } from "./storage/storage.js";

/** A value, or how to get it when it is needed. */
export type StringProvider = string | (() => string | Promise<string>);

/** A token, or how to get it when it is needed; `undefined` where there is none. */
export type TokenProvider = string | (() => string | undefined | Promise<string | undefined>);

/** How a client is set up. */
export interface ChatClientOptions {
  /** The session's URL, `wss:` or `https:`. A function is called for each connection. */
  url: StringProvider;
  /** An access token, or how to get one for each connection. It travels as a subprotocol: the server's `readToken` reads it. */
  token?: TokenProvider;
  /** Default: the runtime's own. */
  webSocket?: WebSocketConstructor;
  /**
   * Milliseconds up to the server's hello, and then from frame to frame of what was missed. Default 10,000. Each timeout doubles
   * it, to at most 8 times, until a connection is live.
   */
  connectTimeout?: number;
  /** Messages of the log that are kept to be shown, the newest. Default 1,000. */
  maxMessages?: number;
  /** One's own messages that may wait to be acked. Default 1,000. */
  maxOutbox?: number;
  /** Where unsent messages outlive the page: `webStorage`, `indexedDbStorage` or your own. Default: nowhere. */
  storage?: ChatStorage;
  /** Messages of the log that the storage keeps as well, the newest, to be shown before the network answers. Default 0. */
  cacheMessages?: number;
  /** Milliseconds to wait before a reconnect, from 0; `attempt` counts from 0. Default `backoffDelay`. */
  backoff?: (attempt: number) => number;
}

/** What an option must be: one of these types, or a whole number from this one. */
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

/** @throws ChatError `INVALID_OPTION` for a name that does not exist, or a value that cannot be used. */
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

/** Any value as text, also one that cannot be converted. */
export function toText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeof value;
  }
}
