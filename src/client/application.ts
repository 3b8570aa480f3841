import { ChatError } from "../protocol/errors.js";

import { type Address, toAddress } from "./connection/address.js";
import { backoffDelay } from "./connection/delays.js";
import type { WebSocketConstructor, WebSocketLike } from "./connection/socket.js";
import { Events } from "./events.js";
import { type ChatClientSettings, toText } from "./options.js";
import type { Cursor } from "./replica/cursor.js";
import { isNumber, isString } from "./shape.js";

/**
 * Calls the application: its listeners, and the functions of the options. What these return is checked, so that none can throw
 * into a timer or make the client reconnect without a pause. Each fault is reported once in the lifetime of a client.
 */
export class Application extends Events {
  readonly #settings: ChatClientSettings;
  readonly #reported = new Set<string>();

  constructor(settings: ChatClientSettings) {
    super();
    this.#settings = settings;
  }

  /** Milliseconds to wait before a reconnect: `backoffDelay` if `backoff` returns no such number. */
  reconnectDelay(attempt: number): number {
    let delay: unknown;
    try {
      delay = this.#settings.backoff(attempt);
    } catch (error) {
      delay = error;
    }
    if (isNumber(delay) && delay >= 0) return delay;
    this.#report("backoff", "a number from 0", delay);
    return backoffDelay(attempt);
  }

  /** @throws ChatError `INVALID_OPTION` if `url` or `token` returns no string */
  async address(since: Cursor | undefined, replaced: Iterable<string>): Promise<Address> {
    return toAddress(await this.#resolveValue("url"), await this.#resolveValue("token"), since, replaced);
  }

  /** A new token, if `token` is a function and returns one. Without one the connection lives until the identity expires. */
  async nextToken(): Promise<string | undefined> {
    return typeof this.#settings.token === "function" ? this.#resolveValue("token").catch(() => undefined) : undefined;
  }

  /** @throws ChatError `INVALID_OPTION` if the constructor throws */
  openSocket(webSocket: WebSocketConstructor, address: Address): WebSocketLike {
    try {
      return new webSocket(...address);
    } catch (error) {
      throw this.#report("webSocket", "a WebSocket", error);
    }
  }

  /** Emits an error once for each `key`. */
  reportOnce(code: string, text: string, key = code): void {
    if (!this.#reported.has(key)) this.emit("error", { code, text });
    this.#reported.add(key);
  }

  async #resolveValue(name: "url"): Promise<string>;
  async #resolveValue(name: "token"): Promise<string | undefined>;
  async #resolveValue(name: "url" | "token"): Promise<string | undefined> {
    const provider = this.#settings[name];
    const value: unknown = await (typeof provider === "function" ? provider() : provider);
    if (isString(value) || (value === undefined && name === "token")) return value;
    throw this.#report(name, "a string", value);
  }

  #report(name: string, expected: string, value: unknown): ChatError {
    const error = new ChatError("INVALID_OPTION", `"${name}" must give ${expected}, not ${toText(value)}.`);
    this.reportOnce(error.code, error.message, name);
    return error;
  }
}
