import { stringify } from "../protocol/codec.js";
import { type Author, type ChatMessage, isDurable } from "../protocol/envelope.js";
import { ChatError } from "../protocol/errors.js";
import type { ClientEnvelope, HistoryRequestFrame, NextFrame } from "../protocol/frames.js";
import { createMessageId } from "../protocol/ids.js";
import { withCursor } from "../protocol/plain.js";
import { readRegeneratedId, readRegenerates } from "../protocol/regenerates.js";
import { ANONYMOUS, type Identity } from "../server/access/identity.js";
import { LOOKED_AT_PER_UNIT, PRICES } from "../server/access/prices.js";
import type { Connection } from "../server/connection/connection.js";
import { copyOf } from "../server/copy.js";
import type { AnswersRequest } from "../server/dialects/dialect.js";
import { type Admission, chargeWork, type KnownIds } from "../server/receive/admission.js";
import { type Inbound, turnEnded } from "../server/receive/inbound.js";
import type { ContinuedReply } from "../server/turn/continued-reply.js";
import { Turn } from "../server/turn/turn.js";
import { saveAttachment } from "./attachments.js";
import { findAnswers } from "./call-answers.js";
import { NO_TURN, TURN_QUEUED, TURN_STARTED } from "./log/entry.js";
import type { OpenCall } from "./open-calls.js";
import { findRoot, hasSpokenSince, nameNewest, requireRegeneration } from "./regeneration.js";
import { continueReplay, sendHistory } from "./replay.js";
import type { SessionReplySink } from "./reply-sink.js";
import type { SessionContext } from "./session-context.js";
import { allows, answerAgain, awaitTurn, cancelTurn, leaveTurn, mayCancel, resumeTurn } from "./turn-requests.js";

/** From the receiver into the log and the queue of turns. */
export class SessionAdmission implements Admission {
  readonly knownIds: KnownIds;
  readonly #session: SessionContext;
  readonly #sink: SessionReplySink;

  constructor(session: SessionContext, sink: SessionReplySink) {
    this.#session = session;
    this.knownIds = session.queue;
    this.#sink = sink;
  }

  ephemeralId(): string {
    return this.#session.queue.ephemeralId(this.#session.broadcaster.deliveredSeq);
  }

