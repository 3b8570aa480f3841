import type { SourceKind } from "./errand.js";

/** What is different where replies are streamed. */
export interface StreamRules {
  /** Whether what was saved of an interrupted reply becomes the reply. Else it is generated again. */
  keeps: boolean;
  /** How often a turn is begun. */
  attempts: number;
  /** Messages of one client that may wait for the end of their turn. */
  unanswered: number;
  /** Whether everyone may cancel. Else the author. */
  everyoneCancels: boolean;
  /** What is asked for; by default anything. */
  sources?: readonly SourceKind[];
}
