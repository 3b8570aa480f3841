import { exceedsBytes } from "../../protocol/codec.js";
import type { ChatMessage } from "../../protocol/envelope.js";
import { ChatError, CLOSE_CODES, textOf } from "../../protocol/errors.js";
import type { SequencedMessage } from "../../protocol/frames.js";
import { RESERVED_ID_PREFIX } from "../../protocol/ids.js";
import { DEFAULT_HISTORY_LIMIT, MAX_HISTORY_BYTES, MAX_HISTORY_LIMIT } from "../../protocol/limits.js";
import { checkInteger } from "../../protocol/options.js";
import { MAX_CLOSE_REASON } from "../../server/access/upgrade.js";
import { copyOf } from "../../server/copy.js";
import type { Draft } from "../../server/turn/context.js";
import { compose } from "../../server/turn/reply.js";
import type { ActiveSession } from "../active-session.js";
import { parseBody } from "../log/log.js";
import type { StoredEntry } from "../log/log-reader.js";
import type {
  ChatSession,
  ConnectionInfo,
  DisconnectOptions,
  DisconnectTarget,
  History,
  HistoryQuery,
  RpcOutcome,
} from "./client.js";

/** The object's side of `ChatSession`. */
export class RpcServer implements ChatSession {
  readonly #wake: () => ActiveSession;
  readonly #reset: () => void;

  constructor(wake: () => ActiveSession, reset: () => void) {
    this.#wake = wake;
    this.#reset = reset;
  }

  /** Runs one call that came by RPC. */
  async run(method: keyof ChatSession, parameters: readonly unknown[]): Promise<RpcOutcome> {
    try {
      return { value: await this.#dispatch(method, parameters) };
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      const { code, inReplyTo, retryAfterMs } = error;
      return { error: { code, message: textOf(error), inReplyTo, retryAfterMs } };
    }
  }

  async post(draft: Draft): Promise<ChatMessage> {
    return this.#wake().publish(compose(draft, RESERVED_ID_PREFIX));
  }

  async history(query: HistoryQuery = {}): Promise<History> {
    const { before, after, limit = DEFAULT_HISTORY_LIMIT } = query;
    checkInteger("limit", limit, 1, MAX_HISTORY_LIMIT);
    if (before !== undefined) checkInteger("before", before, 0, Number.MAX_SAFE_INTEGER);
    if (after !== undefined) checkInteger("after", after, 0, Number.MAX_SAFE_INTEGER);
    if (before !== undefined && after !== undefined) {
      throw new ChatError("INVALID_OPTION", "history() takes before or after, not both.");
    }
    const conversation = this.#wake();
    conversation.flush();
    const { log } = conversation;
    const messages =
      after === undefined
        ? pageOf(log.readBack(before ?? log.head + 1, limit)).reverse()
        : pageOf(log.read(after, limit));
    return { epoch: log.epoch, head: log.head, tail: log.tail, messages };
  }

  async connections(): Promise<ConnectionInfo[]> {
    const open = [...this.#wake().connections].filter((connection) => connection.closeIfExpired());
    return open.map(({ state: { id, dialect, identity } }) => ({ id, dialect, identity: copyOf(identity) }));
  }

  async disconnect(target: DisconnectTarget, options: DisconnectOptions = {}): Promise<number> {
    const { code = CLOSE_CODES.DISCONNECTED, reason = "disconnected by the application" } = options;
    if (!isApplicationCode(code)) {
      throw new ChatError("INVALID_OPTION", `A close code must be 1000 or 3000 to 4999, not ${String(code)}.`);
    }
    if (typeof reason !== "string" || exceedsBytes(reason, MAX_CLOSE_REASON)) {
      throw new ChatError("INVALID_OPTION", `A close reason may be ${MAX_CLOSE_REASON} bytes.`);
    }
    const chosen = [...this.#wake().connections].filter(({ state }) =>
      "connectionId" in target ? state.id === target.connectionId : state.identity.id === target.identityId,
    );
    for (const connection of chosen) connection.close(code, reason);
    return chosen.length;
  }

  /** An object that sleeps need not be able to wake for it (P19). */
  async clear(): Promise<void> {
    this.#reset();
    this.#wake().clear();
  }

  /** RPC has no types: a Worker of an older deploy may call this. */
  #dispatch(method: string, parameters: readonly unknown[]): Promise<unknown> {
    const [first, second] = parameters as [never, never];
    switch (method) {
      case "post":
        return this.post(first);
      case "history":
        return this.history(first);
      case "connections":
        return this.connections();
      case "disconnect":
        return this.disconnect(first, second);
      case "clear":
        return this.clear();
      default:
        throw new ChatError("INVALID_OPTION", `A chat session has no method "${method}".`);
    }
  }
}

/** As many entries as one answer by RPC may hold, but at least one. */
function pageOf(entries: Iterable<StoredEntry>): SequencedMessage[] {
  const messages: SequencedMessage[] = [];
  let total = 0;
  for (const { seq, body, bytes } of entries) {
    total += bytes;
    if (total > MAX_HISTORY_BYTES && messages.length > 0) break;
    messages.push({ seq, ...parseBody(body) });
  }
  return messages;
}

function isApplicationCode(code: unknown): boolean {
  return typeof code === "number" && Number.isInteger(code) && (code === 1000 || (code >= 3000 && code <= 4999));
}
