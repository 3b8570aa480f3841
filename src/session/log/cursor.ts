/** A place in a log of a given epoch. PROTOCOL.md, "Vocabulary". */
export interface Cursor {
  epoch: string;
  seq: number;
  /** The time of the entry at `seq`, where it is known: another entry at that seq, in a restored backup, has another time. */
  timestamp?: number;
}

/** Reads `<epoch>:<seq>:<timestamp>`; the time may be missing. */
export function parseCursor(text: string): Cursor | undefined {
  return toCursor(/^([0-9a-f]+):(\d{1,15})(?::(\d{1,15}))?$/.exec(text));
}

/** Reads the place in an id of the server's. */
export function parsePlacedId(id: string): Cursor | undefined {
  return toCursor(/^~([0-9a-f]+):(\d{1,15}):(?:t(\d{1,15}))?/.exec(id));
}

function toCursor(match: RegExpExecArray | null): Cursor | undefined {
  const [, epoch, seq, timestamp] = match ?? [];
  if (epoch === undefined) return undefined;
  return { epoch, seq: Number(seq), ...(timestamp !== undefined && { timestamp: Number(timestamp) }) };
}
