import type { Errand } from "./errand.js";
import type { ToolRun } from "./stand-in.js";

/** One cancel, and what its sender was told. */
export interface Cancel {
  /** The message whose turn it names. */
  of: string;
  /** The user who asked for it; unset for the server's own. */
  by?: string;
  /** `lost` if no answer came: the turn may be cancelled or not. */
  result: "done" | "over" | "unknown" | "forbidden" | "lost";
  /** When the answer came, in milliseconds since the Unix epoch. */
  at: number;
}

/** What is known of the streams of a room beside its log. */
export interface StreamRecord {
  /** What each message asked for, and the user who sent it. */
  errands: ReadonlyMap<string, Errand & { user: string }>;
  cancels: readonly Cancel[];
  /** The tools' own journal. */
  journal: readonly ToolRun[];
  /** Whether a message cancels the unfinished turns of its author. */
  interrupts: boolean;
  /** Whether everyone may cancel. */
  everyoneCancels: boolean;
  /** Whether a reply may end as interrupted: it is kept, or the attempts of its turn are few. */
  mayBeInterrupted: boolean;
  /** Whether this is a log that was cleared: what was open in it has no end. */
  isCleared?: boolean;
}
