import type { ReplyPart } from "../../protocol/chunk.js";
import type { JsonObject } from "../../protocol/codec.js";
import type { ChatMessage } from "../../protocol/envelope.js";
import type { CancelledFrame, ClientFrame, Dialect } from "../../protocol/frames.js";

/** Names the turn of a message: the seq of the message, or its id where there is no log. */
export type TurnKey = number | string;

/** A request of a client whose answer is not complete, in a dialect that has requests. */
export interface OpenRequest {
  /** The client's name for it, which every answer carries. */
  id: string;
  /** The message that it sent, or whose reply it resumes. */
  messageId: string;
  /** The turn that answers it; unset until the message is in the log. */
  turn?: TurnKey;
  /** How many pieces of the answer it was sent. */
  sequence: number;
  /** Whether it resumes a reply. */
  resumes?: true;
  /** Whether its answer goes on with a reply that the client has. */
  continues?: true;
}

/** What a dialect keeps of a connection, through hibernation too. At most 1,000 bytes as JSON. */
export interface DialectState {
  requests?: OpenRequest[];
}

/** A client asks for the reply to its newest message, if it is still being generated. */
export interface ResumeRequest {
  type: "resume";
  /** The client's name for the request. */
  id: string;
}

/** A client follows a reply no longer that it has resumed. If it does not resume it again at once, its turn is to be cancelled. */
export interface LeaveRequest {
  type: "leave";
  /** The message whose reply it is. */
  id: string;
}

/** An answer to a call that a reply has left open. */
export interface CallAnswer {
  /** The model's id of the call. */
  toolCallId: string;
  /** Whether it says that the tool may run, or not. Otherwise it is what the tool has returned. */
  isApproval: boolean;
  /** What the envelope of the answer says, beside the call. PROTOCOL.md, "Tools and approvals". */
  content: string;
  metadata: JsonObject;
}

/** A client answers calls of a reply. */
export interface AnswersRequest {
  type: "answers";
  /** The client's name for the request. */
  id: string;
  /** The id of the first envelope of the reply. */
  reply: string;
  /** Those to calls that are not open have no effect. */
  answers: readonly CallAnswer[];
}

/** A reply that a turn goes on with. */
export interface ReplySoFar {
  /** The id of its first envelope. */
  id: string;
  /** Its envelopes, its calls and their answers, in the order of the log. */
  envelopes: readonly ChatMessage[];
}

/** A reply that is being generated, as far as it may be shown. */
export interface ShownStream {
  readonly id: string;
  readonly shown: readonly ReplyPart[];
}

/** What a connection is to be told. */
export type Notice =
  /** An envelope for this connection alone. */
  | { kind: "envelope"; message: ChatMessage }
  /** A message of its own is in the log. A message that comes again, while a turn goes on with the reply to it, has that from its beginning. */
  | { kind: "accepted"; messageId: string; turn: TurnKey; continues?: ReplySoFar | undefined }
  /** The answer to a `ResumeRequest`. There is no `turn` if nothing is being generated. */
  | {
      kind: "resumed";
      id: string;
      messageId?: string | undefined;
      turn?: TurnKey | undefined;
      continues?: ReplySoFar | undefined;
    }
  /** The request `id` answers calls of this reply. Each answer is then accepted, or refused, as a message of its own. */
  | { kind: "answering"; id: string; continues: ReplySoFar }
  /** A reply as it is now, while it is being generated. */
  | { kind: "stream"; turn: TurnKey; stream: ShownStream }
  /** An entry of the log. `turn` wrote it, if any did. */
  | { kind: "entry"; turn: TurnKey | null; message: ChatMessage }
  /** The newest reply to a message that comes again: its envelopes, its calls and their answers, in the order of the log. `ended` follows. */
  | { kind: "reply"; turn: TurnKey; envelopes: readonly ChatMessage[] }
  /** A turn has ended, and its entries were delivered. */
  | { kind: "ended"; turn: TurnKey; errorText?: string | undefined };

/**
 * What a server does for clients of one dialect: how it reads and writes their frames, and what it expects of them. The codecs are
 * pure functions. Whatever is left out, the dialect does not have.
 */
export interface DialectPolicy {
  /** Its name. Connections keep it through hibernation. */
  readonly name: Dialect | (string & {});
  /** The WebSocket subprotocol that selects it. */
  readonly subprotocol: string;
  /** Durable envelopes of its clients need an id. */
  readonly requiresIds?: true;
  /** A durable envelope refused for its rate, or because the session is busy, blocks those after it (P3). */
  readonly blocksAfterRefusal?: true;
  /** Its clients must answer pings: a `pong` with the nonce proves what they have read. Else any frame counts as a sign of it. */
  readonly mustAnswerPings?: true;
  /** Its clients know seqs: `hello` comes first, and replays come in pages that they ask for. */
  readonly isSequenced?: true;
  /** Its clients are shown replies while they are being generated. Default: those that ask by `deltas=1`. */
  readonly showsStreams?: true;
  /** What its clients name to have something answered again: a reply by its seq and id, or a message by its id. Default: they cannot ask. */
  readonly regeneratesBy?: "reply" | "message";
  /** A refused client is let in and sent a Close, for a browser cannot read why an upgrade failed. */
  readonly refusesByClose?: true;
  /** The query parameter that says where a replay begins. Default: nothing is replayed. */
  readonly cursorParameter?: string;
  /** Bytes of a frame, where an envelope is only a part of it. The envelope alone counts to `maxMessageSize`. Default: that. */
  readonly maxFrameSize?: number;
  /** Milliseconds of silence after which a connection without requests may be closed for another one. Default: never. */
  readonly idleMs?: number;

  /**
   * A client's frame; `undefined` for one that is ignored.
   *
   * @throws ChatError `INVALID_MESSAGE`
   */
  decode(frame: unknown, state: DialectState): ClientFrame | ResumeRequest | LeaveRequest | AnswersRequest | undefined;
  /** What a refusal names of a frame that is too large to be decoded. Default: nothing. */
  readId?(frame: string): string | undefined;
  /** The frames by which a connection is told something, where that is not the same for all. The functions below are then not called. */
  present?(state: DialectState, notice: Notice): string[];
  /** The frame of an entry, for all but its author; `undefined` if they are not sent it. Encoded once for all connections of the dialect. */
  encodeEntry?(body: string, seq: number, epoch: string, timestamp: number): string | undefined;
  /** What the author of an entry is sent in place of it. `isRepeat` if the entry was there before. Default: nothing. */
  encodeAck?(message: ChatMessage, seq: number, isRepeat: boolean): string;
  /** The answer to a `cancel`. Default: none. */
  encodeCancelled?(id: string, result: CancelledFrame["result"]): string;
  /** A ping. Default: clients are not pinged. */
  encodePing?(nonce?: string): string;
}
