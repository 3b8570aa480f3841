import { Random } from "../../test/protocol/random.js";
import type { Pace } from "../pace.js";
import type { Entry, Witness } from "../records.js";
import { drawErrand, type Errand } from "./errand.js";
import type { StreamRules } from "./rules.js";
import { View } from "./view.js";

/** Between two messages, in milliseconds. */
const LONGEST_PAUSE_MS = 800;

/** The side of a client that asks for streamed replies, is shown them, and cancels them. */
export class StreamSide {
  readonly view: View;
  /** What each of its messages asked for. */
  readonly errands = new Map<string, Errand>();
  /** Its messages whose turn is not over, oldest first, as far as it knows. */
  readonly waiting = new Set<string>();
  /** Frames of deltas that it was shown. */
  deltas = 0;
  /** The message that each reply answers. */
  readonly #answered = new Map<string, string>();
  /** Until when it sends nothing, in milliseconds. */
  #readUntil = 0;
  readonly #rules: StreamRules;
  readonly #witness: Witness;
  readonly #pace: Pace;
  readonly #words: Random;

  constructor(rules: StreamRules, witness: Witness, pace: Pace, seed: number) {
    this.#rules = rules;
    this.#witness = witness;
    this.#pace = pace;
    this.#words = new Random(seed);
    this.view = new View(witness.views);
  }

  /** Whether it may send one more message: not as fast as it can, for there is something to be read. */
  get maySay(): boolean {
    return !this.#pace.isOver && this.waiting.size < this.#rules.unanswered && performance.now() >= this.#readUntil;
  }

  /** Draws what its next message asks for. */
  errand(id: string): { stream: Errand } {
    const stream = drawErrand(this.#words, this.#rules.sources);
    this.#readUntil = performance.now() + this.#words.below(LONGEST_PAUSE_MS);
    this.errands.set(id, stream);
    this.waiting.add(id);
    return { stream };
  }

  /** Reads a frame. */
  heard(text: string): void {
    const { begins, grows } = this.view.heard(text);
    if (begins) this.#answered.set(begins.id, begins.of);
    if (grows === undefined) return;
    this.deltas += 1;
    if (this.errands.has(this.#answered.get(grows) ?? "")) this.#pace.advance();
  }

  /** An envelope was shown: it may end a turn. */
  shown({ id, from, reply, answers }: Entry, interrupts: boolean): void {
    if (reply !== undefined) this.view.ended(id, reply.text);
    if (answers !== undefined) this.waiting.delete(answers.id);
    if (reply !== undefined && (reply.finish !== "stop" || !this.#hasLastWord(reply.of))) this.waiting.delete(reply.of);
    if (!interrupts || from !== this.#witness.user) return;
    // A later message of its user has cancelled those before it.
    for (const earlier of this.waiting) if (earlier !== id) this.waiting.delete(earlier);
  }

  /** The id of the reply to a message that it was shown growing. */
  replyTo(message: string): string | undefined {
    return [...this.#answered].findLast(([, of]) => of === message)?.[0];
  }

  /** Whether the turn of a message says a last word after the replies that it streams. */
  #hasLastWord(message: string): boolean {
    const { source } = this.errands.get(message) ?? {};
    return source === "steps" || source === "deaf";
  }
}
