import { CLOSE_CODES } from "../protocol/close-codes.js";
import { MAX_CLOSING } from "../protocol/limits.js";
import type { Account } from "../server/access/account.js";
import type { Identity } from "../server/access/identity.js";
import type { Refusal } from "../server/access/upgrade.js";
import { Connection, type ConnectionHost, type ConnectionState } from "../server/connection/connection.js";
import { SharedWindow } from "../server/connection/send-window.js";
import type { DialectPolicy } from "../server/dialects/dialect.js";
import { notify, toConnectionEvent } from "../server/hooks.js";
import { Accounts } from "./accounts.js";
import { attach, CHAT_TAG, readAttachment, saveAttachment, takeConnectionState } from "./attachments.js";
import { ClosingSockets } from "./closing-sockets.js";
import type { SessionSettings } from "./settings.js";
import { type Stalls, StallWatch } from "./stall-watch.js";

/** The code of a connection that ended without a Close of either side. */
const LOST = 1006;
const STATE_LOST = { key: "", code: CLOSE_CODES.UNAVAILABLE, reason: "the connection's state was lost" };

/** Heartbeat intervals after which a silent peer is pinged. */
const SILENT_INTERVALS = 1.5;

/** Milliseconds between two times that the state of connections is saved. */
const SAVING_INTERVAL_MS = 100;

/**
 * The session's connections that are open, and its sockets that are closing: rebuilt from their attachments when the object wakes,
 * kept in memory while it is awake.
 */
export class Connections implements ConnectionHost, Stalls {
  readonly accounts: Accounts;
  readonly closing: ClosingSockets;
  readonly #open = new Map<WebSocket, Connection>();
  /** Those whose state has changed and is not saved yet. */
  readonly #unsaved = new Set<Connection>();
  /** Whether there were none when the object began: what ended the last one is unknown (P11). */
  readonly #beganEmpty: boolean;
  #savedAt = 0;
  #checkedAt = 0;
  readonly sharedWindow = new SharedWindow();
  readonly #stallWatch: StallWatch;

  readonly #state: DurableObjectState;
  constructor(
    state: DurableObjectState,
    readonly sessionId: string,
    readonly settings: SessionSettings,
    /** Ends the object, which alone frees what closed sockets hold, unless it has something to do. */
    readonly abort: () => void,
  ) {
    this.#state = state;
    this.#stallWatch = new StallWatch(settings.heartbeatInterval, this);
    this.sharedWindow.onStall = this.#stallWatch.start;
    this.accounts = new Accounts(settings);
    this.closing = new ClosingSockets(this.accounts);
    // Oldest first, as the tag makes it: the first to connect is served first.
    const sockets = state.getWebSockets(CHAT_TAG);
    this.#beganEmpty = sockets.length === 0;
    for (const socket of sockets) this.#restore(socket);
  }

  /**
   * How many of the `maxConnections` places are taken: by connections that are open, and by closing sockets beyond the `MAX_CLOSING`
   * that have places of their own.
   */
  get size(): number {
    return this.#open.size + Math.max(0, this.closing.size - MAX_CLOSING);
  }

  /** Whether there is a place for a connection of this account, once those that have ended have given up theirs. */
  hasPlace(account: Account, maxShare: number): boolean {
    const isFull = () => this.size >= this.settings.maxConnections || account.connections >= maxShare;
    if (!isFull()) return true;
    this.closeEnded();
    this.#closeIdle(Date.now());
    return !isFull();
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#open.values();
  }

  get(socket: WebSocket): Connection | undefined {
    return this.#open.get(socket);
  }

