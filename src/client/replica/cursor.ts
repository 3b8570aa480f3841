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
