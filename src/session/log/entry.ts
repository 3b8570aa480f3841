import type { ChatMessage } from "../../protocol/envelope.js";
import type { Connection } from "../../server/connection/connection.js";

/** How an entry stands to turns, as its row holds it. */
export const NO_TURN = null;
/** Its turn is owed and waits for others. A number over 0 counts the attempts begun. */
export const TURN_QUEUED = 0;
export const TURN_STARTED = 1;
/** It is the last reply of the turn of the entry it refers to. */
export const COMPLETES_TURN = -1;

/** What is to become an entry. */
export interface NewEntry {
  message: ChatMessage;
  /** The id of the identity that wrote it, `null` for the server. */
  author: string | null;
  /** The seq of the message whose turn wrote it. */
  ref: number | null;
  turn: number | null;
  /** The connection that sent it, which gets an ack in place of an echo. */
  source?: Connection;
}

/** An envelope in the log, or about to be. */
export interface Entry extends NewEntry {
  readonly kind: "entry";
  readonly seq: number;
  /** Its envelope: encoded once, and stored as it is. */
  readonly body: string;
}
