import type { ChatMessage } from "../../protocol/envelope.js";
import { ChatError, type ChatErrorCode } from "../../protocol/errors.js";
import type { Dialect, SequencedMessage } from "../../protocol/frames.js";
import type { Identity } from "../../server/access/identity.js";
import type { Draft } from "../../server/turn/context.js";

/** Which part of the log to read. Without `before` and `after`: its newest envelopes. */
export interface HistoryQuery {
  /** Envelopes whose seq is lower, the newest of them. */
  before?: number;
  /** Envelopes whose seq is higher, the oldest of them. Not together with `before`. */
  after?: number;
  /** How many at most. Default 100, at most 1,000; fewer are given where they exceed 8 MiB. */
  limit?: number;
}

/** A page of the log, oldest first. */
export interface History {
  epoch: string;
  head: number;
  tail: number;
  messages: SequencedMessage[];
}

/** A connection of a session. */
export interface ConnectionInfo {
  id: string;
  dialect: Dialect;
  identity: Identity;
}

/** Whom to disconnect: one connection, or all of an identity. */
export type DisconnectTarget = { connectionId: string } | { identityId: string };

export interface DisconnectOptions {
  /** Default 4500, which tells clients not to reconnect; 4000 to 4499 let them. */
  code?: number;
  /** At most 123 bytes. */
  reason?: string;
}

/** What a Worker may do with a session by RPC, one method for each. */
export interface ChatSession {
  /**
   * Appends an envelope of the server's and fans it out. With an `id` it is idempotent for as long as the session remembers the
   * id, that is for the next min(`maxStoredMessages`, 1,000) envelopes: the same again changes nothing and resolves with the stored one.
   * A `typing` is fanned out and not stored.
   *
   * @throws ChatError `ID_CONFLICT` if the server has used the id for another envelope, `INVALID_OPTION` for what is no envelope, or an `error`
   */
  post(draft: Draft): Promise<ChatMessage>;
  /** @throws ChatError `INVALID_OPTION` */
  history(query?: HistoryQuery): Promise<History>;
  connections(): Promise<ConnectionInfo[]>;
  /** Closes connections; how many there were. */
  disconnect(target: DisconnectTarget, options?: DisconnectOptions): Promise<number>;
  /** Forgets the log under a new epoch; all connections are closed with 4002, and come back to a gap. */
  clear(): Promise<void>;
}

/** What one call brought: errors travel as data, for RPC would strip them of their code. */
export type RpcOutcome =
  | { value: unknown }
  | {
      error: { code: ChatErrorCode; message: string; inReplyTo: string | undefined; retryAfterMs: number | undefined };
    };

/** The one RPC method that a session has of ours, `workkitChat`. */
export type RpcCall = (method: keyof ChatSession, parameters: readonly unknown[]) => Promise<RpcOutcome>;

/**
 * A result that is not disposed of keeps the object that called in memory. It is plain data, and stays what it is. The symbol is
 * not in every runtime, nor in the types of this target.
 */
function dispose(result: object): void {
  const method: unknown = Reflect.get(result, Reflect.get(Symbol, "dispose") ?? "");
  if (typeof method === "function") method.call(result);
}

/**
 * The session behind a Durable Object stub, with types and `ChatError`s. Each method is one RPC call.
 *
 * @example
 * await chatSession(env.CHAT_DO.getByName("room-1")).post({ type: "system", role: "system", content: "Deployed." });
 */
export function chatSession(stub: DurableObjectStub): ChatSession {
  const call = async <Value>(method: keyof ChatSession, ...parameters: unknown[]): Promise<Value> => {
    const remote: RpcCall = Reflect.get(stub, "workkitChat");
    const outcome = await remote(method, parameters);
    dispose(outcome);
    if ("value" in outcome) return outcome.value as Value;
    const { code, message, inReplyTo, retryAfterMs } = outcome.error;
    throw new ChatError(code, message, { inReplyTo, retryAfterMs });
  };
  return {
    post: (draft) => call("post", draft),
    history: (query) => call("history", query),
    connections: () => call("connections"),
    disconnect: (target, options) => call("disconnect", target, options),
    clear: () => call("clear"),
  };
}
