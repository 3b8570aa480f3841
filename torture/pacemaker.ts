import type { Executor } from "./executor.js";
import type { Fault } from "./faults.js";
import type { Pace } from "./participant.js";
import type { Plan } from "./plan.js";

/** How far one may be ahead of all others together, in shares of its messages. */
const LEAD = 0.01;

/** Counts what is sent: faults strike by that count, and nobody is done long before the others. */
export class Pacemaker implements Pace {
  readonly #messages: number;
  readonly #executor: Executor;
  readonly #faults: Iterator<Fault>;
  #next: IteratorResult<Fault, unknown>;
  /** Messages that were sent so far. */
  total = 0;

  constructor({ faults }: Plan, messages: number, executor: Executor) {
    this.#messages = messages;
    this.#executor = executor;
    this.#faults = faults.values();
    this.#next = this.#faults.next();
  }

  sent(): void {
    this.total += 1;
    for (; !this.#next.done && this.#next.value.at <= this.total; this.#next = this.#faults.next()) {
      this.#executor.strike(this.#next.value);
    }
  }

  get share(): number {
    return this.total / this.#messages + LEAD;
  }
}
