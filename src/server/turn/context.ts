import type { ReplyPart } from "../../protocol/chunk.js";
import type { ChatMessage, ChatMessageType, ChatRole } from "../../protocol/envelope.js";
import type { SequencedMessage } from "../../protocol/frames.js";
import type { EnvelopeReference } from "../../protocol/regenerates.js";
import type { Identity } from "../access/identity.js";
import type { ReplyVisibility } from "../stream/reply-parts.js";
import type { MakeSource, PartialReply, ReplySource } from "../stream/source.js";
import type { Continuation } from "./continuation.js";

/** An envelope that the application writes. The server fills in what is missing. It is read once, when it is passed. */
export interface Draft {
  /** The text. The envelope has at most 1,900,000 bytes as JSON. */
  content: string;
  /** Default `message`. */
  type?: ChatMessageType;
  /** Default `assistant`. */
  role?: ChatRole;
  /** Any JSON object, nested at most 256 deep. `cursor` in it is dropped. Default: none. */
  metadata?: Record<string, unknown>;
  /**
   * 1 to 128 characters. In a session it makes the envelope idempotent, for the next min(`maxStoredMessages`, 1,000) envelopes (P2). One
   * that starts with `~` is replaced. Default: an id that the server makes.
   */
  id?: string;
}

/** The third argument of `onMessage`: what the handler may know and do during its turn. */
export interface TurnContext {
  /** The session: the object's name, or what `handleUpgrade` was given. */
  readonly sessionId: string;
  /** The connection that sent the message; `undefined` if the turn runs again after an interruption. */
  readonly connectionId: string | undefined;
  /** The identity that sent the message: a copy. Of a turn that runs again it has only what the log holds, `id` and `name`. */
  readonly identity: Identity;
  /** 1, and one more after each interruption; at most `turnAttempts`, or 20 where attempts have finished something new (P11). */
  readonly attempt: number;
  /**
   * What an earlier attempt has saved of the reply that it was streaming; `undefined` if nothing. It is shown no more: the reply of this
   * attempt replaces it.
   */
  readonly partial: PartialReply | undefined;
  /** The message's place in the log; `undefined` on the stateless transport, and for a `typing`. */
  readonly seq: number | undefined;
  /**
   * Set where the message is answered again, because its author asked for that: what is regenerated, the reply, or the message itself if
   * it has none. The message and `history` are as they were the first time; the new reply supersedes the old one.
   */
  readonly regenerates: EnvelopeReference | undefined;
  /**
   * Set where the message is the last answer to the calls that a reply has left open: the turn goes on with that reply. `history` then
   * has the reply, the message that it answers and all answers, also where the log has lost them.
   */
  readonly continues: Continuation | undefined;
  /** Aborted when the turn ends: it returned, failed or timed out, or the session was cleared. */
  readonly signal: AbortSignal;
  /**
   * Sends an ephemeral envelope to the connection that sent the message.
   *
   * @returns whether that connection is still there to take it; `false` after the turn
   * @throws ChatError `INVALID_OPTION` for what is no draft
   */
  send(draft: Draft): boolean;
  /**
   * Appends an envelope to the log and delivers it to every connection. A turn that runs again posts nothing twice: each post is known by
   * its place among the turn's posts, or by its id (P11). A `typing` is only sent, and so is everything on the stateless transport.
   *
   * @returns resolves with the envelope once it is durable (P1)
   * @throws ChatError `TURN_ENDED` after the turn, `ID_CONFLICT` if the server has used `draft.id` for another envelope,
   *   `INVALID_OPTION` for what is no draft
   */
  post(draft: Draft): Promise<ChatMessage>;
  /**
   * Streams a reply, and appends it when its source has ended. A source that fails is thrown on; what was shown of the reply is kept, and
   * becomes an envelope when the turn ends.
   *
   * @param make returns the source. It is not called if an earlier attempt of this turn has appended the reply: no model is paid twice.
   * @returns resolves with the envelope once it is durable
   * @throws ChatError `TURN_ENDED` after the turn, `BUSY` if 16 MB are being streamed in the session, and whatever the source throws
   */
  stream(make: MakeSource, options?: ReplyVisibility): Promise<ChatMessage>;
  /**
   * Makes a call that must not be made twice, such as a tool that orders something. Its key is on disk before it is made, and its result as
   * soon as it has come: an attempt that runs again is given the result and does not make the call. A call that has failed may be made
   * again. The stateless transport makes each. While a call runs, the turn has `toolTimeout` in place of `turnTimeout`.
   *
   * @param key names the call in its turn, on every attempt: 1 to 256 characters. At most 1,000 a turn.
   * @returns resolves with the result, as JSON keeps it
   * @throws ChatError `CALL_INTERRUPTED` where an earlier attempt has begun the call and has no result: nobody knows whether it took effect.
   *   `INVALID_OPTION` for another key, or a result of more than 1,048,576 bytes as JSON; `BUSY` for more calls, `TURN_ENDED` after the turn,
   *   and whatever the call throws
   */
  once<Result>(key: string, run: () => Result | Promise<Result>): Promise<Result>;
  /**
   * Reads the conversation from the log, up to and including the message of this turn: the newest envelopes, oldest first. Streamed
   * replies have their private parts, which nobody else is given. It costs one row read for each, and no row written. The stateless
   * transport has no log, and gives none.
   *
   * @throws ChatError `INVALID_OPTION` for a `limit` or a `before` that is not as `TurnHistoryQuery` says
   */
  history(query?: TurnHistoryQuery): Promise<ConversationMessage[]>;
}

/** An envelope as `context.history` gives it. */
export interface ConversationMessage extends SequencedMessage {
  /**
   * All parts of a streamed reply, where some are private: reasoning, what tools returned, signatures and other metadata of the model's
   * provider. They are for the model alone. An envelope that is sent or posted again does not have them.
   */
  parts?: ReplyPart[];
}

/** Which part of the conversation `context.history` reads. */
export interface TurnHistoryQuery {
  /** The most envelopes, from 1 to 1,000. Default 100. A page ends before it exceeds 8 MiB, private parts included, but holds one envelope at least. */
  limit?: number;
  /** Only envelopes whose seq is lower. Default: up to the message of the turn. */
  before?: number;
}

/**
 * What a handler may reply with: a text, a draft, a whole envelope, or a source of pieces, which is shown while it grows. The server
 * fills in what is missing.
 */
export type Reply = string | Draft | ChatMessage | ReplySource;

/**
 * The application: called once for each envelope from a client.
 *
 * @returns nothing, one reply, or several that are sent in order
 * @throws ChatError to speak to the client (P7); anything else reaches it as a generic `HANDLER_FAILED`
 *
 * @example
 * const onMessage: MessageHandler = async (sessionId, msg) => (msg.type === "message" ? `Echo: ${msg.content}` : undefined);
 */
export type MessageHandler = (
  sessionId: string,
  msg: ChatMessage,
  context: TurnContext,
) => Promise<Reply | readonly Reply[] | undefined> | ReplySource | undefined;
