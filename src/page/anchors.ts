/** How many lines hold a place: the first may be removed. */
const COUNT = 20;

interface Anchor {
  line: Element;
  /** Pixels from the top of the scroller. */
  top: number;
}

/** Lines in sight, and where they stood. */
export class Anchors {
  readonly #scroller: Element;
  readonly #selector: string;
  #anchors: Anchor[] = [];

  /** @param selector selects the lines of the scroller */
  constructor(scroller: Element, selector: string) {
    this.#scroller = scroller;
    this.#selector = selector;
  }

  /** Takes the lines that are in sight now. */
  set(): void {
    const lines = [...this.#scroller.querySelectorAll(this.#selector)];
    let [from, to] = [0, lines.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const line = lines[middle];
      if (line && this.#topOf(line) + line.getBoundingClientRect().height <= 0) from = middle + 1;
      else to = middle;
    }
    this.#anchors = lines.slice(from, from + COUNT).map((line) => ({ line, top: this.#topOf(line) }));
  }

  /** The reader has scrolled this many pixels down. */
  move(way: number): void {
    for (const anchor of this.#anchors) anchor.top -= way;
  }

  /** How many pixels the first line that is still there has moved down. */
  moved(): number {
    const first = this.#anchors.find(({ line }) => line.isConnected);
    return first ? this.#topOf(first.line) - first.top : 0;
  }

  #topOf(line: Element): number {
    return line.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
  }
}
