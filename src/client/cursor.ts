/** A place in a log: the log's name and the seq read up to. */
export interface Cursor {
  epoch: string;
  seq: number;
  /** That of the entry at `seq`, where it is known. */
  timestamp?: number | undefined;
}

/** How the wire writes a cursor. */
export function formatCursor({ epoch, seq, timestamp }: Cursor): string {
  return timestamp === undefined ? `${epoch}:${seq}` : `${epoch}:${seq}:${timestamp}`;
}

/** What a seq is to a reader at a cursor. PROTOCOL.md, "The client's cursor". */
export type Place = "next" | "double" | "ahead";

export function placeOf(seq: number, cursor: Cursor): Place {
  if (seq <= cursor.seq) return "double";
  return seq === cursor.seq + 1 ? "next" : "ahead";
}
