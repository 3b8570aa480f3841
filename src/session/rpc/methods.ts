import { CLOSE_CODES } from "../../protocol/close-codes.js";
import { exceedsBytes } from "../../protocol/codec.js";
import type { ChatMessage } from "../../protocol/envelope.js";
import type { CancelledFrame, Dialect, SequencedMessage } from "../../protocol/frames.js";
import { createMessageId, RESERVED_ID_PREFIX } from "../../protocol/ids.js";
import { DEFAULT_HISTORY_LIMIT, MAX_HISTORY_LIMIT, MAX_ID_LENGTH } from "../../protocol/limits.js";
import { check, checkInteger, checkText, checkValue } from "../../protocol/options.js";
import { checkIdentity, type Identity, toAuthor } from "../../server/access/identity.js";
import { MAX_CLOSE_REASON } from "../../server/access/upgrade.js";
import { copyOf } from "../../server/copy.js";
import type { Draft } from "../../server/turn/context.js";
import { compose } from "../../server/turn/reply.js";
import type { ActiveSession } from "../active-session.js";
import { readAfter, readBefore } from "../history.js";

/** Which part of the log to read. Without `before` and `after`: its newest envelopes. */
export interface HistoryQuery {
  /** Envelopes whose seq is lower, the newest of them. */
  before?: number;
  /** Envelopes whose seq is higher, the oldest of them. Not together with `before`. */
  after?: number;
  /** The most envelopes to read, from 1 to 1,000. Default 100. A page ends before it exceeds 8 MiB, but holds one envelope at least. */
  limit?: number;
}

/** A page of the log, oldest first. */
export interface History {
  /** The random name of the log, new when it is cleared. */
  epoch: string;
  /** The seq of the newest envelope, 0 for an empty log. */
  head: number;
  /** The seq from which the log is complete. */
  tail: number;
  /** The envelopes, each with its seq. */
  messages: SequencedMessage[];
}

/** An open connection of a session. */
export interface ConnectionInfo {
  /** The id that its hello and the hooks name. */
  id: string;
  /** What it speaks. */
  dialect: Dialect | (string & {});
  /** A copy of its identity, private metadata included. */
  identity: Identity;
}

/** What to disconnect: one connection, or all of an identity. */
export type DisconnectTarget = { connectionId: string } | { identityId: string };

export interface DisconnectOptions {
  /** The close code: 1000, or 3000 to 4999. Clients reconnect after 4000 to 4499. Default 4500, after which they do not. */
  code?: number;
  /** The close reason, at most 123 bytes. Default "disconnected by the application". */
  reason?: string;
}

/** The answer to an open call: what the tool has returned, or whether a person allows it. */
export type ToolAnswer = string | { content?: string; approved?: boolean; reason?: string };

/** What the methods act on. */
export interface RpcHost {
  /** The session, loaded if it slept. */
  wake(): ActiveSession;
  /** Drops the log of a session that is not loaded. */
  reset(): void;
}

