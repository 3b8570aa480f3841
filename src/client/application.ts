import { ChatError } from "../protocol/errors.js";
import { type Address, toAddress } from "./connection/address.js";
import { backoffDelay } from "./connection/backoff.js";
import type { WebSocketConstructor, WebSocketLike } from "./connection/socket.js";
import { Events } from "./events.js";
import { type ChatClientOptions, toText } from "./options.js";
import type { Cursor } from "./replica/cursor.js";
import { isNumber, isString } from "./shape.js";

/**
 * The application: its listeners, and its functions. What they return is checked, so that none of them can throw out of a timer,
 * or make the client reconnect without a pause. Each fault is reported once in the life of a client.
 */
export class Application extends Events {
  readonly #options: ChatClientOptions;
  readonly #reported = new Set<string>();

  constructor(options: ChatClientOptions) {
    super();
    this.#options = options;
  }

  /** Milliseconds to wait before a reconnect: `backoffDelay` where `backoff` gives none. */
  reconnectDelay(attempt: number): number {
    let delay: unknown;
    try {
      delay = (this.#options.backoff ?? backoffDelay)(attempt);
    } catch (error) {
      delay = error;
    }
    if (isNumber(delay) && delay >= 0) return delay;
    this.#refuse("backoff", "a number from 0", delay);
    return backoffDelay(attempt);
  }

  /** Where to connect to now. @throws ChatError `INVALID_OPTION` if `url` or `token` gives no string */
  async address(since: Cursor | undefined, replaced: Iterable<string>): Promise<Address> {
    const url = await this.#resolveValue("url");
    return toAddress(url ?? "", await this.#resolveValue("token"), since, replaced);
  }

  /** A token in place of the one that was given, where there can be another. It is not needed: a failure changes nothing. */
  async nextToken(): Promise<string | undefined> {
    return typeof this.#options.token === "function" ? this.#resolveValue("token").catch(() => undefined) : undefined;
  }

  /** @throws ChatError `INVALID_OPTION` if the constructor throws */
  openSocket(webSocket: WebSocketConstructor, { url, protocols }: Address): WebSocketLike {
    try {
      return new webSocket(url, protocols);
    } catch (error) {
      throw this.#refuse("webSocket", "a WebSocket", error);
    }
  }

  /** Reports a problem once; `key` tells it from others of its code. */
  reportOnce(code: string, text: string, key = code): void {
    if (!this.#reported.has(key)) this.emit("error", { code, text });
    this.#reported.add(key);
  }

  async #resolveValue(name: "url" | "token"): Promise<string | undefined> {
    const source = this.#options[name];
    const value: unknown = await (typeof source === "function" ? source() : source);
    if (isString(value) || (value === undefined && name === "token")) return value;
    throw this.#refuse(name, "a string", value);
  }

  #refuse(name: string, expected: string, value: unknown): ChatError {
    const error = new ChatError("INVALID_OPTION", `"${name}" must give ${expected}, not ${toText(value)}.`);
    this.reportOnce(error.code, error.message, name);
    return error;
  }
}
