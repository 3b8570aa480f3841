import { byteLength } from "../../protocol/codec.js";
import { isDurable } from "../../protocol/envelope.js";
import { ChatError } from "../../protocol/errors.js";
import type { ClientEnvelope, HistoryRequestFrame, NextFrame } from "../../protocol/frames.js";
import { priceOfResend } from "../access/prices.js";
import type { Connection } from "../connection/connection.js";
import type { AnswersRequest } from "../dialects/dialect.js";
import type { Inbound } from "./inbound.js";

/** The ids that are known to be in a log. */
export interface KnownIds {
  /** The seq of an author's id. */
  find(id: string, author: string): number | undefined;
  /** Whether every id is known that entered the log after a cursor. */
  covers(after: string): boolean;
}

/** Where messages are admitted: a log and its turns, or the turns of a stateless connection. Without a log there are no known ids. */
export interface Admission {
  readonly knownIds?: KnownIds;
  /** Looks for what the message is about, if it names something. @throws ChatError `CONFLICT`, `FORBIDDEN` */
  resolve?(inbound: Inbound): void;
  /** Whether the application refuses the message, because its author's last one is still being answered. */
  isRejected(inbound: Inbound): boolean;
  /** Whether so many turns are unfinished that there is no room for one more (P12). */
  isFull(inbound: Inbound): boolean;
  /** An id for an envelope that one connection is sent now. */
  ephemeralId(): string;
  /** Gives a message that is admitted its time, and an id if its client gave none. What it interrupts ends before it. */
  complete(inbound: Inbound): void;
  /** Appends a message where there is a log, and begins its turn. */
  append(inbound: Inbound): void;
  /** Answers the resend of an envelope that is in the log. @throws ChatError `ID_CONFLICT` */
  repeat?(inbound: Inbound): void;
  /** Answers a request for the reply to the newest message of this identity. Default: there is none. */
  resume?(connection: Connection, id: string): void;
  /** Cancels the turn of a message whose reply a connection has resumed, unless it resumes it again at once. */
  leave?(connection: Connection, id: string): void;
  /** The envelopes that answer calls of a reply; none if no such call is open. Default: none. */
  toAnswers?(connection: Connection, request: AnswersRequest): (ClientEnvelope & { id: string })[];
  /** Cancels a turn, and answers whether it could be. */
  cancel(connection: Connection, id: string): void;
  /** v1: tells a connection when the turn of a message of its own has ended. */
  await?(connection: Connection, id: string): void;
  /** v1: answers a request for the log. Returns whether there was memory for that: if not, it waits. */
  answer?(connection: Connection, request: NextFrame | HistoryRequestFrame): boolean;
  /** Keeps the state of a connection through hibernation. */
  save?(connection: Connection): void;
}

/** How long a client should wait when too many turns are unfinished, in milliseconds. */
const BUSY_RETRY = 1_000;

const STILL_ANSWERED = "Your last message is still being answered.";

/**
 * Admits a valid message: known id, permission, `after`, what it is about, head of line, rate, capacity, in this order (PROTOCOL.md,
 * "Precedence of errors"). Permission comes after the known id, for the resend of an author who may no longer write is still a retry (P2). The head of
 * line comes before the rate, for a message out of turn must not spend what the blocked one needs (P3).
 *
 * @throws ChatError if it is refused; then nothing was appended.
 */
export function admitMessage(inbound: Inbound, admission: Admission): void {
  const { connection, message, after, bytes } = inbound;
  const { state } = connection;
  const { id, type } = message;
  const author = state.identity.id;
  const { knownIds } = admission;
  const isKnownId = (known: string) => knownIds?.find(known, author) !== undefined;
  // What got in by another way blocks nothing more.
  if (state.blockedBy && isKnownId(state.blockedBy.id)) state.blockedBy = undefined;
  if (isDurable(type) && isKnownId(id)) {
    chargeWork(connection, priceOfResend(bytes, byteLength(message.content)), id);
    connection.reportFrame({ stage: "decoded", bytes, message });
    return admission.repeat?.(inbound);
  }
  const refusal = { inReplyTo: id || undefined };
  if (state.identity.readOnly) throw new ChatError("READ_ONLY", undefined, refusal);
  if (after !== undefined && isDurable(type) && !knownIds?.covers(after)) {
    if (state.blockedBy?.id === id) state.blockedBy = undefined;
    throw new ChatError("UNKNOWN_OUTCOME", undefined, refusal);
  }
  admission.resolve?.(inbound);
  spendRate(inbound);
  if (admission.isRejected(inbound)) throw new ChatError("REJECTED", STILL_ANSWERED, refusal);
  if (admission.isFull(inbound)) throw rejectBusy(inbound);
  admission.complete(inbound);
  connection.reportFrame({ stage: "decoded", bytes, message });
  admission.append(inbound);
}

/** Charges the connection's limit key for work that is about to be done. @throws ChatError `RATE_LIMITED` */
export function chargeWork({ account, state }: Connection, units: number, inReplyTo?: string): void {
  const retryAfterMs = account.takeWork(units, state.lastFrameAt);
  if (retryAfterMs > 0) throw new ChatError("RATE_LIMITED", undefined, { inReplyTo, retryAfterMs });
}

/** Whether messages of this type block those after them when they are refused (P3). */
function blocks({ connection, message }: Inbound): boolean {
  return connection.dialect.blocksAfterRefusal === true && isDurable(message.type);
}

/** Looks at the head of line, then takes the message from the rates. @throws ChatError `RATE_LIMITED` */
function spendRate(inbound: Inbound): void {
  const { message, bytes, connection } = inbound;
  const { state, account } = connection;
  const { id, type } = message;
  const { blockedBy } = state;
  const isBehind = blockedBy && blockedBy.id !== id;
  // A busy session may be waiting for just this tool result.
  const isExempt = isBehind && type === "tool_result" && blockedBy.busy;
  const isOutOfTurn = blocks(inbound) && isBehind && !isExempt;
  const retryAfterMs = account.takeMessage(state.rate, bytes, state.lastFrameAt, isOutOfTurn ? 1 : 0);
  if (blocks(inbound) && !isBehind) state.blockedBy = retryAfterMs > 0 ? { id, busy: false } : undefined;
  if (retryAfterMs === 0) return;
  const why = isOutOfTurn ? "An earlier message was refused: send that one first." : undefined;
  throw new ChatError("RATE_LIMITED", why, { inReplyTo: id || undefined, retryAfterMs });
}

/** The refusal of a message for which there is no room now. It blocks those after it, as one refused for its rate. */
function rejectBusy(inbound: Inbound): ChatError {
  const { connection, message } = inbound;
  if (blocks(inbound)) connection.state.blockedBy ??= { id: message.id, busy: true };
  return new ChatError("BUSY", undefined, { inReplyTo: message.id || undefined, retryAfterMs: BUSY_RETRY });
}
