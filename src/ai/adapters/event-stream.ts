import { ModelError } from "./model-error.js";

/** Most characters of one event of an event stream, in all its lines. */
export const MAX_EVENT_LENGTH = 4_194_304;

/**
 * Reads the data of events from a `text/event-stream` that arrives in pieces. What it yields does not depend on where the pieces were
 * cut. Names, ids and retry times of events are left out, and so are events without data.
 */
export class EventStreamParser {
  /** The line that is not complete yet. */
  #line = "";
  #data: string | undefined;
  #isFirst = true;
  /** Whether the last piece ended with CR: an LF that follows belongs to it. */
  #endedWithCr = false;

  /** @throws ModelError for an event of more than `MAX_EVENT_LENGTH` characters */
  *push(piece: string): Generator<string, void> {
    if (piece === "") return;
    const start = (this.#endedWithCr && piece[0] === "\n") || (this.#isFirst && piece[0] === "\uFEFF") ? 1 : 0;
    this.#isFirst = false;
    this.#endedWithCr = piece.endsWith("\r");
    const [first = "", ...lines] = piece.slice(start).split(/\r\n?|\n/);
    this.#line += first;
    for (const next of lines) {
      yield* this.#endLine();
      this.#line = next;
    }
    this.#check();
  }

  /** The end of the stream ends its last line and its last event. */
  *end(): Generator<string, void> {
    yield* this.#endLine();
    this.#line = "";
    yield* this.#endLine();
  }

  *#endLine(): Generator<string, void> {
    this.#check();
    if (this.#line === "") {
      if (this.#data) yield this.#data;
      this.#data = undefined;
    } else if (/^data(:|$)/.test(this.#line)) {
      const value = this.#line.slice(5).replace(/^ /, "");
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    }
  }

  #check(): void {
    if (this.#line.length + (this.#data ?? "").length > MAX_EVENT_LENGTH) {
      throw new ModelError(`An event of the model's stream has more than ${MAX_EVENT_LENGTH} characters.`);
    }
  }
}