/** The RPC methods of a session: parameters are checked here, for RPC has no types. */
export const RPC_METHODS = {
  /**
   * Appends an envelope of the server's and delivers it to every connection. With an `id` it is idempotent while the session remembers
   * that id, for the next min(`maxStoredMessages`, 1,000) envelopes: posting the same again resolves with the stored envelope. A `typing` is delivered and not stored.
   *
   * `ID_CONFLICT` if the server has used the id for another envelope; `INVALID_OPTION` for a draft that is no envelope, or of type `error`.
   */
  post: async ({ wake }: RpcHost, draft: Draft): Promise<ChatMessage> =>
    wake().publish(compose(draft, RESERVED_ID_PREFIX)),
  /**
   * Reads a page of the log, by default the newest 100 envelopes: `{ epoch, head, tail, messages }`, oldest first.
   *
   * `INVALID_OPTION` for a `limit` that is not 1 to 1,000, a `before` or `after` that is no seq, or both of them.
   */
  history: async ({ wake }: RpcHost, query: HistoryQuery = {}): Promise<History> => {
    const { before, after, limit = DEFAULT_HISTORY_LIMIT } = query;
    checkInteger("limit", limit, 1, MAX_HISTORY_LIMIT);
    checkInteger("before", before ?? 0, 0, Number.MAX_SAFE_INTEGER);
    checkInteger("after", after ?? 0, 0, Number.MAX_SAFE_INTEGER);
    check("before", before === undefined || after === undefined, "excludes after");
    const session = wake();
    session.flush();
    const { epoch, head, tail } = session.log;
    const messages =
      after === undefined ? readBefore(session.log, before ?? head + 1, limit) : readAfter(session.log, after, limit);
    return { epoch, head, tail, messages };
  },
  /**
   * Lists the open connections, each as `{ id, dialect, identity }`.
   *
   * None.
   */
  connections: async ({ wake }: RpcHost): Promise<ConnectionInfo[]> => {
    const open = [...wake().connections].filter((connection) => connection.closeIfExpired());
    return open.map(({ state: { id, dialect, identity } }) => ({ id, dialect, identity: copyOf(identity) }));
  },
  /**
   * Closes one connection, or all of an identity, and returns how many there were. The default code, 4500, keeps clients from reconnecting.
   *
   * `INVALID_OPTION` for a code that is not 1000 or 3000 to 4999, or a reason of more than 123 bytes.
   */
  disconnect: async (
    { wake }: RpcHost,
    target: DisconnectTarget,
    { code = CLOSE_CODES.DISCONNECTED, reason = "disconnected by the application" }: DisconnectOptions = {},
  ): Promise<number> => {
    const isAccepted = Number.isInteger(code) && (code === 1_000 || (code >= 3_000 && code <= 4_999));
    checkValue("code", isAccepted, "1000 or 3000 to 4999", code);
    check(
      "reason",
      typeof reason === "string" && !exceedsBytes(reason, MAX_CLOSE_REASON),
      "must be a text of at most 123 bytes",
    );
    const chosen = [...wake().connections].filter(({ state }) =>
      "connectionId" in target ? state.id === target.connectionId : state.identity.id === target.identityId,
    );
    for (const connection of chosen) connection.close(code, reason);
    return chosen.length;
  },
  /**
   * Cancels a turn, by the id of its message or of a reply that it streams, of any author. What was shown is kept. Resolves with `done`,
   * `over` if the turn had ended, or `unknown`.
   *
   * `INVALID_OPTION` for an id that is no text of 1 to 128 characters.
   */
  cancel: async ({ wake }: RpcHost, id: string): Promise<CancelledFrame["result"]> => {
    checkText("id", id, MAX_ID_LENGTH);
    return wake().cancel(id);
  },
  /**
   * Answers an open call, by the id of its `tool_call` envelope, for someone: the answer is a `tool_result` by that identity, by default
   * `{ id: "server" }`, whatever `mayAnswer` says. Resolves with it.
   *
   * `ALREADY_ANSWERED`; `CONFLICT` for a call that has expired, was superseded or is not there; `INVALID_OPTION` for an id, an answer or an
   * identity that is not valid.
   */
  answer: async (
    { wake }: RpcHost,
    id: string,
    answer: ToolAnswer,
    by: Identity = { id: "server" },
  ): Promise<ChatMessage> => {
    checkText("id", id, MAX_ID_LENGTH);
    const identity = checkIdentity(by);
    const { content = "", approved, reason } = Object(typeof answer === "string" ? { content: answer } : answer);
    const metadata = { inReplyTo: id, approved, reason, from: toAuthor(identity) };
    const draft = { id: createMessageId(), type: "tool_result", role: "user", content, metadata };
    return wake().answer(compose(draft, ""), identity);
  },
  /**
   * Lists the calls that wait for an answer, oldest first: their `tool_call` envelopes, also those that the log has lost.
   *
   * None.
   */
  openCalls: async ({ wake }: RpcHost): Promise<SequencedMessage[]> => [...wake().calls.list()],
  /**
   * Deletes the log and begins another under a new epoch. All connections are closed with 4002; clients reconnect and are sent a gap. It works
   * whatever the database holds, because it does not read what it deletes (P19).
   *
   * None.
   */
  clear: async ({ wake, reset }: RpcHost): Promise<void> => {
    reset();
    wake().clear();
  },
} as const;

type ClientMethod<Method> = Method extends (host: RpcHost, ...parameters: infer Parameters) => infer Result
  ? (...parameters: Parameters) => Result
  : never;

/** What a Worker may do with a session by RPC. Each method is one call; docs/reference/rpc.md lists them. */
export type ChatSession = { [Name in keyof typeof RPC_METHODS]: ClientMethod<(typeof RPC_METHODS)[Name]> };
