import type { ChatMessage } from "../protocol/envelope.js";
import { ChatError, type ChatErrorCode } from "../protocol/errors.js";
import { MAX_UNFINISHED_CONTENT, MAX_UNFINISHED_TURNS } from "../protocol/limits.js";
import { copyOf } from "./copy.js";
import { logError } from "./log-error.js";
import type { Settings } from "./options.js";
import { checkReply } from "./reply.js";
import { HandlerContext, type Outlet, type Turn } from "./turn.js";

/**
 * Microtasks that a fresh turn is given before it counts as under way. A handler that awaits nothing outside the isolate
 * is over by then, so that its message, its replies and its completion share one commit and need no timer.
 */
const SETTLING_MICROTASKS = 8;

/** Runs turns: one at a time in the order they came, or all at once. */
export class TurnQueue {
  readonly #waiting: Turn[] = [];
  readonly #running = new Set<Turn>();
  /** The turn that those in `#waiting` wait for. */
  #current: Turn | undefined;
  /** Whether interrupted turns are yet to be taken up: what comes meanwhile waits behind them. */
  #held = false;
  /** Characters of the messages of all these turns. */
  #content = 0;

  constructor(
    private readonly settings: Settings,
    private readonly outlet: Outlet,
  ) {}

  /** Whether so many turns are unfinished that this one must not be taken on (P12). An awaited one is given twice the room. */
  isFull(message: ChatMessage): boolean {
    const room = this.isAwaited(message) ? 2 : 1;
    const turns = this.#waiting.length + this.#running.size;
    return turns >= room * MAX_UNFINISHED_TURNS || this.#content >= room * MAX_UNFINISHED_CONTENT;
  }

  /** Whether a turn for this message would wait for another. */
  mustWait(message: ChatMessage, ordered: boolean): boolean {
    if (!ordered) return false;
    if (this.#held) return true;
    return this.settings.concurrency === "queue" && this.#current !== undefined && !this.isAwaited(message);
  }

  /** Whether this is a tool result that the running turn may be waiting for. */
  isAwaited(message: ChatMessage): boolean {
    return message.type === "tool_result" && this.#current !== undefined && answersToolCall(message, this.#current);
  }

  /** Runs the turn now, or after those before it. Resolves when it is over, under way, or waiting. */
  add(turn: Turn, ordered: boolean): Promise<void> | undefined {
    this.#content += turn.message.content.length;
    if (this.mustWait(turn.message, ordered)) {
      this.#waiting.push(turn);
      return undefined;
    }
    return this.#begin(turn, ordered);
  }

  /** The turn has posted or sent a tool call: results for it need not wait behind it any more. */
  async called(turn: Turn, callId: string): Promise<void> {
    turn.toolCalls.push(callId);
    const isResult = ({ message }: Turn) => message.metadata?.["inReplyTo"] === callId && this.isAwaited(message);
    if (!this.#waiting.some(isResult)) return;
    // One that was there before the call, after an interruption: the caller gets to the point where it waits for it first.
    await scheduler.wait(0);
    for (const result of this.#waiting.filter(isResult)) {
      this.#waiting.splice(this.#waiting.indexOf(result), 1);
      void this.#begin(result, true);
    }
  }

  #begin(turn: Turn, ordered: boolean): Promise<void> {
    if (ordered && this.settings.concurrency === "queue") this.#current ??= turn;
    return this.#run(turn);
  }

  /** Takes up interrupted turns, ahead of all others, once `ready` has settled. */
  async resume(turns: readonly Turn[], ready: Promise<void>): Promise<void> {
    this.#held = true;
    for (const turn of turns) void this.add(turn, true);
    await ready;
    this.#held = false;
    this.#beginNext();
  }

  /** Ends all turns without a word: their log is gone. */
  clear(reason: ChatError): void {
    this.#waiting.length = 0;
    this.#content = 0;
    for (const turn of this.#running) turn.end(reason);
    this.#running.clear();
    this.#current = undefined;
  }

  async #run(turn: Turn): Promise<void> {
    this.#running.add(turn);
    const answered = this.#invoke(turn);
    for (let waited = 0; waited < SETTLING_MICROTASKS && !turn.over; waited++) await undefined;
    if (turn.over) return;
    const timer = setTimeout(() => {
      // One for the handler's signal, and one for the client.
      if (turn.end(timeout(turn))) this.#leave(turn, timeout(turn));
    }, this.settings.turnTimeout);
    void answered.then(() => clearTimeout(timer));
  }

  async #invoke(turn: Turn): Promise<void> {
    let outcome: ChatMessage[] | ChatError;
    try {
      const { sessionId, message } = turn;
      outcome = toReplies(await this.settings.onMessage?.(sessionId, copyOf(message), new HandlerContext(turn)));
    } catch (error) {
      outcome = toClientError(error, turn);
    }
    if (turn.end()) this.#leave(turn, outcome);
  }

