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
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      action();
    }, delay);
  }

  clear(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
