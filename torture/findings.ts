/** What may be wrong with a log, its messages and their turns, each with a count of its own in the report. */
export const LOG_FAULTS = [
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

/** What may be wrong with replies that are streamed. */
export const STREAM_FAULTS = [
  "misshown",
  "skippedDeltas",
  "repeatedDeltas",
  "gluedText",
  "misended",
  "endlessStreams",
  "repeatedTools",
  "spokeAfterEnd",
] as const;

export const FAULT_NAMES = [...LOG_FAULTS, ...STREAM_FAULTS];

/** One of those names. */
export type FaultName = (typeof FAULT_NAMES)[number];

/** One fault: what kind it is, and what exactly is wrong. */
export type Finding = [name: FaultName, text: string];
