import { stringify } from "../protocol/codec.js";
import type { ChatMessage } from "../protocol/envelope.js";
import { ERROR_CODES } from "../protocol/errors.js";
import type { Identity } from "../server/access/identity.js";
import { CHARACTERS_SERVED_PER_UNIT, LOOKED_AT_PER_UNIT, PRICES } from "../server/access/prices.js";
import type { Connection } from "../server/connection/connection.js";
import { copyOf } from "../server/copy.js";
import type { Notice } from "../server/dialects/dialect.js";
import { logError } from "../server/log-error.js";
import { chargeWork } from "../server/receive/admission.js";
import type { Turn } from "../server/turn/turn.js";
import { readReply } from "./call-answers.js";
import { newestReply } from "./regeneration.js";
import type { SessionReplySink } from "./reply-sink.js";
import type { SessionContext } from "./session-context.js";
import type { SessionSettings } from "./settings.js";

/** Milliseconds in which a client that has left a reply may resume it again: it does so in its next frame. */
const RESUMES_WITHIN_MS = 250;

/** Which turns an identity may cancel (P10). */
export function mayCancel(identity: Identity, { mayCancel }: SessionSettings): (turn: Turn) => boolean {
  return ({ identity: author, message, continued }) =>
    author.id === identity.id ||
    continued?.author.id === identity.id ||
    allows("mayCancel", () => mayCancel?.(copyOf(identity), { message: copyOf(message), author: copyOf(author) }));
}

/** What an option of the application allows. One that throws allows nothing. */
export function allows(name: string, ask: () => unknown): boolean {
  try {
    return ask() === true;
  } catch (error) {
    logError(name, error);
    return false;
  }
}

/** Answers a request for the reply to the newest message of an identity. */
export function resumeTurn(
  { log, queue }: SessionContext,
  { turns }: SessionReplySink,
  connection: Connection,
  id: string,
): void {
  const turn = turns.turnsOf(connection.state.identity.id, true).at(-1);
  const { continued } = turn ?? {};
  if (continued) {
    queue.flush();
    chargeWork(connection, (log.head - continued.root) / LOOKED_AT_PER_UNIT, id);
  }
  const continues = continued && { id: continued.id, envelopes: readReply(log, continued) };
  connection.present({ kind: "resumed", id, turn: turn?.seq, messageId: turn?.message.id, continues });
}

/**
 * Answers a request whose message is in the log, at `seq`: by its turn, or by the one that goes on with its reply; where these have ended,
 * by the newest reply to it.
 */
export function answerAgain(
  { log, queue }: SessionContext,
  { turns }: SessionReplySink,
  connection: Connection,
  messageId: string,
  seq: number,
): void {
  const author = connection.state.identity.id;
  const push = (notice: Notice) => queue.push({ kind: "notice", connection, notice });
  const serve = (envelopes: readonly ChatMessage[]) => {
    const characters = stringify(envelopes).length;
    connection.account.owe(envelopes.length * PRICES.served + characters / CHARACTERS_SERVED_PER_UNIT);
    return envelopes;
  };
  queue.flush();
  chargeWork(connection, (log.head - seq) / LOOKED_AT_PER_UNIT, messageId);
  const running = turns.turnsOf(author, true).findLast((turn) => turn.seq === seq || turn.continued?.root === seq);
  if (running) {
    const { seq: turn = seq } = running;
    // A message that answers a call has the reply before it.
    const continued = turn === seq ? undefined : running.continued;
    const continues = continued && { id: continued.id, envelopes: serve(readReply(log, continued)) };
    return push({ kind: "accepted", messageId, turn, continues });
  }
  const envelopes = serve(newestReply(log, seq, author));
  const hasFailed = envelopes.length === 0 && log.get(seq).metadata?.["failed"] === true;
  push({ kind: "accepted", messageId, turn: seq });
  push({ kind: "reply", turn: seq, envelopes });
  push({ kind: "ended", turn: seq, errorText: hasFailed ? ERROR_CODES.HANDLER_FAILED : undefined });
}

/** Cancels a turn, and answers whether it could be. */
export function cancelTurn(
  { queue, settings }: SessionContext,
  { turns }: SessionReplySink,
  connection: Connection,
  id: string,
): void {
  const { identity } = connection.state;
  const isOver = (queue.find(id, identity.id) ?? queue.find(id, null)) !== undefined;
  const result = turns.cancel(id, mayCancel(identity, settings)) ?? (isOver ? "over" : "unknown");
  const frame = connection.dialect.encodeCancelled?.(id, result);
  if (frame) queue.push({ kind: "direct", connection, frame, isEnvelope: false });
}

/** Cancels the turn of a message whose reply a connection has resumed, unless it resumes it again at once. */
export function leaveTurn(session: SessionContext, sink: SessionReplySink, connection: Connection, id: string): void {
  const { state } = connection;
  const earlier = state.requests;
  const cancel = () => {
    const isResumed = state.requests?.some((one) => one.messageId === id && !earlier?.includes(one));
    if (!isResumed) cancelTurn(session, sink, connection, id);
  };
  setTimeout(cancel, RESUMES_WITHIN_MS);
}

/** Tells a connection when the turn of a message of its own has ended: at once if there is none. */
export function awaitTurn(sink: SessionReplySink, connection: Connection, id: string): void {
  const turn = sink.turns.turnsOf(connection.state.identity.id).find(({ message }) => message.id === id);
  if (turn === undefined) return sink.tellOver(connection, id);
  turn.awaitedBy ??= new Set();
  turn.awaitedBy.add(connection);
}
