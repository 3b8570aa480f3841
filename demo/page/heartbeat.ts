/** Pings while a connection lives, and finds it dead after two intervals without a single frame (P9). */
export class Heartbeat {
  readonly #ping: () => void;
  readonly #dead: () => void;
  #interval = 0;
  #pinging: ReturnType<typeof setInterval> | undefined;
  #watching: ReturnType<typeof setTimeout> | undefined;
  #heardAt = 0;
  #pingedAt = 0;

  constructor(ping: () => void, dead: () => void) {
    this.#ping = ping;
    this.#dead = dead;
  }

  /** @param interval milliseconds between pings, as the server's hello gives it. */
  start(interval: number): void {
    this.stop();
    this.#interval = interval;
    this.heard();
    this.#pinging = setInterval(() => this.#ask(), interval);
    this.#watch(2 * interval);
  }

  /** Any frame of the server is a sign of life. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  stop(): void {
    clearInterval(this.#pinging);
    clearTimeout(this.#watching);
  }

  #ask(): void {
    this.#pingedAt = performance.now();
    this.#ping();
  }

  #watch(delay: number): void {
    this.#watching = setTimeout(() => this.#look(), delay);
  }

  #look(): void {
    const left = 2 * this.#interval - (performance.now() - this.#heardAt);
    if (left > 0) return this.#watch(left);
    if (this.#pingedAt > this.#heardAt) return this.#dead();
    // A hidden or sleeping page's timers are late: before it calls the server dead it must have asked.
    this.#ask();
    this.#watch(this.#interval);
  }
}
