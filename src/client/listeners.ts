/** Listeners of one event. An exception of one is logged, and reaches neither the others nor the client. */
export class Listeners<Event> {
  readonly #listeners = new Set<(event: Event) => void>();

  /** Adds a listener. Returns a function that removes it. */
  add(listener: (event: Event) => void): () => void {
    // A function of its own: a listener that is added twice is called twice, and each removal removes one.
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
