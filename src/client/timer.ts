/** The longest delay of `setTimeout`, in milliseconds: one that is longer fires at once. */
const MAX_DELAY_MS = 2_147_483_647;

/** At most one action that is to run later. */
export class Timer {
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Whether an action is still to run. */
  get isSet(): boolean {
    return this.#timer !== undefined;
  }

  /** Runs `action` after `delay` milliseconds, instead of the one that was set before. */
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
