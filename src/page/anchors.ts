/** How many lines hold a place: the first may be removed. */
const COUNT = 20;

interface Anchor {
  line: Element;
  /** What stands before it. */
  before: Element | null;
  /** Pixels from the top of the scroller. */
  top: number;
  bottom: number;
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
      if (line && this.#anchorOf(line).bottom <= 0) from = middle + 1;
      else to = middle;
    }
    this.#anchors = lines.slice(from, from + COUNT).map((line) => this.#anchorOf(line));
  }

  /** The reader has scrolled this many pixels down. */
  move(way: number): void {
    for (const anchor of this.#anchors) {
      anchor.top -= way;
      anchor.bottom -= way;
    }
  }

  /** How many pixels the first line that is still there has moved down. */
  moved(): number {
    const first = this.#anchors.find(({ line }) => line.isConnected);
    if (!first) return 0;
    const { before, top, bottom } = this.#anchorOf(first.line);
    // After another line it may show the name of its author, or no longer show it: what stays is its end.
    return before === first.before ? top - first.top : bottom - first.bottom;
  }

  #anchorOf(line: Element): Anchor {
    const { top, bottom } = line.getBoundingClientRect();
    const { top: zero } = this.#scroller.getBoundingClientRect();
    return { line, before: line.previousElementSibling, top: top - zero, bottom: bottom - zero };
  }
}
