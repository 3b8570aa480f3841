import type { ChatMessage, ChatMessageType, ChatRole } from "../../protocol/envelope.js";
import type { Identity } from "../access/identity.js";

/** An envelope that the application writes: the server completes it. */
export interface Draft {
  content: string;
  /** Default `message`. */
  type?: ChatMessageType;
  /** Default `assistant`. */
  role?: ChatRole;
  metadata?: Record<string, unknown>;
  /**
   * In a session it makes the envelope idempotent, for as long as the session remembers it: for the next min(`maxStoredMessages`, 1,000)
   * envelopes. Default: one that the server makes. One that starts with `~` is replaced.
   */
  id?: string;
}

/** The third argument of `onMessage`: what the handler may know and do during its turn. */
export interface TurnContext {
  readonly sessionId: string;
  /** The connection that asked; `undefined` where the turn is run again after an interruption. */
  readonly connectionId: string | undefined;
  /** Who asked. Of a turn run again, only what the log holds: `id` and `name`. */
  readonly identity: Identity;
  /** 1, and one more after each interruption (P11). */
  readonly attempt: number;
  /** Aborted when the turn is over: returned, failed, timed out, or the session was cleared. */
  readonly signal: AbortSignal;
  /** Sends an ephemeral envelope to the connection that asked; whether it was there to take it. */
  send(draft: Draft): boolean;
  /**
   * Appends an envelope to the log and fans it out; resolves with it once it is durable. A turn that runs again posts nothing twice: each post
   * is known by its place among the turn's posts, or by its id. On the stateless transport it is sent.
   *
   * @throws ChatError `TURN_ENDED` after the turn, `ID_CONFLICT` if the server has used `draft.id` for another envelope
   */
  post(draft: Draft): Promise<ChatMessage>;
}

/** What a handler may reply with: a text, a draft, or a whole envelope. The server fills in what is missing. */
export type Reply = string | Draft | ChatMessage;

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
) => Promise<Reply | readonly Reply[] | undefined>;
