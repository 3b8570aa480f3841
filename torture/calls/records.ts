import type { ToolRun } from "../streams/stand-in.js";

/** An envelope of a log, as far as calls are concerned. */
export interface CallEntry {
  seq: number;
  id: string;
  type: string;
  role: string;
  metadata?: Record<string, unknown>;
}

/** What one reader was sent of a log. */
export interface CallReader {
  name: string;
  /** The first seq that it was to be sent. */
  from: number;
  entries: readonly CallEntry[];
}

/** All that is known of the calls of one room. */
export interface CallRecord {
  path: string;
  /** The log as the server has it, and what each reader was sent. */
  log: readonly CallEntry[];
  readers: readonly CallReader[];
  /** The journal of the tools: `message` is the id of the call. */
  journal: readonly ToolRun[];
  /** When the log was read, in milliseconds since the Unix epoch. */
  endedAt: number;
}

/** What an envelope names in its metadata; an empty text if it names nothing. */
export function named({ metadata }: CallEntry, field: string): string {
  const value = metadata?.[field];
  return typeof value === "string" ? value : "";
}

/** The id of a user in the metadata of an envelope: `from`, who wrote it, or `for`, who is asked. */
export function userIn({ metadata }: CallEntry, field: "from" | "for"): unknown {
  return Object(metadata?.[field]).id;
}

export function isCall({ type, metadata }: CallEntry): boolean {
  return type === "tool_call" && metadata?.["reply"] !== undefined;
}
