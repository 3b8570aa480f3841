/** A place in a log: the log's name and the seq read up to. */
export interface Cursor {
  epoch: string;
  seq: number;
}

/** How the wire writes a cursor. */
export function formatCursor(cursor: Cursor): string {
  return `${cursor.epoch}:${cursor.seq}`;
}

/**
 * What a frame with a seq is to a reader at `cursor`: the `next` one, a `double`, or `ahead` of something not yet seen.
 * PROTOCOL.md, "The client's cursor".
 */
export function placeOf(seq: number, cursor: Cursor): "next" | "double" | "ahead" {
  if (seq <= cursor.seq) return "double";
  return seq === cursor.seq + 1 ? "next" : "ahead";
}
