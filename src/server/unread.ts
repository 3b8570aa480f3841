import { MAX_UNREAD, UNREAD_BEFORE_PING } from "../protocol/limits.js";

/** A connection may take this part of the room that is left, so that those that stall leave some for who comes next. */
const SHARE = 1 / 4;

/** What connections that share one memory were sent since they were asked whether they read, and how many there are. */
export interface Backlog {
  characters: number;
  connections: number;
}

/**
 * What one connection was sent and has not shown to have read (P12). The platform keeps all that a reader does not take, and
 * tells nobody: docs/decisions/0011-slow-readers.md. It holds for as long as the object is awake, for the object cannot
 * sleep while anything waits to be read.
 */
export class Unread {
  /** Since it was asked, or since the answer. */
  #characters = 0;
  #asked = false;

  constructor(private readonly backlog: Backlog) {
    backlog.connections += 1;
  }

  /** Counts a frame, and says what is to be done: ask whether it reads, or stop sending. */
  add(characters: number): "ask" | "stop" | undefined {
    this.#characters += characters;
    if (!this.#asked) {
      // In a large room earlier: what nobody was asked about is as much as one may have unread, all together.
      const free = Math.min(UNREAD_BEFORE_PING, (MAX_UNREAD * SHARE) / this.backlog.connections);
      if (this.#characters <= free) return undefined;
      this.#characters = 0;
      this.#asked = true;
      return "ask";
    }
    this.backlog.characters += characters;
    return this.#characters > (MAX_UNREAD - this.backlog.characters) * SHARE ? "stop" : undefined;
  }

  /** It reads: all that it was sent before it was asked has arrived. */
  answered(): void {
    if (!this.#asked) return;
    this.backlog.characters -= this.#characters;
    this.#asked = false;
  }

  /** The connection is gone, and what waited with it. */
  forget(): void {
    this.answered();
    this.backlog.connections -= 1;
  }
}
