/**
 * The key of a message that enters the snapshot: by its place, or, for one's own that has none yet, by its id and the time of its
 * draft. It keeps that when it is in the log.
 */
export function toKey({ id, timestamp, seq }: { id: string; timestamp: number; seq?: number | undefined }): string {
  return seq === undefined ? `${id} ${timestamp}` : `${seq}`;
}