  resolve(inbound: Inbound): void {
    const { connection, message } = inbound;
    const { regeneratesBy } = connection.dialect;
    const { identity } = connection.state;
    const { log, queue } = this.#session;
    if (message.type === "tool_result" && !this.#sink.turns.isAwaited(message)) this.#requireOpen(message, connection);
    const id = regeneratesBy === "message" ? readRegeneratedId(message) : undefined;
    if (id !== undefined) {
      queue.flush();
      const author = identity.id;
      message.metadata = { ...message.metadata, regenerates: nameNewest(log, id, queue.find(id, author), author) };
    }
    const named = regeneratesBy && readRegenerates(message);
    if (!named) return;
    queue.flush();
    const root = findRoot(log, named);
    chargeWork(connection, (log.head - (root ?? log.head)) / LOOKED_AT_PER_UNIT, message.id);
    inbound.regeneration = requireRegeneration(log, message, named, root);
  }

  isFull({ message, connection }: Inbound): boolean {
    return this.#sink.turns.isFull(message, connection.account);
  }

  isRejected({ message, connection }: Inbound): boolean {
    if (this.#openCallOf(message)) return false;
    return isDurable(message.type) && this.#sink.turns.isRejected(message, this.#authorOf(connection));
  }

  complete({ message, connection }: Inbound): void {
    const { log, queue } = this.#session;
    if (!isDurable(message.type)) message.id ||= createMessageId();
    else {
      const may = mayCancel(connection.state.identity, this.#session.settings);
      if (!this.#openCallOf(message)) this.#sink.turns.interrupt(message, may);
      message.timestamp = log.now(message.timestamp);
      message.id ||= queue.placedId(message.timestamp);
    }
  }

  repeat(inbound: Inbound): void {
    const { queue } = this.#session;
    const { connection, message } = inbound;
    const { id } = message;
    const author = connection.state.identity.id;
    const seq = queue.find(id, author) ?? 0;
    const stored = queue.requireSameBody(seq, message);
    const { present, encodeAck } = connection.dialect;
    if (present) answerAgain(this.#session, this.#sink, connection, id, seq);
    else {
      const ack = encodeAck?.({ ...stored, id }, seq, true);
      // Without acks it is given the envelope again. What it has been sent reaches further than the envelope's own place.
      const frame = ack ?? withCursor(stringify(stored), queue.ephemeralId());
      queue.push({ kind: "direct", connection, frame, isEnvelope: ack === undefined });
    }
    turnEnded(inbound);
  }

  append(inbound: Inbound): void {
    const { queue, batcher, calls } = this.#session;
    const { connection, message, regeneration } = inbound;
    const { id: identity } = connection.state.identity;
    const isOrdered = isDurable(message.type);
    const open = this.#openCallOf(message);
    if (message.type === "message") calls.supersede(identity);
    const author = this.#authorOf(connection);
    const turn = this.#turnMark({ message, author, account: connection.account }, open);
    let seq: number | undefined;
    if (isOrdered) {
      const ref = regeneration?.seq ?? open?.reply.root ?? null;
      seq = queue.append({ message, author: identity, ref, turn, source: connection }, stringify(message)).seq;
    } else if (this.#session.broadcaster.allowsTyping(connection.account, connection.state.lastFrameAt)) {
      // The handler has it all the same: what is bounded is what one frame costs many times over.
      const body = stringify({ ...message, id: queue.ephemeralId() });
      queue.push({ kind: "ephemeral", body, author: connection });
    }
    const continued = this.#answer(open, message, seq);
    const ready = turn === NO_TURN ? undefined : this.#begin(inbound, author, seq, turn, continued);
    batcher.commit(isOrdered ? ready : undefined);
    if (turn !== NO_TURN) return;
    this.#sink.noticeEnd(seq);
    turnEnded(inbound);
  }

  resume(connection: Connection, id: string): void {
    resumeTurn(this.#session, this.#sink, connection, id);
  }

  await(connection: Connection, id: string): void {
    awaitTurn(this.#sink, connection, id);
  }

  toAnswers(connection: Connection, request: AnswersRequest): (ClientEnvelope & { id: string })[] {
    const found = findAnswers(this.#session.calls, request);
    if (found) connection.present({ kind: "answering", id: request.id, continues: found.continues });
    return found?.answers ?? [];
  }

  /** Appends an answer that the application gives for someone. @throws ChatError `ALREADY_ANSWERED`, `CONFLICT` */
  answerCall(message: ChatMessage, identity: Identity): void {
    const { queue, batcher, connections, sessionId } = this.#session;
    const { id: author } = identity;
    this.#requireOpen(message);
    const open = this.#openCallOf(message);
    if (!open) throw new ChatError("CONFLICT", "There is no such call.");
    const account = connections.accounts.of(`author:${author}`);
    const turn = this.#turnMark({ message, author, account }, open);
    const { seq } = queue.append({ message, author, ref: open.reply.root, turn }, stringify(message));
    const continued = this.#answer(open, message, seq);
    const origin = { sessionId, identity, author, account, message, attempt: 1, seq, continued, inbound: undefined };
    const ready =
      turn === NO_TURN ? undefined : this.#sink.turns.add(new Turn({ ...origin, recorded: turn }, this.#sink), true);
    batcher.commit(ready);
  }

  leave(connection: Connection, id: string): void {
    leaveTurn(this.#session, this.#sink, connection, id);
  }

  answer(connection: Connection, request: NextFrame | HistoryRequestFrame): boolean {
    const { log } = this.#session;
    if (request.type === "history") return sendHistory(connection, log, request);
    const { replay } = connection.state;
    if (!continueReplay(connection, log, this.#session.broadcaster.recent, request.seq)) return false;
    const wasFirst = typeof replay === "object" && !replay.isSlow;
    if (wasFirst && connection.state.replay === undefined) this.#sink.goLive(connection);
    return true;
  }

  cancel(connection: Connection, id: string): void {
    cancelTurn(this.#session, this.#sink, connection, id);
  }

  save({ socket }: Connection): void {
    saveAttachment(socket);
  }

  #begin(
    inbound: Inbound,
    author: unknown,
    seq: number | undefined,
    recorded: number,
    continued: ContinuedReply | undefined,
  ): Promise<void> | undefined {
    const { turns } = this.#sink;
    const { message, connection, regeneration } = inbound;
    const { account, sessionId } = connection;
    const { identity } = connection.state;
    const about = { regeneration, continued };
    const origin = { sessionId, identity, author, account, message, attempt: 1, recorded, seq, inbound, ...about };
    return turns.add(new Turn(origin, this.#sink), seq !== undefined);
  }

  /** The open call that a message answers. What a running turn awaits is its own. */
  #openCallOf(message: ChatMessage): OpenCall | undefined {
    const mayAnswer = message.type === "tool_result" && !this.#sink.turns.isAwaited(message);
    return mayAnswer ? this.#session.calls.find(message.metadata?.["inReplyTo"]) : undefined;
  }

  /** Returns what a turn goes on with if the call was the last. */
  #answer(open: OpenCall | undefined, message: ChatMessage, seq: number | undefined): ContinuedReply | undefined {
    const { calls, queue } = this.#session;
    if (!open || seq === undefined) return undefined;
    const continued = calls.answer(open, { ...message, seq });
    if (continued === undefined) queue.flush();
    return continued;
  }

  /**
   * Refuses an answer to a call that is not open, or not this identity's to answer.
   *
   * @param connection that of the user who answers; `undefined` for the application
   * @throws ChatError `RATE_LIMITED`, `FORBIDDEN`, `ALREADY_ANSWERED`, `CONFLICT`
   */
  #requireOpen(message: ChatMessage, connection?: Connection): void {
    const { calls, queue, log, settings } = this.#session;
    const identity = connection?.state.identity;
    const refuse = (code: "FORBIDDEN" | "ALREADY_ANSWERED" | "CONFLICT", why?: string) => {
      throw new ChatError(code, why, { inReplyTo: message.id });
    };
    const id = String(message.metadata?.["inReplyTo"]);
    const open = calls.find(id);
    const seq = queue.find(id, null);
    const call = open ? calls.envelopeOf(open) : seq && log.get(seq);
    const author = call ? authorOfCall(call) : undefined;
    if (!call || !author) return;
    const may = (by: Identity) => settings.mayAnswer?.(copyOf(by), { message: copyOf(call), author: copyOf(author) });
    if (identity && identity.id !== author.id && !allows("mayAnswer", () => may(identity))) refuse("FORBIDDEN");
    if (open?.call.isAnswered) refuse("ALREADY_ANSWERED");
    if (open && open.reply.expiresAt <= Date.now()) refuse("CONFLICT", "This call has expired.");
    if (open || seq === undefined) return;
    queue.flush();
    if (connection) chargeWork(connection, PRICES.frame + (log.head - seq) / LOOKED_AT_PER_UNIT, message.id);
    if (hasSpokenSince(log, author.id, seq)) refuse("CONFLICT", "The one who asked has said more since.");
    refuse("ALREADY_ANSWERED");
  }

  /** Of recovered turns the limit key is not known: those of anonymous ones are one author, and come before new ones (P3). */
  #authorOf({ account, state: { identity } }: Connection): unknown {
    const isAlone = identity.id === ANONYMOUS.id && !this.#sink.turns.hasTurnsOf(identity.id);
    return isAlone ? account : identity.id;
  }

  /** What the row of a message says of its turn. An answer that is not the last has none. */
  #turnMark(turn: Pick<Turn, "message" | "author" | "account">, open: OpenCall | undefined): number | null {
    const { settings, calls } = this.#session;
    if (settings.onMessage === undefined || (open && !calls.isLast(open))) return NO_TURN;
    return this.#sink.turns.mustWait(turn, isDurable(turn.message.type)) ? TURN_QUEUED : TURN_STARTED;
  }
}

/** Who is asked by an envelope of an open call; `undefined` for any other envelope. */
function authorOfCall({ type, metadata }: ChatMessage): Author | undefined {
  const author = type === "tool_call" && metadata?.["reply"] ? metadata["for"] : undefined;
  const { id }: Partial<Record<"id", unknown>> = Object(author);
  return typeof id === "string" ? (author as Author) : undefined;
}