  /** Accepts a socket for hibernation. */
  accept(
    socket: WebSocket,
    connectionState: ConnectionState,
    dialect: DialectPolicy,
    tags: readonly string[],
  ): Connection {
    this.#state.acceptWebSocket(socket, [CHAT_TAG, ...tags]);
    if (this.#beganEmpty) connectionState.isUntried = true;
    attach(socket, { connection: connectionState });
    return this.#add(socket, connectionState, dialect);
  }

  /**
   * Accepts a socket only to close it, for hibernation too: a peer that never answers our Close then cannot keep the object
   * awake (P8).
   */
  acceptRefusedSocket(socket: WebSocket, key: string, refusal: Refusal, { encodePing }: DialectPolicy): void {
    const { reason, text = reason } = refusal;
    this.#state.acceptWebSocket(socket, [CHAT_TAG]);
    this.closing.close(socket, { key, code: CLOSE_CODES[reason], reason: text }, encodePing === undefined);
  }

  /** Whether closed sockets are all that is left, and hold so much unread that the object cannot sleep. */
  get onlyClosedHold(): boolean {
    return this.#open.size === 0 && this.closing.holdAwake;
  }

  /** The connections with these ids that are this identity's. */
  find(connectionIds: readonly string[], { id }: Identity): Connection[] {
    return [...this].filter(({ state }) => state.identity.id === id && connectionIds.includes(state.id));
  }

  /** The peer of a socket is gone. */
  remove(socket: WebSocket): void {
    this.#open.get(socket)?.dispose();
    this.#open.delete(socket);
    this.closing.remove(socket);
    if (this.onlyClosedHold) this.#stallWatch.start();
  }

  /**
   * Saves what a frame changed in a connection's state: at once, or in a burst by a timer for all of them. The object cannot hibernate
   * before that, for a timer is pending.
   */
  save(connection: Connection): void {
    const { lastFrameAt } = connection.state;
    if (this.#unsaved.size === 0) {
      if (lastFrameAt - this.#savedAt >= SAVING_INTERVAL_MS) {
        this.#savedAt = lastFrameAt;
        return saveState(connection);
      }
      setTimeout(() => this.#saveAll(), SAVING_INTERVAL_MS);
    }
    this.#unsaved.add(connection);
  }

  #saveAll(): void {
    this.#savedAt = Date.now();
    for (const connection of this.#unsaved) saveState(connection);
    this.#unsaved.clear();
  }

  /**
   * Closes connections that have expired or are dead, once a heartbeat interval at most and only while the object is awake anyway
   * (P9). The platform's time stamp of the last automatic pong alone is no proof: a silent connection is pinged, and closed if it does not answer.
   */
  closeDead(now: number): void {
    if (now - this.#checkedAt < this.settings.heartbeatInterval) return;
    this.#checkedAt = now;
    this.closeEnded();
    for (const connection of this.#open.values()) this.#probe(connection, now);
  }

  /** Closes connections whose identity has expired, and those whose socket the application has closed. */
  closeEnded(): void {
    for (const connection of this.#open.values()) {
      if (connection.closeIfExpired() && connection.socket.readyState !== WebSocket.OPEN) connection.close(LOST, "");
    }
  }

  /** Closes connections that wait for nothing, and whose dialect lets nobody find out whether they are dead. */
  #closeIdle(now: number): void {
    for (const connection of this.#open.values()) {
      const { idleMs = Number.POSITIVE_INFINITY } = connection.dialect;
      const isIdle = !connection.state.requests?.length && now - this.lastSeenAt(connection) >= idleMs;
      if (isIdle) connection.close("HEARTBEAT_TIMEOUT", "idle");
    }
  }

  #probe(connection: Connection, now: number): void {
    const { state, socket, dialect } = connection;
    const lastSeenAt = this.lastSeenAt(connection);
    // Where nobody has to answer, those that never sent a heartbeat may only listen.
    if (!dialect.mustAnswerPings && !state.usesHeartbeat && this.lastAutoPongAt(socket) === 0) return;
    if (now - lastSeenAt <= SILENT_INTERVALS * this.settings.heartbeatInterval) return;
    if (state.pingSentAt === undefined || lastSeenAt > state.pingSentAt) {
      state.pingSentAt = now;
      connection.ping();
      this.save(connection);
    } else if (now - state.pingSentAt >= this.settings.heartbeatInterval) {
      connection.close("HEARTBEAT_TIMEOUT", "no heartbeat");
    }
  }

  lastSeenAt({ state, socket }: Connection): number {
    return Math.max(state.lastFrameAt, this.lastAutoPongAt(socket));
  }

  lastAutoPongAt(socket: WebSocket): number {
    return this.#state.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
  }

  /** Closes the socket of a connection: the application is notified now, the client as soon as it can read it. */
  endSocket(connection: Connection, code: number, reason: string): void {
    const { socket, state, dialect } = connection;
    const canCloseNow = state.hasSpoken || this.lastAutoPongAt(socket) > 0 || dialect.encodePing === undefined;
    this.#open.delete(socket);
    this.closing.close(socket, { key: state.key, code, reason }, canCloseNow, connection);
    reportEnd(state, code, reason, this.sessionId, this.settings);
  }

  #add(socket: WebSocket, state: ConnectionState, dialect: DialectPolicy): Connection {
    const connection = new Connection(socket, state, dialect, this.accounts.of(state.key), this);
    this.#open.set(socket, connection);
    return connection;
  }

  #restore(socket: WebSocket): void {
    const { connection, closing } = readAttachment(socket) ?? {};
    const isOpen = socket.readyState === WebSocket.OPEN;
    const dialect = this.settings.dialects.find(({ name }) => name === connection?.dialect);
    if (closing) this.closing.close(socket, closing, true);
    else if (isOpen && connection && dialect !== undefined) this.#add(socket, connection, dialect);
    // Its state was overwritten, or is of another release: it reconnects, which is better than silence.
    else if (isOpen) {
      this.closing.close(socket, STATE_LOST, false);
      if (connection) reportEnd(connection, STATE_LOST.code, STATE_LOST.reason, this.sessionId, this.settings);
    } else if (takeConnectionState(socket) !== undefined && connection !== undefined) {
      reportEnd(connection, LOST, "", this.sessionId, this.settings);
    }
  }
}

/** Notifies the application that a connection has ended. */
export function reportEnd(
  state: ConnectionState,
  code: number,
  reason: string,
  sessionId: string,
  { onDisconnect }: SessionSettings,
): void {
  notify(onDisconnect, { ...toConnectionEvent(sessionId, state), code, reason });
}

function saveState(connection: Connection): void {
  if (connection.closeIfExpired()) saveAttachment(connection.socket);
}
