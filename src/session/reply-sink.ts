import { stringify } from "../protocol/codec.js";
import { type ChatMessage, isDurable } from "../protocol/envelope.js";
import { ChatError, textOf } from "../protocol/errors.js";
import type { OverFrame } from "../protocol/frames.js";
import { createMessageId, isServerId, RESERVED_ID_PREFIX } from "../protocol/ids.js";
import type { Connection } from "../server/connection/connection.js";
import { notify, toConnectionEvent } from "../server/hooks.js";
import { turnEnded } from "../server/receive/inbound.js";
import { fittingPrivate, privateOf, setPrivate } from "../server/stream/private-parts.js";
import type { ReplyStream } from "../server/stream/reply-stream.js";
import { ReplyStreams } from "../server/stream/reply-streams.js";
import type { ConversationMessage, Draft } from "../server/turn/context.js";
import { compose, encodeReply, toReport } from "../server/turn/reply.js";
import type { ReplySink, Turn } from "../server/turn/turn.js";
import { toReply } from "../server/turn/turn-outcome.js";
import { TurnQueue } from "../server/turn/turn-queue.js";
import { mayBeResend, recordAttempt } from "./attempts.js";
import { SessionCallJournal } from "./call-journal.js";
import { openCalls, toOpenCalls } from "./call-opener.js";
import { warnOfEviction } from "./eviction.js";
import { readConversation } from "./history.js";
import { COMPLETES_TURN, NO_TURN, TURN_FAILED } from "./log/entry.js";
import { parseBody } from "./log/log.js";
import type { SessionContext } from "./session-context.js";

/** From turns into the log, and to the connections what does not enter it. */
export class SessionReplySink implements ReplySink {
  readonly turns: TurnQueue;
  readonly streams: ReplyStreams;
  readonly journal: SessionCallJournal;

  readonly #session: SessionContext;

  constructor(session: SessionContext) {
    this.#session = session;
    const { settings, connections } = session;
    this.streams = new ReplyStreams(settings, connections, {
      begin: warnOfEviction,
      commit: () => session.queue.flush(),
      save: (stream) => this.#save(stream),
      release: (slot) => session.log.turns.release(slot),
    });
    this.journal = new SessionCallJournal(session);
    this.turns = new TurnQueue(session.settings, this, session.log.capacity);
  }

  begin(turn: Turn, others: readonly Turn[]): Promise<void> | undefined {
    const { log, queue, block } = this.#session;
    const isRecorded = recordAttempt(log, turn, others);
    if (!isRecorded && !mayBeResend(turn)) return undefined;
    // What is in the log is delivered: a replay that reads it meanwhile would otherwise be followed by the same entries (P4).
    queue.flush();
    const sync = () => log.synced();
    // What would arrive meanwhile waits outside, where it takes none of the room for unfinished turns.
    return isRecorded ? sync() : block(sync);
  }

  send(turn: Turn, draft: Draft): boolean {
    return this.#send(turn.inbound?.connection, draft, turn);
  }

  /** Calls the hook for a connection that has become live. */
  goLive(connection: Connection): void {
    const { sessionId, settings } = this.#session;
    if (!connection.isOpen) return;
    this.streams.show(connection, true);
    const send = (draft: Draft) => this.#send(connection, draft);
    notify(settings.onLive, toConnectionEvent(sessionId, connection.state), { send });
  }

