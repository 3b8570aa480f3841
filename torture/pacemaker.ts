import type { Executor } from "./executor.js";
import type { Fault } from "./faults.js";
import type { Pace } from "./pace.js";
import type { Plan } from "./plan.js";

/** How far one may be ahead of all others together, in shares of its messages. */
const LEAD = 0.01;

/** Counts the steps of a run: faults strike by that count, and nobody is done long before the others. */
export class Pacemaker implements Pace {
  readonly #steps: number;
  readonly #executor: Executor;
  readonly #faults: Iterator<Fault>;
  #next: IteratorResult<Fault, unknown>;
  /** Messages that were sent so far, or frames of deltas that were shown. */
  total = 0;

  constructor({ faults }: Plan, steps: number, executor: Executor) {
    this.#steps = steps;
    this.#executor = executor;
    this.#faults = faults.values();
    this.#next = this.#faults.next();
  }

  advance(): void {
    this.total += 1;
    for (; !this.#next.done && this.#next.value.at <= this.total; this.#next = this.#faults.next()) {
      const { value } = this.#next;
      // Later: a client has been told of a frame and has not applied it yet.
      setImmediate(() => this.#executor.strike(value));
    }
  }

  get isOver(): boolean {
    return this.total >= this.#steps;
  }

  get share(): number {
    return this.total / this.#steps + LEAD;
  }
}
