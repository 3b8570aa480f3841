import type { ChatMessage } from "../../protocol/envelope.js";
import type { HistoryRequestFrame } from "../../protocol/frames.js";
import type { Connection } from "../connection/connection.js";

/** Where admitted messages go: on to the handler, by way of the log where there is one. */
export interface Admission {
  /** @throws ChatError if it cannot be accepted; then nothing happened. */
  accept(inbound: Inbound): void;
  /** Whether an envelope of this author's with this id is known to be in the log. */
  isKnownId(id: string, author: string): boolean;
  /** An id for a durable envelope whose client gave it none. */
  newId(): string;
  /** v1: the client wants the replay page after `seq`. */
  next(connection: Connection, seq: number): void;
  /** v1: the client wants envelopes older than it has. */
  history(connection: Connection, request: HistoryRequestFrame): void;
  /** v1: the client's identity was renewed. */
  reauthenticated(connection: Connection): void;
  /** An id for an envelope that this peer alone is sent. */
  ephemeralId(): string;
}

/** A message on its way in. */
export interface Inbound {
  connection: Connection;
  message: ChatMessage;
  /** Whether an envelope of its id is in the log already. */
  isKnownId: boolean;
  /** v1: the cursor that a resend carries. */
  after: string | undefined;
  /** Bytes of its frame; of a small one its characters, where no hook will see it. */
  bytes: number;
}
