import type { ChatMessage } from "../protocol/envelope.js";
import type { Peer } from "../server/peer.js";

/** How an entry stands to turns, as its row holds it. */
export const NO_TURN = null;
/** Its turn is owed and waits for others. A number over 0 counts the attempts begun. */
export const TURN_WAITS = 0;
export const TURN_BEGUN = 1;
/** It is the last reply of the turn of the entry it refers to. */
export const ENDS_TURN = -1;

/** What is to become an entry. */
export interface NewEntry {
  message: ChatMessage;
  /** The id of the identity that wrote it, `null` for the server. */
  author: string | null;
  /** The seq of the message whose turn wrote it. */
  ref: number | null;
  turn: number | null;
  /** The connection that sent it, which gets an ack in place of an echo. */
  source?: Peer;
}

/** An envelope in the log, or about to be. */
export class Entry {
  readonly message: ChatMessage;
  readonly author: string | null;
  readonly ref: number | null;
  readonly source: Peer | undefined;
  turn: number | null;
  #sequenced: string | undefined;

  constructor(
    readonly seq: number,
    /** Its plain frame: encoded once, stored and sent as it is. */
    readonly body: string,
    { message, author, ref, turn, source }: NewEntry,
  ) {
    this.message = message;
    this.author = author;
    this.ref = ref;
    this.turn = turn;
    this.source = source;
  }

  /** Its v1 frame. */
  get sequenced(): string {
    this.#sequenced ??= sequence(this.body, this.seq);
    return this.#sequenced;
  }
}

/** The v1 frame of an envelope whose plain frame is `body`. */
export function sequence(body: string, seq: number): string {
  return `{"seq":${seq},${body.slice(1)}`;
}
