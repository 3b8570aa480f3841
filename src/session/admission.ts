import { stringify } from "../protocol/codec.js";
import { isDurable } from "../protocol/envelope.js";
import type { HistoryRequestFrame, NextFrame } from "../protocol/frames.js";
import { createMessageId } from "../protocol/ids.js";
import { withCursor } from "../protocol/plain.js";
import { readRegeneratedId, readRegenerates } from "../protocol/regenerates.js";
import { ANONYMOUS, type Identity } from "../server/access/identity.js";
import { LOOKED_AT_PER_UNIT } from "../server/access/prices.js";
import type { Connection } from "../server/connection/connection.js";
import { copyOf } from "../server/copy.js";
import { logError } from "../server/log-error.js";
import { type Admission, chargeWork, type KnownIds } from "../server/receive/admission.js";
import { type Inbound, turnEnded } from "../server/receive/inbound.js";
import { Turn } from "../server/turn/turn.js";
import { saveAttachment } from "./attachments.js";
import { NO_TURN, TURN_QUEUED, TURN_STARTED } from "./log/entry.js";
import { findRoot, nameNewest, requireRegeneration } from "./regeneration.js";
import { continueReplay, sendHistory } from "./replay.js";
import type { SessionReplySink } from "./reply-sink.js";
import type { SessionContext } from "./session-context.js";
import type { SessionSettings } from "./settings.js";

/** Which turns an identity may cancel (P10). */
function mayCancel(identity: Identity, { mayCancel }: SessionSettings): (turn: Turn) => boolean {
  return ({ identity: author, message }) =>
    author.id === identity.id ||
    ask(() => mayCancel?.(copyOf(identity), { message: copyOf(message), author: copyOf(author) }));
}

/** What a function of the application allows. One that throws allows nothing. */
function ask(allows: () => unknown): boolean {
  try {
    return allows() === true;
  } catch (error) {
    logError("mayCancel", error);
    return false;
  }
}

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
    const { log, queue } = this.#session;
    const id = regeneratesBy === "message" ? readRegeneratedId(message) : undefined;
    if (id !== undefined) {
      queue.flush();
      const author = connection.state.identity.id;
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
    return isDurable(message.type) && this.#sink.turns.isRejected(message, this.#authorOf(connection));
  }

  complete({ message, connection }: Inbound): void {
    const { log, queue } = this.#session;
    if (!isDurable(message.type)) message.id ||= createMessageId();
    else {
      this.#sink.turns.interrupt(message, mayCancel(connection.state.identity, this.#session.settings));
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
    if (present) {
      const isOver = !this.#sink.turns.turnsOf(author).some((turn) => turn.seq === seq);
      queue.push({ kind: "notice", connection, notice: { kind: "accepted", messageId: id, turn: seq, isOver } });
    } else {
      const ack = encodeAck?.({ ...stored, id }, seq, true);
      // Without acks it is given the envelope again. What it has been sent reaches further than the envelope's own place.
      const frame = ack ?? withCursor(stringify(stored), queue.ephemeralId());
      queue.push({ kind: "direct", connection, frame, isEnvelope: ack === undefined });
    }
    turnEnded(inbound);
  }

  append(inbound: Inbound): void {
    const { queue, batcher, settings } = this.#session;
    const { connection, message } = inbound;
    const isOrdered = isDurable(message.type);
    const author = this.#authorOf(connection);
    const turn = settings.onMessage === undefined ? NO_TURN : this.#turnMark(inbound, author);
    let seq: number | undefined;
    if (isOrdered) {
      const { id } = connection.state.identity;
      const ref = inbound.regeneration?.seq ?? null;
      seq = queue.append({ message, author: id, ref, turn, source: connection }, stringify(message)).seq;
    } else if (this.#session.broadcaster.allowsTyping(connection.account, connection.state.lastFrameAt)) {
      // The handler has it all the same: what is bounded is what one frame costs many times over.
      const body = stringify({ ...message, id: queue.ephemeralId() });
      queue.push({ kind: "ephemeral", body, author: connection });
    }
    const ready = turn === NO_TURN ? undefined : this.#begin(inbound, author, seq, turn);
    batcher.commit(isOrdered ? ready : undefined);
    if (turn !== NO_TURN) return;
    this.#sink.noticeEnd(seq);
    turnEnded(inbound);
  }

  resume(connection: Connection, id: string): void {
    const turn = this.#sink.turns.turnsOf(connection.state.identity.id).at(-1);
    connection.present({ kind: "resumed", id, turn: turn?.seq, messageId: turn?.message.id });
  }

  answer(connection: Connection, request: NextFrame | HistoryRequestFrame): void {
    const { log } = this.#session;
    if (request.type === "history") return sendHistory(connection, log, request);
    const { replay } = connection.state;
    continueReplay(connection, log, this.#session.broadcaster.recent, request.seq);
    const wasFirst = typeof replay === "object" && !replay.isSlow;
    if (wasFirst && connection.state.replay === undefined) this.#sink.goLive(connection);
  }

  cancel(connection: Connection, id: string): void {
    const { queue, settings } = this.#session;
    const { identity } = connection.state;
    const isOver = (queue.find(id, identity.id) ?? queue.find(id, null)) !== undefined;
    const result = this.#sink.turns.cancel(id, mayCancel(identity, settings)) ?? (isOver ? "over" : "unknown");
    const frame = connection.dialect.encodeCancelled?.(id, result);
    if (frame) queue.push({ kind: "direct", connection, frame, isEnvelope: false });
  }

  save({ socket }: Connection): void {
    saveAttachment(socket);
  }

  #begin(inbound: Inbound, author: unknown, seq: number | undefined, recorded: number): Promise<void> | undefined {
    const { turns } = this.#sink;
    const { message, connection, regeneration } = inbound;
    const { account, sessionId } = connection;
    const { identity } = connection.state;
    const origin = { sessionId, identity, author, account, message, attempt: 1, recorded, seq, inbound, regeneration };
    return turns.add(new Turn(origin, this.#sink), seq !== undefined);
  }

  /** Of recovered turns the limit key is not known: those of anonymous ones are one author, and come before new ones (P3). */
  #authorOf({ account, state: { identity } }: Connection): unknown {
    const isAlone = identity.id === ANONYMOUS.id && !this.#sink.turns.hasTurnsOf(identity.id);
    return isAlone ? account : identity.id;
  }

  /** What the row of a message says of its turn. */
  #turnMark({ message, connection: { account } }: Inbound, author: unknown): number {
    const waits = this.#sink.turns.mustWait({ message, author, account }, isDurable(message.type));
    return waits ? TURN_QUEUED : TURN_STARTED;
  }
}
