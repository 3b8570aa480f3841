import { ChatError } from "../protocol/errors.js";
import type { Address } from "./address.js";
import { backoffDelay } from "./backoff.js";
import { type ChatClientOptions, describe } from "./options.js";
import type { ChatProblem } from "./snapshot.js";
import type { WebSocketConstructor, WebSocketLike } from "./socket.js";

/**
 * Calls the application's functions and checks what they return, so that none of them can throw out of a timer, or make the
 * client reconnect without a pause. Each fault is reported once in the life of a client.
 */
export class Application {
  readonly #options: ChatClientOptions;
  readonly #report: (problem: ChatProblem) => void;
  readonly #reported = new Set<string>();

  constructor(options: ChatClientOptions, report: (problem: ChatProblem) => void) {
    this.#options = options;
    this.#report = report;
  }

  /** Milliseconds to wait before a reconnect: `backoffDelay` where `backoff` gives none. */
  delay(attempt: number): number {
    let delay: unknown;
    try {
      delay = (this.#options.backoff ?? backoffDelay)(attempt);
    } catch (error) {
      delay = error;
    }
    if (typeof delay === "number" && delay >= 0 && delay < Number.POSITIVE_INFINITY) return delay;
    this.#refuse("backoff", "milliseconds from 0", delay);
    return backoffDelay(attempt);
  }

  /** What `url` or `token` gives now, if anything. @throws ChatError `INVALID_OPTION` if that is no string */
  async text(name: "url" | "token"): Promise<string | undefined> {
    const source = this.#options[name];
    const value: unknown = await (typeof source === "function" ? source() : source);
    if (typeof value === "string" || (value === undefined && name === "token")) return value;
    throw this.#refuse(name, "a string", value);
  }

  /** A token in place of the one that was given, where there can be another. It is not needed: a failure changes nothing. */
  async nextToken(): Promise<string | undefined> {
    return typeof this.#options.token === "function" ? this.text("token").catch(() => undefined) : undefined;
  }

  /** @throws ChatError `INVALID_OPTION` if the constructor throws */
  open(webSocket: WebSocketConstructor, { url, protocols }: Address): WebSocketLike {
    try {
      return new webSocket(url, protocols);
    } catch (error) {
      throw this.#refuse("webSocket", "a WebSocket", error);
    }
  }

  /** Reports a problem of this key once. */
  reportOnce(key: string, problem: ChatProblem): void {
    if (!this.#reported.has(key)) this.#report(problem);
    this.#reported.add(key);
  }

  #refuse(name: string, expected: string, value: unknown): ChatError {
    const error = new ChatError("INVALID_OPTION", `"${name}" must give ${expected}, not ${describe(value)}.`);
    this.reportOnce(name, { code: error.code, text: error.message });
    return error;
  }
}
