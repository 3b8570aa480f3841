/** A text that the browser keeps for the next page. One that may not keep anything has it until this page ends. */
export class KeptValue {
  readonly #key: string;
  readonly #area: "localStorage" | "sessionStorage";
  #value: string | undefined;

  /** @param area `sessionStorage` is for this tab alone */
  constructor(key: string, area: "localStorage" | "sessionStorage" = "localStorage") {
    this.#key = key;
    this.#area = area;
  }

  /** Another window may have changed it: it is read again each time. */
  get(): string | undefined {
    try {
      return window[this.#area].getItem(this.#key) ?? undefined;
    } catch {
      return this.#value;
    }
  }

  /** Keeps a value in place of the last; nothing forgets that. */
  set(value: string | undefined): void {
    this.#value = value;
    try {
      if (value === undefined) window[this.#area].removeItem(this.#key);
      else window[this.#area].setItem(this.#key, value);
    } catch {
      // Private windows, full disks: what it is good for now, it still has.
    }
  }
}
