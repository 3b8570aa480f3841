import { stringify } from "../protocol/codec.js";
import { type ChatMessage, isDurable } from "../protocol/envelope.js";
import { ChatError } from "../protocol/errors.js";
import type { HistoryRequestFrame } from "../protocol/frames.js";
import { createMessageId } from "../protocol/ids.js";
import { ANONYMOUS } from "../server/access/identity.js";
import type { Connection } from "../server/connection/connection.js";
import type { Admission, Inbound } from "../server/receive/inbound.js";
import { Receiver } from "../server/receive/receiver.js";
import { isServerId, ownId, RESERVED_ID_PREFIX } from "../server/receive/validate-message.js";
import type { Draft } from "../server/turn/context.js";
import { compose, encodeReply, toReport } from "../server/turn/reply.js";
import { type ReplySink, Turn } from "../server/turn/turn.js";
import { rejectBusy } from "../server/turn/turn-outcome.js";
import { TurnQueue } from "../server/turn/turn-queue.js";
import { saveAttachment } from "./attachments.js";
import { interruptedTurns, mayBeResend, recordAttempt } from "./attempts.js";
import { type CommitEvents, CommitQueue } from "./commit-queue.js";
import { acknowledge, type Connections } from "./connections.js";
import { COMPLETES_TURN, NO_TURN, TURN_QUEUED, TURN_STARTED, withCursor } from "./log/entry.js";
import { type Log, parseBody } from "./log/log.js";
import { PendingHellos } from "./pending-hellos.js";
import { continueReplay, sendHistory } from "./replay.js";
import type { SessionSettings } from "./settings.js";

/** A session that is awake: from the pipeline into the log, and between the log and the handler. */
export class ActiveSession implements Admission, ReplySink {
  readonly receiver: Receiver;
  readonly pendingHellos: PendingHellos;
  readonly #turns: TurnQueue;
  readonly #commitQueue: CommitQueue;

  readonly #sessionId: string;
  readonly #settings: SessionSettings;
  readonly #events: CommitEvents;

  constructor(
    sessionId: string,
    readonly log: Log,
    readonly connections: Connections,
    settings: SessionSettings,
    events: CommitEvents,
  ) {
    this.#sessionId = sessionId;
    this.#settings = settings;
    this.#events = events;
    this.receiver = new Receiver(settings, this);
    this.pendingHellos = new PendingHellos(connections);
    this.#turns = new TurnQueue(settings, this, log.capacity);
    this.#commitQueue = new CommitQueue(log, connections, events);
  }

