import { CLOSE_CODES } from "../protocol/errors.js";
import { MAX_UNREAD_ASLEEP } from "../protocol/limits.js";
import type { Peer } from "../server/peer.js";

/** Heartbeat intervals of silence after which a plain connection that does not read is closed. */
const SILENCE = 2;

/** What a watch looks at, and what it may do. */
export interface Stalls {
  peers(): Iterable<Peer>;
  /** When a connection was last heard, in milliseconds. */
  heardAt(peer: Peer): number;
  /** Whether closed sockets are all that is left, and hold so much unread that the object cannot sleep. */
  onlyClosedHold(): boolean;
  /** Ends the object, which alone frees what closed sockets hold, unless it has something to do. */
  abort(): void;
}

/**
 * Closes plain connections that have much unread and are silent, and ends an object that only closed sockets keep awake (P12). There
 * is a timer only while there may be some. docs/decisions/0011-slow-readers.md
 */
export class StallWatch {
  #timer: number | undefined;

  readonly #interval: number;
  readonly #stalls: Stalls;

  constructor(interval: number, stalls: Stalls) {
    this.#interval = interval;
    this.#stalls = stalls;
  }

  /** Looks an interval later. */
  start = (): void => {
    this.#timer ??= setTimeout(() => this.#look(), this.#interval);
  };

  #look(): void {
    this.#timer = undefined;
    const stalls = this.#stalls;
    let isNeeded = stalls.onlyClosedHold();
    if (isNeeded) stalls.abort();
    for (const peer of stalls.peers()) {
      if (peer.state.dialect === "v1" || peer.unread(true) <= MAX_UNREAD_ASLEEP) continue;
      isNeeded = true;
      if (Date.now() - stalls.heardAt(peer) >= SILENCE * this.#interval) {
        peer.close(CLOSE_CODES.SLOW_READER, "unread for too long");
      }
    }
    if (isNeeded) this.start();
  }
}
