import type { CancelledFrame } from "../protocol/frames.js";

/** What became of a cancel. */
export type CancelResult = CancelledFrame["result"];

/** Turns that are to be cancelled, by the id of their message or reply: each is asked for on every connection until it is answered. */
export class Cancels {
  readonly #callers = new Map<string, ((result: CancelResult) => void)[]>();

  /** The ids that are not answered. */
  get ids(): string[] {
    return [...this.#callers.keys()];
  }

  add(id: string): Promise<CancelResult> {
    return new Promise((resolve) => this.#callers.set(id, [...(this.#callers.get(id) ?? []), resolve]));
  }

  answer(id: string, result: CancelResult): void {
    for (const resolve of this.#callers.get(id) ?? []) resolve(result);
    this.#callers.delete(id);
  }
}
