import type { ChatMessage } from "../../protocol/envelope.js";
import type { Connection } from "../../server/connection/connection.js";

/** The `turn` of an entry whose turn is complete, or that has none. */
export const NO_TURN = null;
/** Its turn is queued. */
export const TURN_QUEUED = 0;
/** Its first attempt has started; 2 is the second, and so on. */
export const TURN_STARTED = 1;
/** It is the last reply of the turn of the entry that `ref` names. */
export const COMPLETES_TURN = -1;

/** Its turn has ended with an error. */
export const TURN_FAILED = -2;

/** An envelope that has no seq yet. */
export interface NewEntry {
  message: ChatMessage;
  /** The id of the identity that wrote it, `null` for the server. */
  author: string | null;
  /** The seq of the message whose turn wrote it; of a client's, of the message that it has answered again. */
  ref: number | null;
  turn: number | null;
  /** The connection that sent it, which gets an ack in place of an echo. */
  source?: Connection | undefined;
}

/** An envelope with its place in the log. */
export interface Entry extends NewEntry {
  readonly kind: "entry";
  readonly seq: number;
  /** The envelope as JSON: encoded once, and stored as it is. */
  readonly body: string;
  /** Its frames, by the names of the dialects for which it was encoded. */
  readonly frames: Record<string, string>;
}
