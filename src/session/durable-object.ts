import { DurableObject } from "cloudflare:workers";
import { PING_FRAME, PONG_FRAME } from "../protocol/frames.js";
import { closeSocket } from "../server/connection/connection.js";
import { ActiveSession } from "./active-session.js";
import { Alarms } from "./alarms.js";
import { readAttachment, takeConnectionState } from "./attachments.js";
import { Connections, reportEnd } from "./connections.js";
import { register } from "./internals.js";
import { join } from "./join.js";
import { Log } from "./log/log.js";
import { dropLog } from "./log/schema.js";
import type { RpcOutcome } from "./rpc/client.js";
import { runRpc } from "./rpc/server.js";
import { type ChatSessionDOOptions, type SessionSettings, toSessionSettings } from "./settings.js";

/**
 * A chat session: a Durable Object with hibernating connections, a durable log and reconnect replay. Subclass it and hand
 * your options to `super`. The class needs SQLite storage (`new_sqlite_classes` in the wrangler configuration).
 *
 * A subclass may add HTTP routes, RPC methods, alarms, sockets and tables of its own. Ours are the platform's `fetch`,
 * `webSocketMessage`, `webSocketClose` and `webSocketError` (call `super` when you override them), the RPC method
 * `workkitChat`, tables and keys named `workkit_chat_…`, and with `recoverByAlarm` or `scheduleAlarm` also `alarm`.
 *
 * @example
 * export class ChatDO extends ChatSessionDO {
 *   constructor(state: DurableObjectState, env: Env) {
 *     super(state, env, { onMessage: async (sessionId, msg) => undefined });
 *   }
 * }
 */
export class ChatSessionDO<Env = unknown> extends DurableObject<Env> {
  readonly #settings: SessionSettings;
  readonly #sessionId: string;
  readonly #alarms: Alarms;
  #sockets: Connections | undefined;
  #active: ActiveSession | undefined;

  /** @throws ChatError `INVALID_OPTION` */
  constructor(state: DurableObjectState, env: Env, options?: ChatSessionDOOptions);
  constructor(state: DurableObjectState, env: Env, options: object = {}) {
    super(state, env);
    this.#settings = toSessionSettings(options);
    this.#sessionId = state.id.name ?? state.id.toString();
    this.#alarms = new Alarms(state.storage, this.#settings);
    register(this, { sessionId: this.#sessionId, settings: this.#settings, alarms: this.#alarms });
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_FRAME, PONG_FRAME));
  }

  /** Our RPC surface: one method, for names of ours must not take a subclass's. Call it by `chatSession(stub)`. */
  async workkitChat(method: string, parameters: readonly unknown[]): Promise<RpcOutcome> {
    return runRpc({ wake: () => this.#wakeAndCloseDead(), reset: () => this.#reset() }, method, parameters);
  }

  override async fetch(request: Request): Promise<Response> {
    return join(request, {
      sessionId: this.#sessionId,
      settings: this.#settings,
      connections: () => this.#connections(),
      wake: () => this.#wakeAndCloseDead(),
    });
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    // Not a connection of ours, or one that was closed: the log is not read for it.
    if (readAttachment(socket)?.connection === undefined) return this.#connections().closing.closeNow(socket);
    const session = this.#wake();
    const connection = session.connections.get(socket);
    if (connection) session.receive(connection, frame);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    // A hibernatable socket does not answer a Close by itself.
    closeSocket(socket, code, reason);
    void this.#leave(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    closeSocket(socket, 1011, "");
    void this.#leave(socket, 1006, "");
  }

  /** With `recoverByAlarm` or `scheduleAlarm`: recovers unfinished turns, and runs the alarms that are due. */
  override async alarm(invocation?: AlarmInvocationInfo): Promise<void> {
    const { log } = this.#wake();
    await this.#alarms.run(log.unfinished.size > 0, invocation?.isRetry);
  }

  async #leave(socket: WebSocket, code: number, reason: string): Promise<void> {
    // What it sent before its Close counts.
    await this.#active?.drain();
    this.#sockets?.remove(socket);
    this.#active?.answerBlocked();
    const state = takeConnectionState(socket);
    if (state !== undefined) reportEnd(state, code, reason, this.#sessionId, this.#settings);
  }

  #connections(): Connections {
    this.#sockets ??= new Connections(this.ctx, this.#sessionId, this.#settings, () => this.#abortIfIdle());
    return this.#sockets;
  }

  /** Sockets that we closed and that nobody reads keep the object awake, and nothing else does: only its end frees them. */
  #abortIfIdle(): void {
    const log = this.#active?.log;
    if (log === undefined || (log.unfinished.size === 0 && !log.hasPending)) {
      this.ctx.abort("@workkit/chat: only closed connections are left, and they do not read");
    }
  }

  /** The session, after its dead connections are closed: a request may need their places. */
  #wakeAndCloseDead(): ActiveSession {
    const session = this.#wake();
    session.connections.closeDead(Date.now());
    return session;
  }

  /** Resets the log of a session that is not awake, whatever it holds. */
  #reset(): void {
    if (this.#active === undefined) dropLog(this.ctx.storage);
  }

  /** The session, rebuilt from storage and attachments if the object slept, with its interrupted turns resumed. */
  #wake(): ActiveSession {
    if (this.#active !== undefined) return this.#active;
    const log = new Log(this.ctx.storage, this.#settings.maxStoredMessages);
    const connections = this.#connections();
    const session = new ActiveSession(this.#sessionId, log, connections, this.#settings, {
      committed: () => {
        void this.#alarms.recover(log.unfinished.size > 0);
        connections.closeDead(Date.now());
      },
      // Nothing uncommitted was acked: a fresh start from what the disk holds is the one safe state (P1).
      block: (action) => this.ctx.blockConcurrencyWhile(action),
      broken: (error) => this.ctx.abort(`@workkit/chat: the log cannot be written: ${String(error)}`),
    });
    this.#active = session;
    session.recover();
    return session;
  }
}
