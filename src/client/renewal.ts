import { Timer } from "./timer.js";

/** An identity is renewed this long before it expires, or half-way if that is later, in milliseconds; but not all the time. */
const LEAD = 60_000;
const SHORTEST = 1_000;

/** Sends a new token on the live connection, in time before its identity expires. */
export class Renewal {
  readonly #timer = new Timer();
  readonly #ask: () => Promise<string | undefined>;
  readonly #send: (token: string) => void;

  /** @param ask resolves with a token, if there is one. */
  constructor(ask: () => Promise<string | undefined>, send: (token: string) => void) {
    this.#ask = ask;
    this.#send = send;
  }

  /** @param life milliseconds until the identity expires; none if it does not. */
  start(life: number | undefined): void {
    if (life === undefined) this.stop();
    else this.#timer.set(Math.max(SHORTEST, life / 2, life - LEAD), () => void this.#renew());
  }

  stop(): void {
    this.#timer.clear();
  }

  async #renew(): Promise<void> {
    const token = await this.#ask();
    if (token !== undefined) this.#send(token);
  }
}
