import { stringify } from "../protocol/codec.js";
import type { ChatMessage } from "../protocol/envelope.js";
import { CLOSE_CODES } from "../protocol/errors.js";
import { PING_FRAME } from "../protocol/frames.js";
import { MAX_CLOSING } from "../protocol/limits.js";
import type { Account } from "../server/access/account.js";
import type { Identity } from "../server/access/identity.js";
import { fullBucket } from "../server/access/rate-limit.js";
import type { Refusal } from "../server/access/upgrade.js";
import { Connection, type ConnectionState } from "../server/connection/connection.js";
import { SharedWindow } from "../server/connection/send-window.js";
import { notify, toConnectionEvent } from "../server/hooks.js";
import { Accounts } from "./accounts.js";
import { attach, CHAT_TAG, type Closing, readAttachment, saveAttachment, takeConnectionState } from "./attachments.js";
import { ClosingSockets } from "./closing-sockets.js";
import type { Entry } from "./log/entry.js";
import { RecentEntries } from "./recent-entries.js";
import { endPage } from "./replay.js";
import type { SessionSettings } from "./settings.js";
import { StallWatch } from "./stall-watch.js";

/** The code of a connection that ended without a Close of either side. */
const LOST = 1006;
const STATE_LOST = { key: "", code: CLOSE_CODES.UNAVAILABLE, reason: "the connection's state was lost" };

/** Heartbeat intervals after which a silent peer is pinged. */
const SILENCE = 1.5;

/** Milliseconds between two times that the state of connections is kept. */
const SAVING_INTERVAL = 100;

/**
 * The session's connections that are open, and its sockets that are closing: rebuilt from their attachments when the object wakes,
 * kept in memory while it is awake.
 */
export class Connections {
  readonly accounts: Accounts;
  readonly closing = new ClosingSockets();
  readonly #open = new Map<WebSocket, Connection>();
  /** Those whose state has changed since a moment ago, and will be kept in a moment. */
  readonly #unsaved = new Set<Connection>();
  readonly #typing = fullBucket(Date.now());
  /** Whether there were none when the object began: nobody knows what ended the last one. */
  readonly #beganEmpty: boolean;
  #savedAt = 0;
  #lookedAt = 0;
  readonly #shared = new SharedWindow();
  readonly recent = new RecentEntries();
  readonly #stallWatch: StallWatch;

  readonly #state: DurableObjectState;
  readonly #sessionId: string;
  readonly #settings: SessionSettings;

