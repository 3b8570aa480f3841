import type { ChatMessage } from "../../protocol/envelope.js";
import { ChatError } from "../../protocol/errors.js";
import type { Account } from "../access/account.js";
import { copyOf } from "../copy.js";
import type { Settings } from "../options.js";
import { AuthorQueue } from "./author-queue.js";
import { HandlerContext, type ReplySink, type Turn } from "./turn.js";
import { timeout, toClientError, toReplies } from "./turn-outcome.js";
import { TurnRoom } from "./turn-room.js";

/**
 * Microtasks that a new turn is given before it counts as in flight. A handler that awaits nothing outside the isolate
 * has returned by then, so that its message, its replies and its completion share one commit and need no timer.
 */
const SETTLING_MICROTASKS = 8;

/** Turns of a session that run at once, where those of one author do not overlap. */
const MAX_TURNS_AT_ONCE = 16;

/** Runs turns: one at a time for each author, begun in alternation, or all at once. */
export class TurnQueue {
  readonly #waiting = new AuthorQueue();
  readonly #running = new Set<Turn>();
  /** By author, the turn that those of the author in `#waiting` wait for. */
  readonly #current = new Map<unknown, Turn>();
  readonly #room: TurnRoom;

  readonly #settings: Settings;
  readonly #sink: ReplySink;

  constructor(settings: Settings, outlet: ReplySink, capacity = Number.POSITIVE_INFINITY) {
    this.#settings = settings;
    this.#sink = outlet;
    this.#room = new TurnRoom(capacity);
  }

  /** Whether so many turns are unfinished that there is no room for this one (P12). */
  isFull(message: ChatMessage, account?: Account): boolean {
    return this.#room.isFull(account, this.isAwaited(message));
  }

  /** Whether a turn of this author waits, or is the one that the author's others wait for. */
  hasTurnsOf(author: unknown): boolean {
    return this.#current.has(author) || this.#waiting.has(author);
  }

  /** Whether a turn for this message would wait for another. */
  mustWait(message: ChatMessage, author: unknown, ordered: boolean): boolean {
    const waits = this.hasTurnsOf(author) || this.#current.size >= MAX_TURNS_AT_ONCE;
    return ordered && this.#isQueue && waits && !this.isAwaited(message);
  }

  /** Whether the application refuses this message, because its author's last one is still being answered. */
  isRejected(message: ChatMessage, author: unknown): boolean {
    return this.#settings.concurrency === "reject" && this.hasTurnsOf(author) && !this.isAwaited(message);
  }

