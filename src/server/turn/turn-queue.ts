import type { FinishReason } from "../../protocol/chunk.js";
import type { ChatMessage } from "../../protocol/envelope.js";
import { ChatError } from "../../protocol/errors.js";
import { MAX_TURNS_AT_ONCE } from "../../protocol/limits.js";
import type { Account } from "../access/account.js";
import { copyOf } from "../copy.js";
import type { Settings } from "../options.js";
import { discard, isSource } from "../stream/source.js";
import { AuthorQueue } from "./author-queue.js";
import { HandlerContext } from "./handler-context.js";
import { encodeReply } from "./reply.js";
import type { ReplySink, Turn } from "./turn.js";
import { timeout, toClientError, toKeptReplies, toList, toReply } from "./turn-outcome.js";
import { TurnRoom } from "./turn-room.js";
import { watchTurn } from "./watch-turn.js";

/**
 * Microtasks that a new turn is given before it counts as in flight. A handler that awaits nothing outside the isolate
 * has returned by then, so that its message, its replies and its completion share one commit and need no timer.
 */
const SETTLING_MICROTASKS = 8;

/** Runs turns: one at a time for each author, begun in alternation, or all at once. */
export class TurnQueue {
  readonly #waiting = new AuthorQueue();
  readonly #running: Turn[] = [];
  /** Of these, the turns that those of the same authors in `#waiting` wait for. */
  readonly #current: Turn[] = [];
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
    return this.#isBusy(author) || this.#waiting.has(author);
  }

  /** Whether a turn for this message would wait for another. */
  mustWait({ message, author, account }: Pick<Turn, "message" | "author" | "account">, ordered: boolean): boolean {
    if (!ordered || !this.#isQueue || this.isAwaited(message)) return false;
    return this.hasTurnsOf(author) || !this.#hasPlace(account);
  }

  /** Whether the application refuses this message, because its author's last one is still being answered. */
  isRejected(message: ChatMessage, author: unknown): boolean {
    return this.#settings.concurrency === "reject" && this.hasTurnsOf(author) && !this.isAwaited(message);
  }

  /** Whether this is a tool result that a running turn may be waiting for. */
  isAwaited(message: ChatMessage): boolean {
    return message.type === "tool_result" && this.#current.some((turn) => turn.isAnsweredBy(message));
  }

  /** Runs the turn now, or enqueues it. Resolves when it has ended or is in flight; `undefined` if it is enqueued. */
  add(turn: Turn, ordered: boolean): Promise<void> | undefined {
    turn.isAwaited = this.isAwaited(turn.message);
    this.#room.change(turn, 1);
    if (this.mustWait(turn, ordered)) {
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

  /**
   * Cancels a turn, by the id of its message or of a reply that it streams: what was shown is kept. `undefined` if
   * there is no such turn.
   *
   * @param may whether it may be cancelled by who asks
   */
  cancel(id: string, may: (turn: Turn) => boolean): "done" | "forbidden" | undefined {
    const turns = this.#select((turn) => turn.isNamed(id));
    const turn = turns.find(may);
    if (turn === undefined) return turns.length > 0 ? "forbidden" : undefined;
    this.#cancel(turn);
    return "done";
  }

  /**
   * The unfinished turns of what an identity has put into the log, the oldest first.
   *
   * @param withContinued whether to include turns that continue a reply to it after another identity has answered the calls
   */
  turnsOf(identityId: string, withContinued = false): Turn[] {
    const isOf = ({ identity, continued }: Turn) =>
      identity.id === identityId || (withContinued && continued?.author.id === identityId);
    const turns = this.#select((turn) => isOf(turn) && turn.seq !== undefined);
    return turns.sort((one, other) => Number(one.seq) - Number(other.seq));
  }

  /**
   * Cancels the unfinished turns that the author of a message may cancel, if the application has them interrupted by it.
   *
   * @param may whether a turn may be cancelled by the author
   */
  interrupt(message: ChatMessage, may: (turn: Turn) => boolean): void {
    if (this.#settings.concurrency !== "interrupt" || this.isAwaited(message)) return;
    for (const turn of this.#select(may)) this.#cancel(turn);
  }

  /** The turns that pass a test, those that wait first. */
  #select(test: (turn: Turn) => boolean): Turn[] {
    return [...this.#waiting.filter(test), ...this.#running.filter(test)];
  }

  #cancel(turn: Turn): void {
    if (!this.#running.includes(turn)) this.#waiting.remove(turn);
    const reason = new ChatError("TURN_ENDED", "The turn was cancelled.");
    if (turn.end(reason)) this.#leave(turn, reason, "cancelled");
  }

  /** Ends all turns without replies or errors: their log or their connection is gone. */
  clear(reason: ChatError): void {
    for (const turn of this.#running) {
      turn.end(reason);
      this.#cutOff(turn, "cancelled");
    }
    for (const turn of [...this.#running, ...this.#waiting.filter(() => true)]) this.#room.change(turn, -1);
    this.#running.length = 0;
    this.#waiting.clear();
    this.#current.length = 0;
  }

  get #isQueue(): boolean {
    return this.#settings.concurrency !== "parallel";
  }

  #isBusy(author: unknown): boolean {
    return this.#current.some((turn) => turn.author === author);
  }

  /** Whether one more turn of an account may run: one of another limit key could still, too (P12). */
  #hasPlace(account: Account | undefined): boolean {
    const own = this.#current.filter((turn) => turn.account === account);
    return own.length + this.#current.length < MAX_TURNS_AT_ONCE;
  }

  /** The next turn that waits and may begin. */
  #shift(latest?: unknown): Turn | undefined {
    const mayBegin = ({ author, account }: Turn) => !this.#isBusy(author) && this.#hasPlace(account);
    return this.#waiting.shift(mayBegin, latest);
  }

  #begin(turn: Turn): Promise<void> {
    return this.#runOnce(this.#enter(turn, true), turn);
  }

  /** Begins the turn: others wait for it from now on. Resolves when it may run, if something must be on disk before. */
  #enter(turn: Turn, ordered: boolean): Promise<void> | undefined {
    const ready = this.#sink.begin(turn, this.#running);
    this.#running.push(turn);
    if (ordered && this.#isQueue && !this.#isBusy(turn.author)) this.#current.push(turn);
    return ready;
  }

  async #runOnce(ready: Promise<void> | undefined, turn: Turn): Promise<void> {
    await ready;
    if (!turn.over) await this.#run(turn);
  }

  async #run(turn: Turn): Promise<void> {
    void this.#invoke(turn);
    for (let waited = 0; waited < SETTLING_MICROTASKS && !turn.over; waited++) await undefined;
    if (turn.over) return;
    turn.startedAt = turn.aliveAt = Date.now();
    watchTurn(turn, this.#settings, () => {
      // One error for the handler's signal, and one for the client.
      if (turn.end(timeout(turn))) this.#leave(turn, timeout(turn));
    });
  }

  async #invoke(turn: Turn): Promise<void> {
    let outcome: ChatMessage[] | ChatError;
    try {
      const { sessionId } = turn;
      const { message } = turn.regeneration ?? turn;
      const returned = toList(await this.#settings.onMessage?.(sessionId, copyOf(message), new HandlerContext(turn)));
      outcome = returned.some(isSource)
        ? await this.#streamReplies(turn, returned)
        : returned.map((reply) => toReply(reply, turn));
    } catch (error) {
      outcome = toClientError(error, turn);
    }
    if (turn.end()) this.#leave(turn, outcome);
  }

  async #streamReplies(turn: Turn, returned: readonly unknown[]): Promise<ChatMessage[]> {
    const replies: ChatMessage[] = [];
    for (const given of returned) {
      const isRead = isSource(given);
      if (isRead && turn.over) discard(given);
      const stream = isRead && !turn.over && (await this.#sink.streams.run(turn, this.#nextStreamId(turn), given));
      if (!turn.over) replies.push(toReply(stream ? stream.toDraft() : given, turn));
    }
    // One that cannot be encoded is an error of the turn, by which the streams that were shown end.
    for (const reply of replies) encodeReply(reply);
    for (const stream of turn.streams) {
      if (replies.some(({ id }) => id === stream.id)) turn.release(stream);
    }
    return replies;
  }

  /** The id of the next reply that is returned as a source. What an earlier attempt streamed in its place by `context.stream` is in the log. */
  #nextStreamId(turn: Turn): string {
    let id = turn.nextStreamId();
    while (this.#sink.findPost?.(turn, "", id)) id = turn.nextStreamId();
    return id;
  }

  /** The envelopes of the replies that are still being streamed when their turn ends. One of which nothing was shown has none. */
  #cutOff(turn: Turn, finish: FinishReason, error?: ChatError): ChatMessage[] {
    const shown = turn.streams.filter(({ id, bytes }) => bytes > 0 && !turn.saved.has(id));
    for (const stream of turn.streams) {
      stream.end(finish, error);
      turn.release(stream);
    }
    // A turn that fails after its sources have ended says so in the last one: there is no other report.
    const last = shown.at(-1);
    if (finish === "error" && last && shown.every((stream) => stream.error === undefined)) last.error = error;
    return shown.map((stream) => toReply(stream.toDraft(), turn));
  }

  /** Reports how a turn ended, then lets the next one begin: replies to one author are in the order of that author's messages (P3). */
  #leave(turn: Turn, outcome: ChatMessage[] | ChatError, finish: FinishReason = "error"): void {
    remove(this.#running, turn);
    this.#room.change(turn, -1);
    try {
      this.#report(turn, outcome, finish);
    } finally {
      if (remove(this.#current, turn)) {
        for (let next = this.#shift(turn.author); next; next = this.#shift()) void this.#begin(next);
      }
    }
  }

  #report(turn: Turn, outcome: ChatMessage[] | ChatError, finish: FinishReason): void {
    try {
      const error = outcome instanceof ChatError ? outcome : undefined;
      const shown = finish === "error" ? error : undefined;
      const kept = toKeptReplies(turn, error ? finish : "interrupted", shown);
      const cutOff = this.#cutOff(turn, error ? finish : "interrupted", error);
      const replies = [...kept, ...cutOff, ...(outcome instanceof ChatError ? [] : outcome)];
      if (shown && replies.length === 0) this.#sink.failed(turn, shown);
      else this.#sink.finished(turn, replies, shown);
    } catch (error) {
      this.#sink.failed(turn, toClientError(error, turn));
    }
  }
}

/** Removes a turn from a list; whether it was in it. */
function remove(turns: Turn[], turn: Turn): boolean {
  const place = turns.indexOf(turn);
  if (place >= 0) turns.splice(place, 1);
  return place >= 0;
}
