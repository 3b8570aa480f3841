/** The request for older messages: one is under way at a time, and whoever asks meanwhile shares its answer. */
export class OlderRequest {
  readonly #waiting: ((loaded: boolean) => void)[] = [];

  /** Resolves with whether there were any. */
  ask(send: () => void): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) send();
    });
  }

  answer(loaded: boolean): void {
    for (const resolve of this.#waiting.splice(0)) resolve(loaded);
  }
}
