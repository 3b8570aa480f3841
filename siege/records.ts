/** A message of the log that somebody was shown. */
export interface Shown {
  /** Empty for the server's. */
  author: string;
  id: string;
  /** On plain there are no acks. */
  seq?: number;
}

/** What one of those who only talk and read did and saw. */
export interface Bystander {
  name: string;
  dialect: "v1" | "plain";
  /** Ids and contents of what it sent, in that order. */
  sent: { id: string; content: string }[];
  /** Ids that were acked; on plain nothing is. */
  acked: Set<string>;
  /** What it was shown of the log, in that order; on plain without its own. */
  shown: Shown[];
  /** Errors and ends of connections that it noticed. */
  troubles: string[];
  /** How often its connection broke without a Close. */
  drops: number;
  /** Milliseconds to each ack. */
  ackMs: number[];
}

/** One that has done and seen nothing. */
export function newBystander(name: string, dialect: Bystander["dialect"]): Bystander {
  return { name, dialect, sent: [], acked: new Set(), shown: [], troubles: [], drops: 0, ackMs: [] };
}
