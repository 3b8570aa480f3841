import type { ChatMessage } from "../protocol/envelope.js";
import { ChatError, ERROR_CODES } from "../protocol/errors.js";
import { createMessageId } from "../protocol/ids.js";
import { Account } from "./access/account.js";
import type { Identity } from "./access/identity.js";
import { identify, negotiate, refuse, requireUpgrade, switchProtocols } from "./access/upgrade.js";
import { Connection, closeSocket, newConnectionState } from "./connection/connection.js";
import { startHeartbeat } from "./connection/heartbeat.js";
import { SharedWindow } from "./connection/send-window.js";
import { notify, toConnectionEvent } from "./hooks.js";
import { type ChatOptions, type Settings, toSettings } from "./options.js";
import { Batcher } from "./receive/batcher.js";
import type { Admission, Inbound } from "./receive/inbound.js";
import { Receiver } from "./receive/receiver.js";
import type { Draft } from "./turn/context.js";
import { compose, encodeReply } from "./turn/reply.js";
import { type ReplySink, Turn } from "./turn/turn.js";
import { rejectBusy } from "./turn/turn-outcome.js";
import { TurnQueue } from "./turn/turn-queue.js";

/** Options of `createChatTransport`. */
export type ChatTransportOptions = ChatOptions;

/** Serves sockets of which nothing is kept: each message is answered on its own connection, in order. */
export interface ChatTransport {
  /** The answer to an upgrade: 101, 426 for any other request, or a refusal. */
  handleUpgrade(request: Request, sessionId: string): Promise<Response>;
}

/**
 * A stateless transport, for echo, proxies, and chats whose state lives elsewhere. It speaks the plain dialect.
 *
 * @throws ChatError `INVALID_OPTION`
 */
export function createChatTransport(options: ChatTransportOptions): ChatTransport {
  const settings = toSettings(options);
  const shared = new SharedWindow();
  return {
    async handleUpgrade(request, sessionId) {
      const noUpgrade = requireUpgrade(request);
      if (noUpgrade !== undefined) return noUpgrade;
      if (typeof WebSocketPair === "undefined")
        throw new ChatError("UNSUPPORTED_RUNTIME", ERROR_CODES.UNSUPPORTED_RUNTIME);
      const handshake = negotiate(request, false);
      const decision = await identify(request, sessionId, settings);
      if ("refusal" in decision) return refuse(decision.refusal, sessionId, settings);
      const { 0: client, 1: server } = new WebSocketPair();
      server.binaryType = "arraybuffer";
      server.accept();
      serve(server, sessionId, decision.identity, settings, shared);
      return switchProtocols(client, handshake);
    },
  };
}

function serve(
  socket: WebSocket,
  sessionId: string,
  identity: Identity,
  settings: Settings,
  shared: SharedWindow,
): void {
  const state = newConnectionState(crypto.randomUUID(), "plain", identity);
  const end = (_connection: Connection, code: number, reason: string) => {
    closeSocket(socket, code, reason);
    leave(code, reason);
  };
  const connection = new Connection(socket, state, sessionId, new Account(settings), settings, shared, end);
  const line = new StatelessConnection(connection, settings);
  const stopHeartbeat = startHeartbeat(connection, settings.heartbeatInterval);
  let connected = true;
  const leave = (code: number, reason: string) => {
    if (!connected) return;
    connected = false;
    stopHeartbeat();
    line.dispose();
    connection.dispose();
    notify(settings.onDisconnect, { ...toConnectionEvent(sessionId, state), code, reason });
  };
  socket.addEventListener("message", ({ data }) => line.receive(data));
  socket.addEventListener("close", async ({ code, reason }) => {
    closeSocket(socket, 1000, "");
    await line.drain();
    leave(code, reason);
  });
  socket.addEventListener("error", () => leave(1006, ""));
  notify(settings.onConnect, toConnectionEvent(sessionId, state));
}

/** Plain connections have no replay pages to ask for, no history, and no way to send a new token. */
const nothing = (): void => undefined;

/** From one connection to the handler and back. */
class StatelessConnection implements Admission, ReplySink {
  readonly receiver: Receiver;
  readonly #turns: TurnQueue;
  readonly #batcher = new Batcher();

  readonly #connection: Connection;

  constructor(connection: Connection, settings: Settings) {
    this.#connection = connection;
    this.receiver = new Receiver(settings, this);
    this.#turns = new TurnQueue(settings, this);
  }

  /** A frame has come: it is worked off now, or with others that come with it. */
  receive(frame: unknown): void {
    this.#batcher.enqueue(frame, () => this.receiver.receive(this.#connection, frame));
  }

  /** Works off the frames that have come. */
  drain(): Promise<void> {
    return this.#batcher.drain();
  }

  accept(inbound: Inbound): void {
    const { message } = inbound;
    const ordered = message.type !== "typing";
    if (this.#turns.isFull(message)) throw rejectBusy(inbound);
    const { sessionId, state } = this.#connection;
    const { identity } = state;
    const origin = { sessionId, identity, message, attempt: 1, seq: undefined, author: identity.id, inbound };
    this.#batcher.setInFlight(this.#turns.add(new Turn(origin, this), ordered));
  }

  isKnownId = (): boolean => false;
  newId = createMessageId;
  next = nothing;
  history = nothing;
  reauthenticated = nothing;
  begin = () => undefined;

  ephemeralId(): string {
    return createMessageId();
  }

  send(turn: Turn, draft: Draft): boolean {
    const message = compose(draft, createMessageId());
    const frame = encodeReply(message);
    const taken = this.#connection.send(frame, frame);
    if (message.type === "tool_call") void this.#turns.registerToolCall(turn, message.id);
    return taken;
  }

  async post(turn: Turn, draft: Draft): Promise<ChatMessage> {
    const message = compose(draft, createMessageId());
    this.send(turn, message);
    return message;
  }

  finished(turn: Turn, replies: readonly ChatMessage[]): void {
    for (const frame of replies.map(encodeReply)) this.#connection.send(frame, frame);
    this.#conclude(turn);
  }

  failed(turn: Turn, error: ChatError): void {
    this.#connection.sendError(this.ephemeralId(), error);
    this.#conclude(turn, error);
  }

  /** The connection is gone: nobody waits for its answers any more. */
  dispose(): void {
    this.#turns.clear(new ChatError("TURN_ENDED", "The connection is gone."));
  }

  #conclude(turn: Turn, error?: ChatError): void {
    if (turn.inbound !== undefined) this.receiver.turnEnded(turn.inbound, error);
  }
}
