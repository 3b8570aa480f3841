import type { ChatMessage } from "../../protocol/envelope.js";
import { slotOf } from "./ring.js";
import type { RingTable, Row } from "./ring-table.js";
import { CHECKED_COLUMNS, readEnvelope, unreadable } from "./stored.js";

/** An entry as it is read back: its place and its envelope, encoded. */
export interface StoredEntry {
  seq: number;
  body: string;
  timestamp: number;
  /** Bytes of the body as UTF-8. */
  bytes: number;
}

/** Of a row that is known to be readable. */
const READABLE_COLUMNS = "slot, timestamp, body, octet_length(body) AS bytes";

/**
 * Reads entries back. Each row is checked the first time that it is read after a wake-up, and what cannot be read or is
 * missing is stood in for, so that no reader meets a hole or a broken row (P4, P19).
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

  /** The entries from one seq to another, up or down. */
  *entries(from: number, to: number, step: 1 | -1): Generator<StoredEntry> {
    const areReadable = this.#areReadable(from, to);
    const columns = areReadable ? READABLE_COLUMNS : CHECKED_COLUMNS;
    const rows = this.#rows.select(columns, from, to, step)[Symbol.iterator]();
    let row: Row | undefined = rows.next().value;
    for (let seq = step > 0 ? from : to; seq >= from && seq <= to; seq += step) {
      const here: Row | undefined = row && this.#rows.seqOf(Number(row["slot"]), from) === seq ? row : undefined;
      yield here && (areReadable || this.#check(here, seq)) ? toEntry(here, seq) : this.#standIn(seq);
      if (here) row = rows.next().value;
    }
  }

  /** The envelope at `seq`, or what stands in for it. */
  message(seq: number): ChatMessage {
    return readEnvelope(this.#rows.get(CHECKED_COLUMNS, seq), seq) ?? this.#unreadable(seq);
  }

  /** The time of the entry at `seq`. A row that was checked is not parsed again: a client that sends a cursor must not buy much for little (P12). */
  timestamp(seq: number): number {
    const row = this.#rows.get(CHECKED_COLUMNS, seq);
    return row && this.#check(row, seq) ? Number(row["timestamp"]) : this.#unreadable(seq).timestamp;
  }

  #areReadable(from: number, to: number): boolean {
    for (let seq = from; seq <= to; seq++) if (!this.#readable[slotOf(seq, this.#log.capacity)]) return false;
    return true;
  }

  #check(row: Row, seq: number): boolean {
    if (this.#areReadable(seq, seq)) return true;
    const isReadable = readEnvelope(row, seq) !== undefined;
    if (isReadable) this.approve(seq);
    return isReadable;
  }

  #unreadable(seq: number): ChatMessage {
    const { epoch, timestamp } = this.#log;
    return unreadable(epoch, seq, this.#rows.timeAround(seq, timestamp));
  }

  #standIn(seq: number): StoredEntry {
    const message = this.#unreadable(seq);
    const body = JSON.stringify(message);
    return { seq, body, bytes: body.length, timestamp: message.timestamp };
  }
}

function toEntry({ body, bytes, timestamp }: Row, seq: number): StoredEntry {
  return { seq, body: String(body), bytes: Number(bytes), timestamp: Number(timestamp) };
}
