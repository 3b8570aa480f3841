import type { Witness } from "./records.js";
import type { Cancel } from "./streams/records.js";
import type { StreamSide } from "./streams/stream-side.js";

/** One who takes part in a run. */
export interface Player
  extends Readonly<{
    witness: Witness;
    name: string;
    /** Whether what it has not sent outlives it. */
    keepsUnsent: boolean;
    /** Whether it has said all, and all of it is in the log or refused, and answered. */
    isSettled: boolean;
    isLive: boolean;
    /** How much is not done yet, to see whether anything still moves. */
    left: string;
    /** The seq of the newest envelope that it was shown. */
    seq: number;
    /** What it does with turns that stream; unset where nothing is streamed. */
    streams: StreamSide | undefined;
    /** Connections on which it was sent a gap. */
    gapsTold: number;
    /** Typing that it was shown. */
    typings: number;
  }> {
  connect(): void;
  /** Leaves, goes on talking if it can, and comes back. */
  offline(milliseconds: number): void;
  online(): void;
  /** Is gone in an instant, and begins again with what its storage has kept. */
  reload(): void;
  /** Is gone in an instant, and another one takes its place, which knows nothing. */
  rejoin(): void;
  /** Cancels a turn. Resolves with the answer, or with `lost` if the client is gone before it comes. */
  cancel(id: string): Promise<Cancel["result"]>;
  /** Has older messages shown. */
  lookBack(): void;
  /** Says nothing more. */
  finish(): void;
  /** Says what it may. */
  pump(): void;
  /** Ends it and completes its record. */
  leave(): Witness;
}
