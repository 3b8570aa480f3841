/**
 * Gathers what several events append into few commits: each costs an fsync, each row next to nothing. The first flush
 * comes at once, so that a lone message never waits; what arrives meanwhile goes with the next, a zero-delay timer later.
 */
export class GroupCommit {
  #flushing = false;

  constructor(
    /** Writes what is pending and tells whoever waits for it. */
    private readonly flush: () => void,
    private readonly hasPending: () => boolean,
  ) {}

  /** Sees to it that what is pending gets flushed, once `ready` has settled. */
  request(ready?: Promise<void>): void {
    if (this.#flushing) return;
    this.#flushing = true;
    void this.#run(ready);
  }

  async #run(ready: Promise<void> | undefined): Promise<void> {
    try {
      await ready;
      do {
        this.flush();
        await scheduler.wait(0);
      } while (this.hasPending());
    } finally {
      this.#flushing = false;
    }
  }
}
