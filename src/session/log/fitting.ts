import type { StoredEntry } from "./log-reader.js";

/** The first of the entries, as many as fit so many bytes, but at least one. */
export function* fitting(entries: Iterable<StoredEntry>, maxBytes: number): Generator<StoredEntry> {
  let total = 0;
  for (const entry of entries) {
    total += entry.bytes;
    if (total > maxBytes && total > entry.bytes) return;
    yield entry;
  }
}
