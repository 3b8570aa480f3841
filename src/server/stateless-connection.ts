import type { ChatMessage } from "../protocol/envelope.js";
import { ChatError, textOf } from "../protocol/errors.js";
import { createMessageId } from "../protocol/ids.js";
import { readRegeneratedId } from "../protocol/regenerates.js";
import { Account } from "./access/account.js";
import type { Handshake } from "./access/handshake.js";
import type { Identity } from "./access/identity.js";
import { Connection, type ConnectionHost, closeSocket, newConnectionState } from "./connection/connection.js";
import { startHeartbeat } from "./connection/heartbeat.js";
import type { SharedWindow } from "./connection/send-window.js";
import { notify, toConnectionEvent } from "./hooks.js";
import type { Settings } from "./options.js";
import type { Admission } from "./receive/admission.js";
import { Batcher } from "./receive/batcher.js";
import { type Inbound, turnEnded } from "./receive/inbound.js";
import { Receiver } from "./receive/receiver.js";
import { ReplyStreams } from "./stream/reply-streams.js";
import type { Draft } from "./turn/context.js";
import { compose, encodeReply } from "./turn/reply.js";
import { type ReplySink, Turn } from "./turn/turn.js";
import { toReply } from "./turn/turn-outcome.js";
import { TurnQueue } from "./turn/turn-queue.js";

/** One connection of a stateless transport, from its socket to the handler and back. Nothing of it is kept. */
export class StatelessConnection implements ConnectionHost, Admission, ReplySink {
  readonly streams: ReplyStreams;
  readonly #connection: Connection;
  readonly #receiver: Receiver;
  readonly #turns: TurnQueue;
  readonly #batcher = new Batcher();
  readonly #stopHeartbeat: () => void;
  #isDisposed = false;

  constructor(
    socket: WebSocket,
    readonly sessionId: string,
    handshake: Handshake,
    identity: Identity,
    readonly settings: Settings,
    readonly sharedWindow: SharedWindow,
  ) {
    const state = newConnectionState(handshake, identity);
    this.#connection = new Connection(socket, state, handshake.dialect, new Account(settings), this);
    this.#receiver = new Receiver(settings, this);
    this.streams = new ReplyStreams(settings, new Set([this.#connection]));
    this.#turns = new TurnQueue(settings, this);
    this.#stopHeartbeat = startHeartbeat(this.#connection, settings.heartbeatInterval);
  }

  /** Listens to the socket. */
  open(): void {
    const connection = this.#connection;
    const { socket, state } = connection;
    socket.addEventListener("message", ({ data }) => {
      this.#batcher.enqueue(data, () => {
        this.#receiver.receive(connection, data);
        this.streams.show(connection);
      });
    });
    socket.addEventListener("close", async ({ code, reason }) => {
      closeSocket(socket, 1000, "");
      await this.#batcher.drain();
      this.#dispose(code, reason);
    });
    socket.addEventListener("error", () => this.#dispose(1006, ""));
    const { onConnect, onLive } = this.settings;
    notify(onConnect, toConnectionEvent(this.sessionId, state));
    const send = (draft: Draft) => connection.sendEnvelope(encodeReply(compose(draft)));
    notify(onLive, toConnectionEvent(this.sessionId, state), { send });
  }

  endSocket({ socket }: Connection, code: number, reason: string): void {
    closeSocket(socket, code, reason);
    this.#dispose(code, reason);
  }

  ephemeralId(): string {
    return createMessageId();
  }

  complete({ message }: Inbound): void {
    message.id ||= createMessageId();
  }

  /** Without a log nothing can be answered again. */
  resolve({ connection, message }: Inbound): void {
    if (connection.dialect.regeneratesBy === undefined || readRegeneratedId(message) === undefined) return;
    throw new ChatError("CONFLICT", undefined, { inReplyTo: message.id });
  }

  isRejected({ message }: Inbound): boolean {
    return message.type !== "typing" && this.#turns.isRejected(message, this.#connection.state.identity.id);
  }

  isFull({ message }: Inbound): boolean {
    return this.#turns.isFull(message);
  }

  append(inbound: Inbound): void {
    const { sessionId } = this;
    const { message, connection } = inbound;
    const { identity } = connection.state;
    if (message.type !== "typing") this.#turns.interrupt(message, () => true);
    const origin = { sessionId, identity, message, attempt: 1, seq: undefined, author: identity.id, inbound };
    connection.present({ kind: "accepted", messageId: message.id, turn: message.id });
    this.#batcher.setInFlight(this.#turns.add(new Turn(origin, this), message.type !== "typing"));
  }

  /** All turns are this connection's. Without a log nothing is known of one that has ended. */
  cancel(connection: Connection, id: string): void {
    const result = this.#turns.cancel(id, () => true) ?? "unknown";
    const frame = connection.dialect.encodeCancelled?.(id, result);
    if (frame) connection.send(frame);
  }

  begin(): undefined {
    return undefined;
  }

  send(turn: Turn, draft: Draft): boolean {
    const message = toReply(draft, turn);
    const isSent = this.#deliver(turn, message);
    if (message.type === "tool_call") void this.#turns.registerToolCall(turn, message.id);
    return isSent;
  }

  async post(turn: Turn, draft: Draft): Promise<ChatMessage> {
    const message = toReply(draft, turn);
    this.send(turn, message);
    return message;
  }

  finished(turn: Turn, replies: readonly ChatMessage[], error?: ChatError): void {
    const bodies = replies.map(encodeReply);
    replies.forEach((reply, place) => {
      this.#deliver(turn, reply, bodies[place]);
    });
    this.#end(turn, error);
  }

  failed(turn: Turn, error: ChatError): void {
    this.#connection.sendError(createMessageId(), error);
    this.#end(turn, error);
  }

  #end({ key, inbound }: Turn, error?: ChatError): void {
    this.#connection.present({ kind: "ended", turn: key, errorText: error && textOf(error) });
    turnEnded(inbound, error);
  }

  /** Sends an envelope of a turn: to this connection, which is the only one. */
  #deliver({ key }: Turn, message: ChatMessage, body = encodeReply(message)): boolean {
    const isDurableHere = message.type !== "typing" && message.type !== "error";
    if (isDurableHere && this.#connection.present({ kind: "entry", turn: key, message }))
      return this.#connection.isOpen;
    return this.#connection.sendEnvelope(body);
  }

  /** Ends the connection's turns, and reports its end once. */
  #dispose(code: number, reason: string): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#stopHeartbeat();
    this.#turns.clear(new ChatError("TURN_ENDED", "The connection is gone."));
    this.#connection.dispose();
    const event = toConnectionEvent(this.sessionId, this.#connection.state);
    notify(this.settings.onDisconnect, { ...event, code, reason });
  }
}
