import { COMPLETES_TURN, NO_TURN, TURN_FAILED } from "./entry.js";

/** A row of the log, by columns. Nothing is known of its values (P19). */
export type Row = Record<string, unknown>;

/** The values of a row in the order of the columns that were asked for, after its place: the seq that its slot stands for. */
export type SelectedRow = [place: number, ...values: SqlStorageValue[]];

/** What each row says of the log beside its entry, as of its commit: a wake-up reads them from the newest row (P8). */
export interface LogMarkers {
  /** The seq up to which all turns are complete. */
  settled: number;
  /** The seq from which the log is whole. */
  tail: number;
}

/** Reads the markers of a row of a log with this head; `undefined` if they cannot be true (P19). */
export function readMarkers({ settled, tail }: Row, head: number): LogMarkers | undefined {
  return isInteger(settled, 0, head) && isInteger(tail, 1, head) ? { settled, tail } : undefined;
}

/** Whether a value is a whole number within bounds. */
export function isInteger(value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}

/**
 * The seqs of the entries whose turn is queued or has started, and is not complete, in order (P11).
 *
 * @param seqs unfinished as far as other rows say
 * @param rows the `ref` and the `turn` of those that have a `turn`
 */
export function unfinishedSeqs(seqs: Iterable<number>, rows: Iterable<SelectedRow>): number[] {
  const unfinished = new Set(seqs);
  const completed = new Set<unknown>();
  for (const [place, ref, turn] of rows) {
    if (turn === COMPLETES_TURN) completed.add(ref);
    else if (turn !== NO_TURN && turn !== TURN_FAILED) unfinished.add(place);
  }
  return [...unfinished].filter((seq) => !completed.has(seq)).sort((a, b) => a - b);
}
