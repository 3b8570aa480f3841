import type { CancelledFrame } from "../protocol/frames.js";

/** What became of a cancel. */
export type CancelResult = CancelledFrame["result"];

/** Requests about turns, by the id of the message or reply: each is asked for on every connection until it is answered. */
export class TurnRequests<Result> {
  readonly #callers = new Map<string, ((result: Result) => void)[]>();

  /** The ids that are not answered. */
  get ids(): string[] {
    return [...this.#callers.keys()];
  }

  add(id: string): Promise<Result> {
    return new Promise((resolve) => this.#callers.set(id, [...(this.#callers.get(id) ?? []), resolve]));
  }

  answer(id: string, result: Result): void {
    for (const resolve of this.#callers.get(id) ?? []) resolve(result);
    this.#callers.delete(id);
  }
}