  constructor(
    state: DurableObjectState,
    sessionId: string,
    settings: SessionSettings,
    /** Ends the object, which alone frees what closed sockets hold, unless it has something to do. */
    abort: () => void,
  ) {
    this.#state = state;
    this.#sessionId = sessionId;
    this.#settings = settings;
    this.#stallWatch = new StallWatch(settings.heartbeatInterval, {
      connections: () => this.#open.values(),
      heardAt: (connection) => this.#heardAt(connection),
      onlyClosedHold: () => this.#open.size === 0 && this.closing.holdAwake,
      abort,
    });
    this.#shared.onStall = this.#stallWatch.start;
    this.accounts = new Accounts(settings);
    // Oldest first, as the tag makes it: whoever came first is served first.
    const sockets = state.getWebSockets(CHAT_TAG);
    this.#beganEmpty = sockets.length === 0;
    for (const socket of sockets) this.#restore(socket);
  }

  /**
   * How many places are taken, of `maxConnections`: by those that are open, and by those that are closing past the number that is
   * bounded apart.
   */
  get size(): number {
    return this.#open.size + Math.max(0, this.closing.size - MAX_CLOSING);
  }

  /** Whether there is a place for a connection of this account, once those that have ended have left theirs. */
  hasPlace(account: Account, maxShare: number): boolean {
    const isFull = () => this.size >= this.#settings.maxConnections || account.connections >= maxShare;
    if (!isFull()) return true;
    this.closeEnded();
    return !isFull();
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#open.values();
  }

  get(socket: WebSocket): Connection | undefined {
    return this.#open.get(socket);
  }

  /** Accepts a socket for hibernation. */
  accept(socket: WebSocket, connectionState: ConnectionState, tags: readonly string[]): Connection {
    this.#state.acceptWebSocket(socket, [CHAT_TAG, ...tags]);
    if (this.#beganEmpty) connectionState.isUntried = true;
    attach(socket, { connection: connectionState });
    return this.#add(socket, connectionState);
  }

  /**
   * Accepts a socket only to close it, for hibernation too: a peer that never answers our Close then cannot keep the object
   * awake (P8).
   */
  refuse(socket: WebSocket, key: string, { reason, text = reason }: Refusal): void {
    this.#state.acceptWebSocket(socket, [CHAT_TAG]);
    this.#close(socket, { key, code: CLOSE_CODES[reason], reason: text }, false);
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
    if (this.#open.size === 0 && this.closing.holdAwake) this.#stallWatch.start();
  }

  /**
   * Keeps what a frame changed in a connection's state: at once, or, where frames come thick, in a moment for all of them. The
   * object cannot fall asleep before that, for a timer is pending.
   */
  save(connection: Connection): void {
    const { lastFrameAt: heardAt } = connection.state;
    if (this.#unsaved.size === 0) {
      if (heardAt - this.#savedAt >= SAVING_INTERVAL) {
        this.#savedAt = heardAt;
        return keepState(connection);
      }
      setTimeout(() => this.#saveAll(), SAVING_INTERVAL);
    }
    this.#unsaved.add(connection);
  }

  #saveAll(): void {
    this.#savedAt = Date.now();
    for (const connection of this.#unsaved) keepState(connection);
    this.#unsaved.clear();
  }

  /** Tells every live connection of new entries, in order; the one that sent an entry gets its ack (P5). */
  deliver(entries: readonly Entry[]): void {
    let areAllLive = true;
    for (const connection of this.#open.values()) {
      if (!connection.isLive()) continue;
      for (const entry of entries) this.#deliverTo(connection, entry);
      if (connection.state.replay !== undefined) areAllLive = false;
    }
    if (areAllLive) this.recent.clear();
    else this.recent.add(entries);
  }

  /** Sends an ephemeral envelope to every live connection that has room for it but its author's. */
  relay(frame: string, author: Connection | undefined): void {
    for (const connection of this.#open.values()) {
      if (connection === author || connection.state.replay !== undefined || !connection.isLive()) continue;
      if (connection.admits(frame.length)) connection.send(frame, frame);
    }
  }

  /** Whether a `typing` of a client may reach everyone now: its writes are bounded, for all connections together. */
  allowTyping({ account, state }: Connection): boolean {
    return account.takeTyping(this.#typing, this.size - 1, state.lastFrameAt);
  }

  /**
   * Looks for connections that have expired or are dead, once an interval at most and only while the object is awake anyway
   * (P9). The platform's time stamp of the last automatic pong alone condemns nobody: a suspect is pinged, and closed if that
   * stays unanswered.
   */
  closeDead(now: number): void {
    if (now - this.#lookedAt < this.#settings.heartbeatInterval) return;
    this.#lookedAt = now;
    this.closeEnded();
    for (const connection of this.#open.values()) this.#probe(connection, now);
  }

  /** Gives up those whose identity has expired, and those whose socket somebody else has closed. */
  closeEnded(): void {
    for (const connection of this.#open.values()) {
      if (connection.isLive() && connection.socket.readyState !== WebSocket.OPEN) connection.close(LOST, "");
    }
  }

  #probe(connection: Connection, now: number): void {
    const { state, socket } = connection;
    const heardAt = this.#heardAt(connection);
    // On plain nobody has to answer: those that never sent a heartbeat may only listen.
    if (state.dialect === "plain" && !state.usesHeartbeat && this.#pingedAt(socket) === 0) return;
    if (now - heardAt <= SILENCE * this.#settings.heartbeatInterval) return;
    if (state.pingSentAt === undefined || heardAt > state.pingSentAt) {
      state.pingSentAt = now;
      connection.send(PING_FRAME);
      this.save(connection);
    } else if (now - state.pingSentAt >= this.#settings.heartbeatInterval) {
      connection.close("HEARTBEAT_TIMEOUT", "no heartbeat");
    }
  }

  #deliverTo(connection: Connection, entry: Entry): void {
    const { dialect, replay: behind } = connection.state;
    if (entry.source === connection) {
      if (dialect === "v1") connection.send(acknowledge(entry.message, entry.seq));
    } else if (behind !== undefined) {
      return;
    } else if (dialect === "plain") {
      connection.send(entry.plain, entry.plain);
    } else if (connection.admits(entry.sequenced.length)) {
      connection.send(entry.sequenced, entry.body);
    } else {
      // Its window is full: it goes on by pages, as fast as it reads (P12).
      connection.state.isSlow = true;
      endPage(connection, entry.seq - 1, true);
      this.save(connection);
    }
  }

  #heardAt({ state, socket }: Connection): number {
    return Math.max(state.lastFrameAt, this.#pingedAt(socket));
  }

  /** When the platform last answered a ping, in milliseconds; 0 if it never did. */
  #pingedAt(socket: WebSocket): number {
    return this.#state.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
  }

  #add(socket: WebSocket, connectionState: ConnectionState): Connection {
    const account = this.accounts.of(connectionState.key);
    const end = (ended: Connection, code: number, reason: string) => this.#end(ended, code, reason);
    const pingedAt = () => this.#pingedAt(socket);
    const connection = new Connection(
      socket,
      connectionState,
      this.#sessionId,
      account,
      this.#settings,
      this.#shared,
      end,
      pingedAt,
    );
    this.#open.set(socket, connection);
    return connection;
  }

  /** Gives a connection up: the application is told now, the client as soon as it can read it. */
  #end(connection: Connection, code: number, reason: string): void {
    const { socket, state } = connection;
    this.#open.delete(socket);
    this.#close(socket, { key: state.key, code, reason }, state.hasSpoken || this.#pingedAt(socket) > 0, connection);
    reportEnd(state, code, reason, this.#sessionId, this.#settings);
  }

  #close(socket: WebSocket, closing: Closing, hasSpoken: boolean, connection?: Connection): void {
    this.closing.close(socket, closing, this.accounts.of(closing.key), hasSpoken, connection);
  }

  #restore(socket: WebSocket): void {
    const { connection, closing } = readAttachment(socket) ?? {};
    const isOpen = socket.readyState === WebSocket.OPEN;
    if (closing !== undefined) this.#close(socket, closing, true);
    else if (isOpen && connection !== undefined) this.#add(socket, connection);
    // Its state was overwritten: it reconnects, which beats being forgotten in silence.
    else if (isOpen) this.#close(socket, STATE_LOST, false);
    else if (takeConnectionState(socket) !== undefined && connection !== undefined) {
      reportEnd(connection, LOST, "", this.#sessionId, this.#settings);
    }
  }
}

/** Tells the application that one has ended. */
export function reportEnd(
  state: ConnectionState,
  code: number,
  reason: string,
  sessionId: string,
  { onDisconnect }: SessionSettings,
): void {
  notify(onDisconnect, { ...toConnectionEvent(sessionId, state), code, reason });
}

/** v1: the server's word that an envelope is in the log. */
export function acknowledge({ id, timestamp }: ChatMessage, seq: number, retry = false): string {
  return `{"type":"ack","id":${stringify(id)},"seq":${seq},"timestamp":${timestamp}${retry ? ',"retry":true' : ""}}`;
}

function keepState(connection: Connection): void {
  if (connection.isLive()) saveAttachment(connection.socket);
}
