/** Whoever wants to know. What one listener throws must reach neither the others nor the client. */
export class Listeners<Event> {
  readonly #listeners = new Set<(event: Event) => void>();

  /** Adds a listener and returns how to remove it. */
  add(listener: (event: Event) => void): () => void {
    // A function of its own, so that a listener added twice is called twice and removed once.
    const entry = (event: Event): void => listener(event);
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  emit(event: Event): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        console.error("@workkit/chat: a listener failed", error);
      }
    }
  }
}