  /** Whether this is a tool result that a running turn may be waiting for. */
  isAwaited(message: ChatMessage): boolean {
    if (message.type !== "tool_result") return false;
    return [...this.#current.values()].some((turn) => answersToolCall(message, turn));
  }

  /** Runs the turn now, or enqueues it. Resolves when it has ended or is in flight; `undefined` if it is enqueued. */
  add(turn: Turn, ordered: boolean): Promise<void> | undefined {
    turn.isAwaited = this.isAwaited(turn.message);
    this.#room.change(turn, 1);
    if (this.mustWait(turn.message, turn.author, ordered)) {
      this.#waiting.push(turn);
      return undefined;
    }
    const ready = this.#enter(turn, ordered);
    return ready === undefined ? this.#run(turn) : this.#runOnce(ready, turn);
  }

  /** Registers a tool call that the turn has posted or sent: results for it no longer wait behind the turn. */
  async registerToolCall(turn: Turn, callId: string): Promise<void> {
    turn.toolCalls.push(callId);
    const isResult = ({ message }: Turn) => message.metadata?.["inReplyTo"] === callId && this.isAwaited(message);
    if (this.#waiting.filter(isResult).length === 0) return;
    // After an interruption a result may precede the call. The handler first reaches the point where it awaits it.
    await scheduler.wait(0);
    for (const result of this.#waiting.filter(isResult)) void this.#begin(this.#waiting.remove(result));
  }

  /** Resumes interrupted turns. Where turns overlap, one is in flight before the next begins: it may be what ends the object. */
  async resume(turns: readonly Turn[]): Promise<void> {
    for (const turn of turns) {
      this.#room.change(turn, 1);
      this.#waiting.push(turn);
    }
    for (let turn = this.#shift(); turn !== undefined; turn = this.#shift()) await this.#begin(turn);
  }

  /** Ends all turns without replies or errors: their log or their connection is gone. */
  clear(reason: ChatError): void {
    for (const turn of this.#running) turn.end(reason);
    for (const turn of [...this.#running, ...this.#waiting.filter(() => true)]) this.#room.change(turn, -1);
    this.#running.clear();
    this.#waiting.clear();
    this.#current.clear();
  }

  get #isQueue(): boolean {
    return this.#settings.concurrency !== "parallel";
  }

  /** The next turn that waits and may begin. */
  #shift(latest?: unknown): Turn | undefined {
    return this.#current.size < MAX_TURNS_AT_ONCE ? this.#waiting.shift(this.#current, latest) : undefined;
  }

  #begin(turn: Turn): Promise<void> {
    return this.#runOnce(this.#enter(turn, true), turn);
  }

  /** Begins the turn: others wait for it from now on. Resolves when it may run, if something must be on disk before. */
  #enter(turn: Turn, ordered: boolean): Promise<void> | undefined {
    const others = [...this.#running];
    this.#running.add(turn);
    if (ordered && this.#isQueue && !this.#current.has(turn.author)) this.#current.set(turn.author, turn);
    return this.#sink.begin(turn, others);
  }

  async #runOnce(ready: Promise<void> | undefined, turn: Turn): Promise<void> {
    await ready;
    if (!turn.over) await this.#run(turn);
  }

  async #run(turn: Turn): Promise<void> {
    const answered = this.#invoke(turn);
    for (let waited = 0; waited < SETTLING_MICROTASKS && !turn.over; waited++) await undefined;
    if (turn.over) return;
    const timer = setTimeout(() => {
      // One error for the handler's signal, and one for the client.
      if (turn.end(timeout(turn))) this.#leave(turn, timeout(turn));
    }, this.#settings.turnTimeout);
    void answered.then(() => clearTimeout(timer));
  }

  async #invoke(turn: Turn): Promise<void> {
    let outcome: ChatMessage[] | ChatError;
    try {
      const { sessionId, message } = turn;
      const returned = await this.#settings.onMessage?.(sessionId, copyOf(message), new HandlerContext(turn));
      outcome = toReplies(returned, turn);
    } catch (error) {
      outcome = toClientError(error, turn);
    }
    if (turn.end()) this.#leave(turn, outcome);
  }

  /** Reports how a turn ended, then lets the next one begin: replies to one author are in the order of that author's messages (P3). */
  #leave(turn: Turn, outcome: ChatMessage[] | ChatError): void {
    this.#running.delete(turn);
    this.#room.change(turn, -1);
    try {
      this.#report(turn, outcome);
    } finally {
      if (this.#current.get(turn.author) === turn) {
        this.#current.delete(turn.author);
        const next = this.#shift(turn.author);
        if (next) void this.#begin(next);
      }
    }
  }

  #report(turn: Turn, outcome: ChatMessage[] | ChatError): void {
    if (outcome instanceof ChatError) return this.#sink.failed(turn, outcome);
    try {
      this.#sink.finished(turn, outcome);
    } catch (error) {
      this.#sink.failed(turn, toClientError(error, turn));
    }
  }
}

function answersToolCall(result: ChatMessage, { toolCalls }: Turn): boolean {
  const call = result.metadata?.["inReplyTo"];
  return call === undefined ? toolCalls.length > 0 : typeof call === "string" && toolCalls.includes(call);
}
