import { REPLAY_PAGE_BYTES } from "../../protocol/limits.js";
import { TURN_FAILED } from "./entry.js";
import type { Row } from "./markers.js";
import { slotOf } from "./ring.js";
import type { RingTable } from "./ring-table.js";
import { CHECKED_COLUMNS, nameChecked, PRIVATE_COLUMNS, readEnvelope, unreadable } from "./stored.js";

/** Rows that the first query of a read takes. Those after it take as many as a page holds, if they are as large as those before. */
const FIRST_ROWS_AT_ONCE = 8;
const MAX_ROWS_AT_ONCE = 64;

/** An entry as it is read back: its place and its envelope, encoded. */
export interface StoredEntry {
  seq: number;
  body: string;
  timestamp: number;
  /** Bytes of the body, and of the private parts if these were read, as UTF-8. */
  bytes: number;
  /** The private parts of a reply, encoded, if they were asked for and it has some. */
  private?: string;
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
   * The entries from one seq to another, up or down. They are read as the caller takes them, some more at a time.
   *
   * @param isPrivate whether to read the private parts, too
   */
  *entries(from: number, to: number, step = 1, isPrivate = false): Generator<StoredEntry> {
    let count = FIRST_ROWS_AT_ONCE;
    while (from <= to) {
      const first = step > 0 ? from : Math.max(from, to - count + 1);
      const last = step > 0 ? Math.min(to, from + count - 1) : to;
      const columns = isPrivate ? PRIVATE_COLUMNS : CHECKED_COLUMNS;
      const rows = this.#rows.select(columns, first, last).map(nameChecked);
      if (step < 0) rows.reverse();
      let next = 0;
      let bytes = 0;
      for (let seq = step > 0 ? first : last; seq >= first && seq <= last; seq += step) {
        const entry = this.#toEntry(rows[next]?.["place"] === seq ? rows[next++] : undefined, seq);
        bytes += entry.bytes;
        yield entry;
      }
      if (step > 0) from += count;
      else to -= count;
      count = Math.min(MAX_ROWS_AT_ONCE, Math.ceil((REPLAY_PAGE_BYTES * count) / bytes));
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
    const body = row["turn"] === TURN_FAILED ? withFailure(String(row["body"])) : String(row["body"]);
    const entry = { seq, body, bytes: Number(row["bytes"]), timestamp: Number(row["timestamp"]) };
    return typeof row["private"] === "string" ? { ...entry, private: row["private"] } : entry;
  }
}

/** The body of a client's message, which ends with its metadata, where it says that its turn has failed. */
function withFailure(body: string): string {
  return `${body.slice(0, -2)},"failed":true}}`;
}
