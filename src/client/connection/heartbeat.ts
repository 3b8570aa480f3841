import type { Outbox } from "../outbox/outbox.js";
import { Timer } from "../timer.js";
import type { Socket } from "./socket.js";

/** How long a connection that is looked after out of turn may take to answer, in milliseconds. */
const PROBE_TIMEOUT = 5_000;

/**
 * Pings after an interval without progress and finds the connection dead after a second one (P9). Progress is any frame, and
 * bytes that leave. A server that answers pings but no messages is dead, too: there progress is an answer, and bytes that leave.
 */
export class Heartbeat {
  readonly #interval: number;
  readonly #socket: Socket | undefined;
  readonly #outbox: Outbox;
  readonly #ping: () => void;
  readonly #dead: () => void;
  readonly #timer = new Timer();
  #heardAt = performance.now();
  #answeredAt = 0;
  /** When it was asked for a sign of life that has not come. */
  #askedAt: number | undefined;

  /** @param interval milliseconds, as the server's hello gives it. */
  constructor(interval: number, socket: Socket | undefined, outbox: Outbox, ping: () => void, dead: () => void) {
    this.#interval = interval;
    this.#socket = socket;
    this.#outbox = outbox;
    this.#ping = ping;
    this.#dead = dead;
    this.#watch(interval);
  }

  heard(): void {
    this.#heardAt = performance.now();
    this.#askedAt = undefined;
  }

  /** A message was acked or refused. */
  answered(): void {
    this.#answeredAt = performance.now();
  }

  /** Asks now, as after a sleep or a change of networks. */
  probe(): void {
    this.#ask(Math.min(PROBE_TIMEOUT, this.#interval));
  }

  stop(): void {
    this.#timer.clear();
  }

  #look(): void {
    const now = performance.now();
    const drainedAt = this.#socket?.drainedAt ?? 0;
    const sentAt = this.#outbox.oldestSentAt;
    // A message that the server never got has to be sent again.
    const isStalled = now - Math.max(sentAt ?? now, this.#answeredAt, drainedAt) >= 2 * this.#interval;
    // A sleeping page's timers are late: before it calls the server dead it must have asked.
    const isSilent = this.#askedAt !== undefined && drainedAt <= this.#askedAt;
    if (isStalled || isSilent) return this.#dead();
    const left = this.#interval - (now - this.#heardAt);
    if (this.#askedAt !== undefined) this.#await(this.#interval);
    else if (left > 0) this.#watch(left);
    else this.#ask(this.#interval);
  }

  /** @param timeout milliseconds that the answer may take */
  #ask(timeout: number): void {
    this.#await(timeout);
    this.#ping();
  }

  /** Waits for the answer, which stands behind all that has not left yet. */
  #await(timeout: number): void {
    this.#askedAt = performance.now();
    this.#watch(timeout);
  }

  #watch(delay: number): void {
    this.#timer.set(delay, () => this.#look());
  }
}