  #send(connection: Connection | undefined, draft: Draft, turn?: Turn): boolean {
    if (!connection?.closeIfExpired()) return false;
    const message = turn ? toReply(draft, turn, RESERVED_ID_PREFIX) : compose(draft, RESERVED_ID_PREFIX);
    this.#answer(connection, encodeReply(message), turn);
    this.#session.batcher.commit();
    return true;
  }

  async post(turn: Turn, draft: Draft): Promise<ChatMessage> {
    const message = compose(draft, RESERVED_ID_PREFIX);
    if (!isDurable(message.type)) return this.publish(message);
    const { log, queue } = this.#session;
    const known = queue.find(message.id, null);
    // One that an earlier turn has posted under the same id stays what it was (P2).
    const { inReplyTo, supersedes }: Record<string, unknown> =
      known === undefined ? turn.replyMetadata : { ...log.get(known).metadata };
    message.metadata = { inReplyTo, supersedes, ...message.metadata };
    turn.posts += 1;
    const suffix = `p${turn.posts}`;
    const earlier = this.findPost(turn, suffix, ownId(message));
    const posted = earlier ?? this.#append(message, turn.seq, suffix);
    if (posted.type === "tool_call") void this.turns.registerToolCall(turn, posted.id);
    if (posted.type === "message") turn.posted = posted;
    return earlier ?? this.#whenCommitted(posted);
  }

  /** Appends an envelope of the server's. If its id is in the log with the same body, resolves with what is there. @throws ChatError `ID_CONFLICT` */
  async publish(message: ChatMessage): Promise<ChatMessage> {
    return this.#whenCommitted(this.#append(message));
  }

  findPost({ attempt, seq }: Turn, suffix: string, id?: string): ChatMessage | undefined {
    // Only a turn that runs again can have posted it already: it is found by its place, or by the id that it was given (P11).
    return attempt > 1 && seq !== undefined ? this.#session.log.findPost(seq, suffix, id) : undefined;
  }

  history(before: number, limit: number): ConversationMessage[] {
    const { log, queue } = this.#session;
    queue.flush();
    return readConversation(log, before, limit);
  }

  finished(turn: Turn, replies: readonly ChatMessage[], error?: ChatError): void {
    const session = this.#session;
    const reply = error ? undefined : (replies.findLast(({ type }) => type === "message") ?? turn.posted);
    const calls = reply ? toOpenCalls(session, turn, reply, !replies.includes(reply)) : [];
    const all = [...replies, ...calls];
    const last = all.findLast(({ type }) => isDurable(type));
    if (all.length > 0) this.#reply(turn, replies, reply, calls, last);
    if (!last) this.#settle(turn);
    if (reply) openCalls(session, turn, reply, calls);
    this.#end(turn, error);
  }

  failed(turn: Turn, error: ChatError): void {
    const { queue } = this.#session;
    const connection = turn.inbound?.connection;
    if (connection?.closeIfExpired()) {
      this.#settle(turn, TURN_FAILED);
      const frame = connection.encodeError(queue.ephemeralId(), error, turn.seq);
      queue.push({ kind: "direct", connection, frame, isEnvelope: true });
    } else if (turn.seq !== undefined) {
      this.reportInLog(turn.seq, error);
    }
    this.#end(turn, error);
  }

  /** Writes an error that no connection is there to receive into the log, where it ends the turn. */
  reportInLog(seq: number, error: ChatError): void {
    const { log, queue } = this.#session;
    const timestamp = log.now();
    const report = toReport(error, queue.placedId(timestamp), seq, timestamp);
    this.#add(report, seq, COMPLETES_TURN, encodeReply(report));
  }

  #save(stream: ReplyStream): void {
    const { log, queue } = this.#session;
    const { seq } = stream.turn;
    if (seq === undefined) return;
    // Its message is in the log before it: no other one can get that seq.
    queue.flush();
    const draft = stream.toDraft();
    const body = stringify({ ...draft, steps: stream.schedule.steps });
    const row = { ref: seq, key: null, body, private: fittingPrivate(draft, body) };
    stream.slot = log.turns.save(row, stream.slot);
  }

  /** @param called the reply whose calls are opened */
  #reply(
    turn: Turn,
    replies: readonly ChatMessage[],
    called: ChatMessage | undefined,
    calls: readonly ChatMessage[],
    last: ChatMessage | undefined,
  ): void {
    const bodies = this.#encode(turn, replies);
    // Only now the id of the reply is certain.
    for (const { metadata } of calls) Object.assign(metadata ?? {}, { reply: called?.id });
    bodies.push(...this.#encode(turn, calls));
    [...replies, ...calls].forEach((reply, place) => {
      const body = bodies[place] ?? "";
      if (reply.type === "error") this.#answer(turn.inbound?.connection, body, turn);
      else this.#add(reply, turn.seq, reply === last && turn.seq !== undefined ? COMPLETES_TURN : NO_TURN, body);
    });
  }

  /** Encodes replies before anything is done, with ids that are not taken. */
  #encode(turn: Turn, replies: readonly ChatMessage[]): string[] {
    const { log, queue } = this.#session;
    // A message that was given the id of a reply which is shown does not take it away (P10).
    const ids = new Set(turn.streamed ? [] : [turn.message.id]);
    return replies.map((reply) => {
      const { id } = reply;
      if (ids.has(id) || isServerId(id) || queue.find(id, null) !== undefined) reply.id = createMessageId();
      ids.add(reply.id);
      reply.timestamp = log.now();
      return encodeReply(reply);
    });
  }

  /** Appends what is durable; what is not goes to the connections. */
  #add(message: ChatMessage, ref: number | undefined, turn: number | null, body: string): void {
    const { queue } = this.#session;
    if (isDurable(message.type)) queue.append({ message, author: null, ref: ref ?? null, turn }, body);
    else {
      message.id = queue.ephemeralId();
      queue.push({ kind: "ephemeral", body: stringify(message), author: undefined });
    }
  }

  /**
   * Appends an envelope, unless its id is in the log. Returns what is stored, as JSON keeps it: the same as for a retry.
   *
   * @param ref the seq of the message whose turn wrote it
   * @param suffix of an id that the server makes
   */
  #append(message: ChatMessage, ref?: number, suffix?: string): ChatMessage {
    if (message.type === "error") throw new ChatError("INVALID_OPTION", "An error answers one connection: throw it.");
    const { log, queue } = this.#session;
    const seq = queue.find(message.id, null);
    if (seq !== undefined) return queue.requireSameBody(seq, message);
    const timestamp = log.now();
    const id = ownId(message) ?? queue.placedId(timestamp, suffix);
    const body = encodeReply({ ...message, id, timestamp });
    const stored = setPrivate(parseBody(body), privateOf(message));
    this.#add(stored, ref, NO_TURN, body);
    return stored;
  }

  async #whenCommitted(message: ChatMessage): Promise<ChatMessage> {
    const { batcher, queue } = this.#session;
    batcher.commit();
    await queue.whenCommitted();
    return message;
  }

  /** Sends an envelope to the connection that asked, if it is still there, after what was appended so far. */
  #answer(connection: Connection | undefined, body: string, turn: Turn | undefined): void {
    const { queue } = this.#session;
    const message = parseBody(body);
    message.id = queue.ephemeralId();
    if (turn && message.type === "tool_call") void this.turns.registerToolCall(turn, message.id);
    if (connection) queue.push({ kind: "direct", connection, frame: stringify(message), isEnvelope: true });
  }

  /** The turn leaves no reply in the log. */
  #settle({ seq }: Turn, turn: typeof NO_TURN | typeof TURN_FAILED = NO_TURN): void {
    if (seq !== undefined) this.#session.log.settle(seq, turn);
  }

  /** Tells the connections whose dialect has requests that a turn has ended. */
  noticeEnd(turn: number | undefined, error?: ChatError): void {
    const { settings, queue } = this.#session;
    if (turn !== undefined && settings.dialects.some(({ present }) => present)) {
      queue.push({ kind: "notice", notice: { kind: "ended", turn, errorText: error && textOf(error) } });
    }
  }

  /** Tells a connection that a turn has ended, after all that it has said. */
  tellOver(connection: Connection, id: string): void {
    const frame = stringify({ type: "over", id } satisfies OverFrame);
    this.#session.queue.push({ kind: "direct", connection, frame, isEnvelope: false });
  }

  /** What the turn kept until its end is needed no more. */
  release({ saved, slots }: Turn): void {
    const { turns } = this.#session.log;
    for (const { slot } of saved.values()) turns.release(slot);
    for (const slot of slots) turns.release(slot);
  }

  #end(turn: Turn, error?: ChatError): void {
    const { inbound, seq, continued } = turn;
    this.release(turn);
    if (continued && seq !== undefined) {
      this.#session.queue.flush();
      this.#session.calls.close(seq);
    }
    this.noticeEnd(seq, error);
    for (const connection of turn.awaitedBy ?? []) this.tellOver(connection, turn.message.id);
    if (inbound && seq !== undefined) inbound.connection.state.isUntried = undefined;
    turnEnded(inbound, error);
    this.#session.batcher.commit();
  }
}

/** The id that an envelope was given; `undefined` if the server has to make one, which holds the place of the envelope. */
function ownId({ id }: ChatMessage): string | undefined {
  return isServerId(id) ? undefined : id;
}
