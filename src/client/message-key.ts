/**
 * The key of a message in the snapshot: its seq, or the id and the timestamp of a draft that has none yet. A draft keeps its key
 * when it enters the log.
 */
export function toKey({ id, timestamp, seq }: { id: string; timestamp: number; seq?: number | undefined }): string {
  return seq === undefined ? `${id} ${timestamp}` : `${seq}`;
}
