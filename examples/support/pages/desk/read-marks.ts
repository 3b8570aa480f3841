/** How far somebody of the desk has read in each conversation, kept in this browser: a seq of the inbox for each visitor. */
export class ReadMarks {
  readonly #key: string;
  #marks: Record<string, number> = {};

  constructor(room: string, name: string) {
    this.#key = `workkit.support/desk/${room}/${name}/read`;
    try {
      this.#marks = { ...JSON.parse(localStorage.getItem(this.#key) ?? "{}") };
    } catch {
      // Nothing is kept in this browser, or something else under this key.
    }
  }

  get marks(): Readonly<Record<string, number>> {
    return this.#marks;
  }

  /** Returns whether this is further than before. */
  set(visitor: string, seq: number): boolean {
    if (seq <= (this.#marks[visitor] ?? 0)) return false;
    this.#marks = { ...this.#marks, [visitor]: seq };
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.#marks));
    } catch {
      // It is known until this page ends.
    }
    return true;
  }
}
