import type { Outbox } from "../outbox/outbox.js";
import { Timer } from "../timer.js";
import type { Socket } from "./socket.js";

/** How long a probed connection may take to answer, in milliseconds. */
const PROBE_TIMEOUT_MS = 5_000;

/**
 * Sends a ping after an interval without progress, and takes the server for dead after a second one (P9). Progress is a frame,
 * or bytes that leave. A server that answers pings but no messages is dead, too: there progress is an answer, or bytes that leave.
 */
export class Heartbeat {
  readonly #interval: number;
  readonly #socket: Socket | undefined;
  readonly #outbox: Outbox;
  readonly #sendPing: () => void;
  readonly #onTimeout: () => void;
  readonly #timer = new Timer();
  #lastFrameAt = performance.now();
  #lastAnswerAt = 0;
  /** When the ping was sent that no frame has answered yet. */
  #pingSentAt: number | undefined;

  /** @param interval milliseconds, as the server's hello says */
  constructor(
    interval: number,
    socket: Socket | undefined,
    outbox: Outbox,
    sendPing: () => void,
    onTimeout: () => void,
  ) {
    this.#interval = interval;
    this.#socket = socket;
    this.#outbox = outbox;
    this.#sendPing = sendPing;
    this.#onTimeout = onTimeout;
    this.#checkAfter(interval);
  }

  onFrame(): void {
    this.#lastFrameAt = performance.now();
    this.#pingSentAt = undefined;
  }

  /** A message was acked or refused. */
  onAnswer(): void {
    this.#lastAnswerAt = performance.now();
  }

  /** Sends a ping now, as after a sleep or a change of networks: it must be answered within 5 seconds. */
  probe(): void {
    this.#ping(Math.min(PROBE_TIMEOUT_MS, this.#interval));
  }

  dispose(): void {
    this.#timer.clear();
  }

  #check(): void {
    const now = performance.now();
    const drainedAt = this.#socket?.drainedAt ?? 0;
    const sentAt = this.#outbox.oldestSentAt;
    // A message that the server never received has to be sent again.
    const isStalled = now - Math.max(sentAt ?? now, this.#lastAnswerAt, drainedAt) >= 2 * this.#interval;
    // The timers of a sleeping page are late: without a ping its silence proves nothing.
    const isSilent = this.#pingSentAt !== undefined && drainedAt <= this.#pingSentAt;
    if (isStalled || isSilent) return this.#onTimeout();
    const left = this.#interval - (now - this.#lastFrameAt);
    if (this.#pingSentAt !== undefined) this.#awaitAnswer(this.#interval);
    else if (left > 0) this.#checkAfter(left);
    else this.#ping(this.#interval);
  }

  /** @param timeout milliseconds that the answer may take */
  #ping(timeout: number): void {
    this.#awaitAnswer(timeout);
    this.#sendPing();
  }

  /** The answer comes after all bytes that have not left yet. */
  #awaitAnswer(timeout: number): void {
    this.#pingSentAt = performance.now();
    this.#checkAfter(timeout);
  }

  #checkAfter(delay: number): void {
    this.#timer.set(delay, () => this.#check());
  }
}
