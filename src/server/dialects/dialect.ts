import type { ChatMessage } from "../../protocol/envelope.js";
import type { ClientFrame, Dialect } from "../../protocol/frames.js";

/**
 * What a server does for clients of one dialect: how it reads and writes their frames, and what it expects of them. The codecs are
 * pure functions in `protocol/`. Whatever is left out, the dialect does not have.
 */
export interface DialectPolicy {
  /** Its name. Connections keep it through hibernation. */
  readonly name: Dialect;
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
  /** A refused client is let in and sent a Close, for a browser cannot read why an upgrade failed. */
  readonly refusesByClose?: true;
  /** The query parameter that says where a replay begins. */
  readonly cursorParameter: string;

  /**
   * A client's frame; `undefined` for one that is ignored.
   *
   * @throws ChatError `INVALID_MESSAGE`
   */
  decode(frame: unknown): ClientFrame | undefined;
  /** The frame of an entry, for all but its author; `undefined` if they are not sent it. Encoded once for all connections of the dialect. */
  encodeEntry(body: string, seq: number, epoch: string, timestamp: number): string | undefined;
  /** The frame of an envelope that is in no log. Default: the envelope. */
  encodeEnvelope?(body: string): string;
  /** What the author of an entry is sent in place of it. `isRepeat` if the entry was there before. Default: nothing. */
  encodeAck?(message: ChatMessage, seq: number, isRepeat: boolean): string;
  /** A ping. Default: clients are not pinged. */
  encodePing?(nonce?: string): string;
}
