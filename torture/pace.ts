/** What a participant keeps to. */
export interface Pace {
  /** The share of its messages that it may have sent by now. */
  readonly share: number;
  /** Whether the run has come to its end. */
  readonly isOver: boolean;
  /** The run has come one step further: one more message was sent, or one more frame of a delta shown. */
  advance(): void;
}
