/** Up to where a log was read (P4). */
export interface Cursor {
  epoch: string;
  seq: number;
  /** The timestamp of the entry at `seq`, if it is known. */
  timestamp?: number | undefined;
}

/** A cursor as `since` and `after` carry it. */
export function formatCursor({ epoch, seq, timestamp }: Cursor): string {
  return timestamp === undefined ? `${epoch}:${seq}` : `${epoch}:${seq}:${timestamp}`;
}
