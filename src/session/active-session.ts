import type { ChatMessage } from "../protocol/envelope.js";
import { ChatError } from "../protocol/errors.js";
import type { CancelledFrame } from "../protocol/frames.js";
import type { Identity } from "../server/access/identity.js";
import type { Connection } from "../server/connection/connection.js";
import { Batcher } from "../server/receive/batcher.js";
import { Receiver } from "../server/receive/receiver.js";
import { SessionAdmission } from "./admission.js";
import { Broadcaster } from "./broadcaster.js";
import { type CommitEvents, CommitQueue } from "./commit-queue.js";
import type { Connections } from "./connections.js";
import type { Log } from "./log/log.js";
import { OpenCalls } from "./open-calls.js";
import { PendingHellos } from "./pending-hellos.js";
import { recoverTurns } from "./recovery.js";
import { SessionReplySink } from "./reply-sink.js";
import type { SessionContext } from "./session-context.js";
import type { SessionSettings } from "./settings.js";

/** What happens to a session outside its parts. */
export type SessionEvents = CommitEvents & Pick<SessionContext, "block">;

/** A session that is awake. It owns the one batcher, and the parts that a frame passes on its way to the log, the handler and the connections. */
export class ActiveSession implements SessionContext {
  readonly queue: CommitQueue;
  readonly batcher: Batcher;
  readonly pendingHellos: PendingHellos;
  readonly broadcaster: Broadcaster;
  readonly calls: OpenCalls;
  readonly #admission: SessionAdmission;
  readonly #receiver: Receiver;
  readonly #sink: SessionReplySink;
  readonly block: SessionEvents["block"];

  constructor(
    readonly sessionId: string,
    readonly log: Log,
    readonly connections: Connections,
    readonly settings: SessionSettings,
    events: SessionEvents,
  ) {
    this.pendingHellos = new PendingHellos(connections, (connection) => this.#sink.goLive(connection));
    this.broadcaster = new Broadcaster(log, connections);
    this.queue = new CommitQueue(log, this.broadcaster, events);
    this.batcher = new Batcher(this.queue);
    this.calls = new OpenCalls(log.calls);
    this.block = events.block;
    this.#sink = new SessionReplySink(this);
    this.#admission = new SessionAdmission(this, this.#sink);
    this.#receiver = new Receiver(settings, this.#admission);
  }

  /** Processes a frame of a connection, now or in a batch. */
  receive(connection: Connection, frame: string | ArrayBuffer): void {
    this.batcher.enqueue(frame, () => {
      this.pendingHellos.sendHello(connection);
      this.#receiver.receive(connection, frame);
      this.#sink.streams.show(connection);
      this.connections.save(connection);
      this.connections.closeDead(connection.state.lastFrameAt);
      this.answerBlocked();
    });
  }

  /** Answers those that waited for memory: a frame may have proved that others read, or one has gone (P12). */
  answerBlocked(): void {
    this.#receiver.answerBlocked();
  }

  /** Processes all frames that wait, and commits. */
  drain(): Promise<void> {
    return this.batcher.drain();
  }

  /** Commits what is pending now. */
  flush(): void {
    this.queue.flush();
  }

  /** Appends an envelope of the server's and delivers it. Resolves once it is on disk. @throws ChatError `ID_CONFLICT`, `INVALID_OPTION` */
  publish(message: ChatMessage): Promise<ChatMessage> {
    return this.#sink.publish(message);
  }

  /** Cancels a turn, by the id of its message or of a reply that it streams. Resolves with what became of it, once that is on disk. */
  async cancel(id: string): Promise<CancelledFrame["result"]> {
    const result = this.#sink.turns.cancel(id, () => true);
    await this.queue.whenCommitted();
    return result ?? (this.queue.find(id, null) === undefined ? "unknown" : "over");
  }

  /** Answers an open call for someone. Resolves with the answer, once it is on disk. @throws ChatError `ALREADY_ANSWERED`, `CONFLICT` */
  async answer(answer: ChatMessage, identity: Identity): Promise<ChatMessage> {
    this.#admission.answerCall(answer, identity);
    await this.queue.whenCommitted();
    return answer;
  }

  /** Resumes the turns that were interrupted, and reports those whose attempts are exhausted (P11). */
  recover(): void {
    recoverTurns(this, this.#sink);
  }

  /** Forgets the log under a new epoch, and closes all connections, which reconnect to it. */
  clear(): void {
    this.#sink.turns.clear(new ChatError("TURN_ENDED", "The session was cleared."));
    this.queue.clear();
    this.calls.clear();
    for (const connection of this.connections) connection.close("SESSION_CLEARED", "the session was cleared");
  }
}
