/** Pings while a connection lives, and finds it dead after two intervals without a single frame. */
export class Heartbeat {
  readonly #ping: () => void;
  readonly #dead: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #heardAt = 0;

  constructor(ping: () => void, dead: () => void) {
    this.#ping = ping;
    this.#dead = dead;
  }

  /** @param interval milliseconds between pings, as the server's hello gives it. */
  start(interval: number): void {
    this.stop();
    this.heard();
    this.#timer = setInterval(() => {
      // A hidden page's timers are throttled, so the silence is measured by the clock and not by counting ticks.
      if (Date.now() - this.#heardAt >= 2 * interval) this.#dead();
      else this.#ping();
    }, interval);
  }

  /** Any frame of the server is a sign of life. */
  heard(): void {
    this.#heardAt = Date.now();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
