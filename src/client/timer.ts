/** The longest delay of a timer, in milliseconds; one that is set for longer fires at once. */
const MAX_DELAY_MS = 2_147_483_647;

/** One thing that is to happen later. */
export class Timer {
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Whether it is still to happen. */
  get isSet(): boolean {
    return this.#timer !== undefined;
  }

  /** Does `action` after `delay` milliseconds, in place of what was to happen before. */
  set(delay: number, action: () => void): void {
    this.clear();
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        action();
      },
      Math.min(delay, MAX_DELAY_MS),
    );
  }

  clear(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
