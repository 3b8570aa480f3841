/** What a timer can wait for, in milliseconds; one that is set for longer would go off at once. */
const LONGEST = 2_147_483_647;

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
      Math.min(delay, LONGEST),
    );
  }

  clear(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
