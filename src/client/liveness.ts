import { Timer } from "./timer.js";

/** How long a connection that is looked after out of turn may take to answer, in milliseconds. */
const PROBE_TIMEOUT = 5_000;

/** What the watch over a connection does and asks. */
export interface LivenessEvents {
  ping(): void;
  dead(): void;
  /** When the oldest unanswered message was sent, in milliseconds of `performance.now()`. */
  oldestSentAt(): number | undefined;
}

/** Pings after an interval of silence and finds the connection dead after a second one (P9). Any frame is a sign of life. */
export class Liveness {
  readonly #events: LivenessEvents;
  #interval = 0;
  readonly #timer = new Timer();
  #heardAt = 0;
  #asked = false;

  constructor(events: LivenessEvents) {
    this.#events = events;
  }

  /** @param interval milliseconds, as the server's hello gives it. */
  start(interval: number): void {
    this.#interval = interval;
    this.heard();
    this.#watch(interval);
  }

  heard(): void {
    this.#heardAt = performance.now();
    this.#asked = false;
  }

  /** Asks now, as after a sleep or a change of networks. */
  probe(): void {
    this.#ask(Math.min(PROBE_TIMEOUT, this.#interval));
  }

  stop(): void {
    this.#timer.clear();
  }

  #look(): void {
    // A sleeping page's timers are late: before it calls the server dead it must have asked.
    if (this.#asked || this.#stalled()) return this.#events.dead();
    const left = this.#interval - (performance.now() - this.#heardAt);
    if (left > 0) this.#watch(left);
    else this.#ask(this.#interval);
  }

  #ask(patience: number): void {
    this.#asked = true;
    this.#watch(patience);
    this.#events.ping();
  }

  /** A server that is alive answers every message; one that it never got has to be sent again. */
  #stalled(): boolean {
    const sentAt = this.#events.oldestSentAt();
    return sentAt !== undefined && performance.now() - sentAt >= 2 * this.#interval;
  }

  #watch(delay: number): void {
    this.#timer.set(delay, () => this.#look());
  }
}
