import { isInteger } from "./log/markers.js";

/** What the attempts of a turn have finished, as far as it is on disk. */
export interface Progress {
  /** Envelopes in the log. */
  entries: number;
  /** Steps of replies that are being streamed. */
  steps: number;
  /** Calls of `context.once`. */
  calls: number;
}

/** What earlier attempts had finished, and how many of them had finished something new. */
export interface AttemptRecord extends Progress {
  free: number;
}

/** That of a turn whose attempts have finished nothing. */
export const NO_RECORD: AttemptRecord = { free: 0, entries: 0, steps: 0, calls: 0 };

/** Reads a record. One that is not what was written is as if there were none (P19). */
export function readRecord(body: unknown): AttemptRecord {
  try {
    const { free, entries, steps, calls } = JSON.parse(String(body));
    if ([free, entries, steps, calls].every((count) => isInteger(count, 0))) return { free, entries, steps, calls };
  } catch {
    // There is none.
  }
  return NO_RECORD;
}

/** The record after an attempt that had finished so much in the end: the same one if nothing of it is new. */
export function recordProgress(before: AttemptRecord, now: Progress): AttemptRecord {
  const hasEntries = now.entries > before.entries;
  const hasSteps = now.entries === before.entries && now.steps > before.steps;
  if (!hasEntries && !hasSteps && now.calls <= before.calls) return before;
  const { entries, steps } = hasEntries || hasSteps ? now : before;
  return { free: before.free + 1, entries, steps, calls: Math.max(before.calls, now.calls) };
}
