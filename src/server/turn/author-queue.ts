import type { Turn } from "./turn.js";

/** Turns that wait: authors alternate, and the turns of one author keep their order (P3). */
export class AuthorQueue {
  /** The next author is the first one. */
  readonly #turns = new Map<unknown, Turn[]>();

  /** Whether a turn of this author waits. */
  has(author: unknown): boolean {
    return this.#turns.has(author);
  }

  push(turn: Turn): void {
    const turns = this.#turns.get(turn.author);
    if (!turns) this.#turns.set(turn.author, [turn]);
    else turns.push(turn);
  }

  /** Removes and returns the next turn that may begin. All other authors come before the next turn of `latest`, whose turn has ended. */
  shift(mayBegin: (turn: Turn) => boolean, latest?: unknown): Turn | undefined {
    const turns = this.#turns.get(latest);
    if (turns) {
      this.#turns.delete(latest);
      this.#turns.set(latest, turns);
    }
    for (const [next] of this.#turns.values()) if (next && mayBegin(next)) return this.remove(next);
    return undefined;
  }

  /** The turns that pass a test. */
  filter(test: (turn: Turn) => boolean): Turn[] {
    return [...this.#turns.values()].flat().filter(test);
  }

  remove(turn: Turn): Turn {
    const turns = this.#turns.get(turn.author) ?? [];
    turns.splice(turns.indexOf(turn), 1);
    if (turns.length === 0) this.#turns.delete(turn.author);
    return turn;
  }

  clear(): void {
    this.#turns.clear();
  }
}
