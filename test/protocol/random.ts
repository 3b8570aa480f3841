/** A stream of random numbers that the same seed gives again: xorshift on 32 bits. */
export class Random {
  #state: number;

  /** @param seed any whole number but 0, which xorshift never leaves */
  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }

  /** One of a list, which must not be empty. */
  pick<T>(list: readonly T[]): T {
    const chosen = list[this.below(list.length)];
    if (chosen === undefined) throw new RangeError("Cannot pick from an empty list; give it at least one entry.");
    return chosen;
  }
}
