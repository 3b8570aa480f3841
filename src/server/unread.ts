import { MAX_UNREAD, UNREAD_BEFORE_PING } from "../protocol/limits.js";

/** A connection may take this part of the room that is left, so that those that stall leave some for who comes next. */
const SHARE = 1 / 4;

/** What connections that share one memory were sent, and did not show to have read when they were asked. */
export interface Backlog {
  characters: number;
}

/**
 * What one connection was sent and has not shown to have read (P12). The platform keeps all that a reader does not take, and
 * tells nobody: docs/decisions/0011-slow-readers.md. It holds for as long as the object is awake, for the object cannot
 * sleep while anything waits to be read.
 */
export class Unread {
  #characters = 0;
  /** How many of them it was asked about; 0 while it was not. */
  #asked = 0;

  constructor(private readonly backlog: Backlog) {}

  /** Counts a frame, and says what is to be done: ask whether it reads, or stop sending. */
  add(characters: number): "ask" | "stop" | undefined {
    this.#characters += characters;
    if (this.#asked === 0) {
      if (this.#characters <= UNREAD_BEFORE_PING) return undefined;
      this.#asked = this.#characters;
      this.backlog.characters += this.#characters;
      return "ask";
    }
    this.backlog.characters += characters;
    return this.#characters > (MAX_UNREAD - this.backlog.characters) * SHARE ? "stop" : undefined;
  }

  /** It reads: all that it was sent before it was asked has arrived. */
  answered(): void {
    if (this.#asked === 0) return;
    this.backlog.characters -= this.#characters;
    this.#characters -= this.#asked;
    this.#asked = 0;
  }

  /** The connection is gone, and what waited with it. */
  forget(): void {
    if (this.#asked > 0) this.backlog.characters -= this.#characters;
    this.#characters = 0;
    this.#asked = 0;
  }
}
