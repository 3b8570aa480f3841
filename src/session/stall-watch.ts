import { CLOSE_CODES } from "../protocol/close-codes.js";
import { MAX_UNREAD_ASLEEP } from "../protocol/limits.js";
import type { Connection } from "../server/connection/connection.js";

/** Heartbeat intervals of silence after which a plain connection that does not read is closed. */
const SILENT_INTERVALS = 2;

/** What a watch looks at, and what it may do. */
export interface Stalls extends Iterable<Connection> {
  /** Whether closed sockets are all that is left, and hold so much unread that the object cannot sleep. */
  readonly onlyClosedHold: boolean;
  /** When a connection last sent a frame or a ping, in milliseconds. */
  lastSeenAt(connection: Connection): number;
  /** Ends the object, which alone frees what closed sockets hold, unless it has something to do. */
  abort(): void;
}

/**
 * Closes plain connections that have much unread and are silent, and ends an object that only closed sockets keep awake (P12). There
 * is a timer only while there may be such connections or sockets. docs/decisions/0011-slow-readers.md
 */
export class StallWatch {
  #timer: number | undefined;

  readonly #interval: number;
  readonly #stalls: Stalls;

  constructor(interval: number, stalls: Stalls) {
    this.#interval = interval;
    this.#stalls = stalls;
  }

  /** Checks an interval later. */
  start = (): void => {
    this.#timer ??= setTimeout(() => this.#check(), this.#interval);
  };

  #check(): void {
    this.#timer = undefined;
    const stalls = this.#stalls;
    let isNeeded = stalls.onlyClosedHold;
    if (isNeeded) stalls.abort();
    for (const connection of stalls) {
      if (connection.dialect.mustAnswerPings || connection.unread(true) <= MAX_UNREAD_ASLEEP) continue;
      isNeeded = true;
      if (Date.now() - stalls.lastSeenAt(connection) >= SILENT_INTERVALS * this.#interval) {
        connection.close(CLOSE_CODES.SLOW_READER, "unread for too long");
      }
    }
    if (isNeeded) this.start();
  }
}