  /** Reports how a turn ended, then lets the next one begin: replies stand in the order of their messages (P3). */
  #leave(turn: Turn, outcome: ChatMessage[] | ChatError): void {
    this.#running.delete(turn);
    this.#content -= turn.message.content.length;
    try {
      this.#report(turn, outcome);
    } finally {
      if (this.#current === turn) {
        this.#current = undefined;
        this.#beginNext();
      }
    }
  }

  #beginNext(): void {
    do {
      const next = this.#waiting.shift();
      if (next !== undefined) void this.#begin(next, true);
    } while (this.settings.concurrency === "parallel" && this.#waiting.length > 0);
  }

  #report(turn: Turn, outcome: ChatMessage[] | ChatError): void {
    if (outcome instanceof ChatError) return this.outlet.failed(turn, outcome);
    try {
      this.outlet.finished(turn, outcome);
    } catch (error) {
      this.outlet.failed(turn, toClientError(error, turn));
    }
  }
}

/** How long a client should wait when too many turns are unfinished, in milliseconds. */
const BUSY_RETRY = 1_000;

/** The answer to a message that cannot be taken on now. */
export function busy({ id }: ChatMessage): ChatError {
  return new ChatError("BUSY", undefined, { inReplyTo: id, retryAfterMs: BUSY_RETRY });
}

/** Errors that speak of the application's use of the library: its developer's business, not the client's. */
const INTERNAL_CODES: readonly ChatErrorCode[] = ["INVALID_OPTION", "TURN_OVER", "UNSUPPORTED_RUNTIME"];

function toReplies(returned: unknown): ChatMessage[] {
  if (returned === undefined || returned === null) return [];
  // Holes of an array are read, too.
  return Array.from(Array.isArray(returned) ? returned : [returned], checkReply);
}

function timeout({ message }: Turn): ChatError {
  return new ChatError("TURN_TIMEOUT", undefined, { inReplyTo: message.id });
}

function toClientError(error: unknown, { message }: Turn): ChatError {
  const inReplyTo = message.id;
  return (
    readChatError(error, inReplyTo) ??
    new ChatError("HANDLER_FAILED", "The message could not be handled.", { inReplyTo })
  );
}

/** What a handler means for the client. Whatever it threw: to look at that may throw, too. */
function readChatError(error: unknown, inReplyTo: string): ChatError | undefined {
  try {
    if (error instanceof ChatError) {
      const { code, message, retryAfterMs } = error;
      const isPlain =
        typeof code === "string" &&
        typeof message === "string" &&
        ["number", "undefined"].includes(typeof retryAfterMs);
      if (isPlain && !INTERNAL_CODES.includes(code)) return new ChatError(code, message, { inReplyTo, retryAfterMs });
    }
  } catch {
    // What cannot be looked at is not meant for the client.
  }
  logError("onMessage", error);
  return undefined;
}

function answersToolCall(result: ChatMessage, { toolCalls }: Turn): boolean {
  const call = result.metadata?.["inReplyTo"];
  return call === undefined ? toolCalls.length > 0 : typeof call === "string" && toolCalls.includes(call);
}
