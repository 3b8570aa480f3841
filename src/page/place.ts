import { Anchors } from "./anchors.js";

/** Pixels from the end that are no distance: rounding, at any zoom. */
const SLACK = 4;
/** Pixels from the end within which a reader who scrolls down is taken to have reached it. */
const NEAR_END = 40;

export interface PlaceOptions {
  /** Selects the messages of the list, one of which holds the place. Default `"[data-key]"`. */
  lines?: string;
  /** Called when the reader reaches the end or leaves it. */
  onChange?: ((isAtEnd: boolean) => void) | undefined;
}

/** Where the reader is in a list. */
export interface Place {
  /** Whether the reader is at the end and follows it. */
  readonly isAtEnd: boolean;
  /** Goes to the end and follows it. */
  toEnd(): void;
  dispose(): void;
}

/**
 * Keeps the place of the reader in an element that scrolls. At the end it follows what is added. Elsewhere the line at the top
 * stays where it is when lines are added before or after it or removed, pictures load, or the element gets another size.
 *
 * @example
 * const place = keepPlace(document.querySelector(".messages"));
 * client.send(text);
 * place.toEnd();
 */
export function keepPlace(scroller: HTMLElement, options: PlaceOptions = {}): Place {
  return new KeptPlace(scroller, options);
}

class KeptPlace implements Place {
  isAtEnd = true;
  readonly #scroller: HTMLElement;
  readonly #onChange: ((isAtEnd: boolean) => void) | undefined;
  readonly #anchors: Anchors;
  readonly #abort = new AbortController();
  readonly #sizes = new ResizeObserver(() => this.#restore());
  readonly #lines = new MutationObserver(() => this.#onMutation());
  readonly #observed = new WeakSet<Element>();
  #top = 0;
  #height = 0;

  constructor(scroller: HTMLElement, { lines = "[data-key]", onChange }: PlaceOptions) {
    this.#scroller = scroller;
    this.#onChange = onChange;
    this.#anchors = new Anchors(scroller, lines);
    // Not all engines do this, and two that keep the place would move it twice.
    scroller.style.overflowAnchor = "none";
    const listening = { passive: true, signal: this.#abort.signal };
    scroller.addEventListener("scroll", () => this.#onScroll(), listening);
    // The first of many small steps up lets go, or a list that grows fast could not be left.
    scroller.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && this.#leave(), listening);
    this.#sizes.observe(scroller);
    this.#lines.observe(scroller, { childList: true, subtree: true, characterData: true });
    this.#onMutation();
  }

  toEnd(): void {
    this.#setAtEnd(true);
    // Whatever was scrolled before, the end is where to go now.
    this.#top = this.#scroller.scrollTop;
    this.#restore();
  }

  dispose(): void {
    this.#abort.abort();
    this.#sizes.disconnect();
    this.#lines.disconnect();
  }

  #onMutation(): void {
    for (const child of this.#scroller.children) {
      if (!this.#observed.has(child)) this.#sizes.observe(child);
      this.#observed.add(child);
    }
    this.#restore();
  }

  #onScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const way = scrollTop - this.#top;
    // What `#restore` has scrolled is no move of the reader.
    if (way === 0) return;
    this.#top = scrollTop;
    const rest = scrollHeight - clientHeight - scrollTop;
    if (rest <= SLACK || (way > 0 && rest < NEAR_END)) this.#setAtEnd(true);
    else if (way < 0) this.#setAtEnd(false);
    if (this.isAtEnd) return;
    this.#anchors.move(way);
    // A picture that loaded while the reader scrolled has moved the lines, too.
    if (scrollHeight !== this.#height) this.#restore();
    this.#anchors.set();
  }

  /** Scrolls to where the reader was. */
  #restore(): void {
    const scroller = this.#scroller;
    if (this.#isScrolledUp()) this.#leave();
    if (this.isAtEnd) scroller.scrollTop = scroller.scrollHeight;
    else scroller.scrollTop += this.#anchors.moved();
    this.#top = scroller.scrollTop;
    this.#height = scroller.scrollHeight;
  }

  /**
   * Whether the reader has scrolled up since, and the event that tells of it is still to come. A list that has lost lines, or
   * got more room, is scrolled up by the browser, too, but then as far as its end.
   */
  #isScrolledUp(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    return scrollTop < this.#top && scrollTop + clientHeight < Math.min(this.#height, scrollHeight) - SLACK;
  }

  #leave(): void {
    if (!this.isAtEnd || this.#top === 0) return;
    this.#setAtEnd(false);
    this.#anchors.set();
  }

  #setAtEnd(isAtEnd: boolean): void {
    if (isAtEnd === this.isAtEnd) return;
    this.isAtEnd = isAtEnd;
    this.#onChange?.(isAtEnd);
  }
}
