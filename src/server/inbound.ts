import type { ChatMessage } from "../protocol/envelope.js";
import type { HistoryRequestFrame } from "../protocol/frames.js";
import type { Peer } from "./peer.js";

/** Where admitted messages go: on to the handler, by way of the log where there is one. */
export interface Intake {
  /** @throws ChatError if it cannot be accepted; then nothing happened. */
  accept(inbound: Inbound): void;
  /** Whether an envelope of this author's with this id is known to be in the log. */
  remembers(id: string, author: string): boolean;
  /** An id for a durable envelope whose client gave it none. */
  newId(): string;
  /** v1: the client wants the replay page after `seq`. */
  next(peer: Peer, seq: number): void;
  /** v1: the client wants envelopes older than it has. */
  history(peer: Peer, request: HistoryRequestFrame): void;
  /** v1: the client's identity was renewed. */
  renewed(peer: Peer): void;
  /** An id for an envelope that this peer alone is sent. */
  ephemeralId(): string;
}

/** A message on its way in. */
export interface Inbound {
  peer: Peer;
  message: ChatMessage;
  /** Whether an envelope of its id is in the log already. */
  again: boolean;
  /** v1: the cursor that a resend carries. */
  after: string | undefined;
  /** Bytes of its frame; of a small one its characters, where no hook will see it. */
  bytes: number;
}