  /** A frame of a connection has come. */
  receive(connection: Connection, frame: string | ArrayBuffer): void {
    this.#commitQueue.enqueue(frame, () => {
      this.pendingHellos.sendHello(connection);
      this.receiver.receive(connection, frame);
      this.connections.save(connection);
      this.connections.closeDead(connection.state.lastFrameAt);
    });
  }

  /** Works off all frames that have come. */
  drain(): Promise<void> {
    return this.#commitQueue.drain();
  }

  accept(inbound: Inbound): void {
    const { connection, message, isKnownId: again, after } = inbound;
    if (!isDurable(message.type)) return this.#relay(inbound);
    if (again) return this.#acceptAgain(inbound);
    if (after !== undefined && !this.#commitQueue.coversSince(after)) {
      throw new ChatError("UNKNOWN_OUTCOME", undefined, { inReplyTo: message.id });
    }
    if (this.#turns.isFull(message, connection.account)) throw rejectBusy(inbound);
    message.timestamp = this.log.now(message.timestamp);
    if (isServerId(message.id)) message.id = this.#commitQueue.placedId(message.timestamp);
    const turn = this.#turnMark(message);
    const { id: author } = connection.state.identity;
    const { seq } = this.#commitQueue.append(
      { message, author, ref: null, turn, source: connection },
      stringify(message),
    );
    this.#commitQueue.commit(turn === NO_TURN ? undefined : this.#begin(inbound, seq, turn));
    if (turn === NO_TURN) this.receiver.turnEnded(inbound);
  }

  isKnownId(id: string, author: string): boolean {
    return this.#commitQueue.find(id, author) !== undefined;
  }

  newId(): string {
    return this.#commitQueue.placedId(this.log.now());
  }

  next(connection: Connection, seq: number): void {
    continueReplay(connection, this.log, this.connections.recent, seq);
  }

  history(connection: Connection, request: HistoryRequestFrame): void {
    sendHistory(connection, this.log, request);
  }

  reauthenticated(connection: Connection): void {
    saveAttachment(connection.socket);
  }

  ephemeralId(): string {
    return this.#commitQueue.ephemeralId();
  }

  send(turn: Turn, draft: Draft): boolean {
    const connection = turn.inbound?.connection;
    if (connection === undefined || !connection.isLive()) return false;
    this.#answer(turn, encodeReply(compose(draft, this.ephemeralId())));
    this.#commitQueue.commit();
    return true;
  }

  async post(turn: Turn, draft: Draft): Promise<ChatMessage> {
    if (!isDurable(draft.type ?? "message")) return this.publish(compose(draft, this.ephemeralId()));
    turn.posts += 1;
    const message = compose(draft, RESERVED_ID_PREFIX);
    // Only a turn that runs again can have posted it already: it is found by its place, or by the id that it was given (P11).
    const suffix = `p${turn.posts}`;
    const isAgain = turn.attempt > 1 && turn.seq !== undefined;
    const earlier = isAgain ? this.log.findPost(turn.seq, suffix, ownId(message)) : undefined;
    const posted = earlier ?? this.#publish(message, turn.seq, suffix);
    if (posted.type === "tool_call") void this.#turns.registerToolCall(turn, posted.id);
    return earlier ?? this.#whenDurable(posted);
  }

  /** Appends an envelope of the server's and fans it out; an id that is there already gets what is there. */
  async publish(message: ChatMessage): Promise<ChatMessage> {
    return this.#whenDurable(this.#publish(message));
  }

  begin(turn: Turn, other: Turn | undefined): Promise<void> | undefined {
    const isRecorded = recordAttempt(this.log, turn, other);
    if (!isRecorded && !mayBeResend(turn)) return undefined;
    this.#commitQueue.write();
    const sync = () => this.log.synced();
    // What would come meanwhile waits outside, where it takes none of the room for unfinished turns.
    return isRecorded ? sync() : this.#events.block(sync);
  }

  finished(turn: Turn, replies: readonly ChatMessage[]): void {
    if (replies.length > 0) this.#reply(turn, replies);
    else if (turn.seq !== undefined) this.log.settle(turn.seq);
    this.#conclude(turn);
  }

  #reply(turn: Turn, replies: readonly ChatMessage[]): void {
    const ids = new Set<string>();
    const bodies = replies.map((reply) => {
      const { id } = reply;
      const isTaken = ids.has(id) || id === turn.message.id || this.#commitQueue.find(id, null) !== undefined;
      if (isTaken || isServerId(id)) reply.id = createMessageId();
      ids.add(reply.id);
      reply.timestamp = this.log.now();
      return encodeReply(reply);
    });
    const last = replies.findLast(({ type }) => isDurable(type));
    replies.forEach((reply, place) => {
      const ends = reply === last && turn.seq !== undefined;
      const body = bodies[place] ?? "";
      if (reply.type === "error") this.#answer(turn, body);
      else this.#add(reply, turn.seq, ends ? COMPLETES_TURN : NO_TURN, body);
    });
    if (last === undefined && turn.seq !== undefined) this.log.settle(turn.seq);
  }

  failed(turn: Turn, error: ChatError): void {
    const connection = turn.inbound?.connection;
    if (connection?.isLive()) {
      if (turn.seq !== undefined) this.log.settle(turn.seq);
      this.#commitQueue.afterCommit(() => connection.sendError(this.ephemeralId(), error, turn.seq));
    } else if (turn.seq !== undefined) {
      this.#reportInLog(turn.seq, error);
    }
    this.#conclude(turn, error);
  }

  /** Takes up the turns that were interrupted, and reports those whose attempts are exhausted (P11). */
  recover(): void {
    const { onMessage, turnAttempts } = this.#settings;
    const turns: Turn[] = [];
    for (const origin of interruptedTurns(this.log, this.#sessionId, this.connections.accounts)) {
      if (onMessage !== undefined && origin.attempt <= turnAttempts) turns.push(new Turn(origin, this));
      else
        this.#reportInLog(origin.seq, new ChatError("TURN_INTERRUPTED", undefined, { inReplyTo: origin.message.id }));
    }
    this.#commitQueue.commit();
    if (turns.length > 0) void this.#turns.resume(turns);
  }

  /** Writes what waits for the next commit now. */
  flush(): void {
    this.#commitQueue.flush();
  }

  /** Forgets the conversation, and sends everyone away to begin anew. */
  clear(): void {
    this.#turns.clear(new ChatError("TURN_ENDED", "The session was cleared."));
    this.#commitQueue.clear();
    for (const connection of this.connections) connection.close("SESSION_CLEARED", "the session was cleared");
  }

  #relay(inbound: Inbound): void {
    if (this.#turns.isFull(inbound.message, inbound.connection.account)) throw rejectBusy(inbound);
    // The handler has it all the same: what is bounded is what one frame costs many times over.
    if (this.connections.allowTyping(inbound.connection))
      this.#commitQueue.relay({ ...inbound.message }, inbound.connection);
    if (this.#settings.onMessage === undefined) this.receiver.turnEnded(inbound);
    else void this.#begin(inbound, undefined, TURN_QUEUED);
    this.#commitQueue.commit();
  }

  /** A durable id that is in the log already: the same answer again, or a conflict (P2). */
  #acceptAgain(inbound: Inbound): void {
    const { connection, message } = inbound;
    const author = connection.state.identity.id;
    const seq = this.#commitQueue.find(message.id, author) ?? 0;
    const stored = this.#commitQueue.requireSameBody(seq, message);
    this.#commitQueue.afterCommit(() => {
      if (connection.state.dialect === "v1") connection.send(acknowledge({ ...stored, id: message.id }, seq, true));
      // What it has been sent reaches further than the envelope's own place.
      else connection.sendEnvelope(withCursor(stringify(stored), this.ephemeralId()));
    });
    this.receiver.turnEnded(inbound);
  }

  #begin(inbound: Inbound, seq: number | undefined, recorded: number): Promise<void> | undefined {
    const { message, connection } = inbound;
    const { account, sessionId } = connection;
    const { identity } = connection.state;
    // Of recovered turns the limit key is not known: those of anonymous ones are one author, and stand before what comes (P3).
    const isAlone = identity.id === ANONYMOUS.id && !this.#turns.hasTurnsOf(identity.id);
    const author = isAlone ? account : identity.id;
    const origin = { sessionId, identity, author, account, message, attempt: 1, recorded, seq, inbound };
    return this.#turns.add(new Turn(origin, this), seq !== undefined);
  }

  /** What the row of a message says of its turn. */
  #turnMark(message: ChatMessage): number | null {
    if (this.#settings.onMessage === undefined) return NO_TURN;
    return this.#turns.mustWait(message, true) ? TURN_QUEUED : TURN_STARTED;
  }

  /** Into the log with what is durable, straight to the connections with what is not. */
  #add(message: ChatMessage, ref: number | undefined, turn: number | null, body: string): void {
    if (!isDurable(message.type)) return this.#commitQueue.relay(message);
    this.#commitQueue.append({ message, author: null, ref: ref ?? null, turn }, body);
  }

  /** What stands in the log under the id of an envelope of the server's, or the envelope that is appended now. */
  #publish(message: ChatMessage, ref?: number, suffix?: string): ChatMessage {
    if (message.type === "error") throw new ChatError("INVALID_OPTION", "An error answers one connection: throw it.");
    const seq = this.#commitQueue.find(message.id, null);
    return seq === undefined ? this.#publishNew(message, ref, suffix) : this.#commitQueue.requireSameBody(seq, message);
  }

  #whenDurable(published: ChatMessage): Promise<ChatMessage> {
    this.#commitQueue.commit();
    return new Promise((resolve) => this.#commitQueue.afterCommit(() => resolve(published)));
  }

  /** What it returns is what is stored, as JSON keeps it: the same as for a retry. */
  #publishNew(message: ChatMessage, ref: number | undefined, suffix?: string): ChatMessage {
    const timestamp = this.log.now();
    const id = ownId(message) ?? this.#commitQueue.placedId(timestamp, suffix);
    const body = encodeReply({ ...message, id, timestamp });
    const published = parseBody(body);
    this.#add(published, ref, NO_TURN, body);
    return published;
  }

  /** To the connection that asked, if it is still there, after what was appended so far. */
  #answer(turn: Turn, body: string): void {
    const connection = turn.inbound?.connection;
    this.#commitQueue.afterCommit(() => {
      const message = parseBody(body);
      message.id = this.ephemeralId();
      if (message.type === "tool_call") void this.#turns.registerToolCall(turn, message.id);
      if (connection?.isLive()) connection.sendEnvelope(stringify(message));
    });
  }

  #conclude(turn: Turn, error?: ChatError): void {
    const { inbound, seq } = turn;
    if (inbound !== undefined) {
      if (seq !== undefined) inbound.connection.state.isUntried = undefined;
      this.receiver.turnEnded(inbound, error);
    }
    this.#commitQueue.commit();
  }

  /** An error that nobody is there to receive goes into the log, and ends the turn there. */
  #reportInLog(seq: number, error: ChatError): void {
    const timestamp = this.log.now();
    const report = toReport(error, this.#commitQueue.placedId(timestamp), seq, timestamp);
    this.#add(report, seq, COMPLETES_TURN, encodeReply(report));
  }
}
