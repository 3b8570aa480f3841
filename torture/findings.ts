/** What may be wrong, each with a count of its own in the report. */
export const FAULT_NAMES = [
  "lost",
  "duplicated",
  "reordered",
  "diverged",
  "misattributed",
  "holes",
  "unansweredTurns",
  "repeatedTurns",
  "needlessGaps",
  "refused",
  "heldUp",
  "unsettled",
] as const;

/** One of those names. */
export type FaultName = (typeof FAULT_NAMES)[number];

/** One fault: what kind it is, and what exactly is wrong. */
export type Finding = [name: FaultName, text: string];
