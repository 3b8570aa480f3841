import type { Row } from "./markers.js";
import { slotOf } from "./ring.js";
import type { RingTable } from "./ring-table.js";
import { CHECKED_COLUMNS, readEnvelope, unreadable } from "./stored.js";

/** Rows that one query reads: few at first, then twice as many each time, so that little is read in vain where bodies are large. */
const FIRST_ROWS_AT_ONCE = 8;
const MAX_ROWS_AT_ONCE = 32;

/** An entry as it is read back: its place and its envelope, encoded. */
export interface StoredEntry {
  seq: number;
  body: string;
  timestamp: number;
  /** Bytes of the body as UTF-8. */
  bytes: number;
}

/**
 * Reads entries back. Each row is checked the first time that it is read after a wake-up. A stand-in takes the place of one that is
 * missing or cannot be read: no reader meets a hole or a broken row (P4, P19).
 */
export class LogReader {
  /** By slot, 1 where the row is known to be readable. */
  readonly #readable: Uint8Array;
  readonly #rows: RingTable;
  readonly #log: { readonly epoch: string; readonly capacity: number; readonly timestamp: number };

  constructor(rows: RingTable, log: { readonly epoch: string; readonly capacity: number; readonly timestamp: number }) {
    this.#rows = rows;
    this.#log = log;
    this.#readable = new Uint8Array(log.capacity);
  }

  /** The row of `seq` is as it should be. */
  approve(seq: number): void {
    this.#readable[slotOf(seq, this.#log.capacity)] = 1;
  }

  /**
   * The entries from one seq to another, up or down. Each query is read to its end, whenever the caller stops: a cursor that is left open
   * locks the table, so that it could not be dropped.
   */
  *entries(from: number, to: number, step = 1): Generator<StoredEntry> {
    let rows: Row[] = [];
    let place = 0;
    let count = FIRST_ROWS_AT_ONCE / 2;
    let left = 0;
    for (let seq = step > 0 ? from : to; seq >= from && seq <= to; seq += step) {
      if (left === 0) {
        count = Math.min(2 * count, MAX_ROWS_AT_ONCE);
        left = count;
        place = 0;
        const end = seq + step * (count - 1);
        rows = [
          ...this.#rows.select(
            CHECKED_COLUMNS,
            Math.max(from, Math.min(seq, end)),
            Math.min(to, Math.max(seq, end)),
            step,
          ),
        ];
      }
      left--;
      yield this.#toEntry(rows[place]?.["place"] === seq ? rows[place++] : undefined, seq);
    }
  }

  /** The entry at `seq`. A row that was checked is not parsed again: a client that sends a cursor must not buy much for little (P12). */
  at(seq: number): StoredEntry {
    return this.#toEntry(this.#rows.get(CHECKED_COLUMNS, seq), seq);
  }

  /** What takes the place of an entry that cannot be read. */
  standIn(seq: number): StoredEntry {
    const { epoch, timestamp } = this.#log;
    const message = unreadable(epoch, seq, this.#rows.timeAround(seq, timestamp));
    const body = JSON.stringify(message);
    return { seq, body, bytes: body.length, timestamp: message.timestamp };
  }

  #toEntry(row: Row | undefined, seq: number): StoredEntry {
    const isChecked = this.#readable[slotOf(seq, this.#log.capacity)];
    if (row === undefined || (!isChecked && readEnvelope(row, seq) === undefined)) return this.standIn(seq);
    this.approve(seq);
    return { seq, body: String(row["body"]), bytes: Number(row["bytes"]), timestamp: Number(row["timestamp"]) };
  }
}
