import type { ChatMessage } from "../../protocol/envelope.js";
import type { Connection } from "../../server/connection/connection.js";
import { RESERVED_ID_PREFIX } from "../../server/receive/validate-message.js";
import { placedId } from "./cursor.js";

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
export class Entry {
  readonly message: ChatMessage;
  readonly author: string | null;
  readonly ref: number | null;
  readonly source: Connection | undefined;
  turn: number | null;
  #sequenced: string | undefined;
  #plain: string | undefined;

  readonly #epoch: string;

  constructor(
    epoch: string,
    readonly seq: number,
    /** Its envelope: encoded once, and stored as it is. */
    readonly body: string,
    { message, author, ref, turn, source }: NewEntry,
  ) {
    this.#epoch = epoch;
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

  /** Its plain frame. */
  get plain(): string {
    this.#plain ??= toPlain(this.body, this.#epoch, this.seq, this.message.timestamp);
    return this.#plain;
  }
}

/** The v1 frame of an envelope whose stored body is `body`. */
export function sequence(body: string, seq: number): string {
  return `{"seq":${seq},${body.slice(1)}`;
}

/** The plain frame of it: where the id does not hold the place, `metadata.cursor` does. */
export function toPlain(body: string, epoch: string, seq: number, timestamp: number): string {
  return body.startsWith(PLACED) ? body : withCursor(body, placedId(epoch, seq, timestamp));
}

/** An encoded envelope with `metadata.cursor`. Its `metadata` is last where it has any. */
export function withCursor(body: string, cursor: string): string {
  const field = `"cursor":"${cursor}"}}`;
  if (!body.endsWith("}}")) return `${body.slice(0, -1)},"metadata":{${field}`;
  return `${body.slice(0, -2)}${body.endsWith("{}}") ? "" : ","}${field}`;
}

/** How a body begins whose id is the server's. */
const PLACED = `{"id":"${RESERVED_ID_PREFIX}`;
