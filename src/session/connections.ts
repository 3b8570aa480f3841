import { stringify } from "../protocol/codec.js";
import type { ChatMessage } from "../protocol/envelope.js";
import { ChatError, CLOSE_CODES } from "../protocol/errors.js";
import { PING_FRAME } from "../protocol/frames.js";
import type { Identity } from "../server/identity.js";
import { closeSocket, Peer, type PeerState } from "../server/peer.js";
import { fullBucket } from "../server/rate-limit.js";
import type { Backlog } from "../server/unread.js";
import { Accounts } from "./accounts.js";
import { attachPeerState, CHAT_TAG, readPeerState, savePeerState } from "./attachments.js";
import type { Entry } from "./entry.js";
import type { SessionSettings } from "./settings.js";

/** The platform's bounds on tags, less the one that is ours. */
const MAX_TAGS = 9;
const MAX_TAG_LENGTH = 256;

/** Milliseconds between two times that the state of connections is kept. */
const SAVING_INTERVAL = 100;

/** The session's connections: rebuilt from their attachments when the object wakes, kept in memory while it is awake. */
export class Connections {
  readonly accounts: Accounts;
  readonly #peers = new Map<WebSocket, Peer>();
  /** Those whose state has changed since a moment ago, and will be kept in a moment. */
  readonly #unsaved = new Set<Peer>();
  readonly #typingWrites = fullBucket(Date.now());
  #savedAt = 0;
  #reapedAt = 0;
  readonly #backlog: Backlog = { characters: 0, connections: 0 };

  constructor(
    private readonly state: DurableObjectState,
    private readonly sessionId: string,
    private readonly settings: SessionSettings,
  ) {
    this.accounts = new Accounts(settings);
    // Oldest first, as the tag makes it: whoever came first is served first.
    for (const socket of state.getWebSockets(CHAT_TAG)) {
      const peerState = readPeerState(socket);
      // Its state was overwritten: it reconnects, which beats being forgotten in silence.
      if (peerState === undefined) closeSocket(socket, CLOSE_CODES.UNAVAILABLE, "the connection's state was lost");
      else if (socket.readyState === WebSocket.OPEN) this.#add(socket, peerState);
    }
  }

  /** How many are open: one that was closed counts no more, whether or not the peer has answered. */
  get size(): number {
    let open = 0;
    for (const peer of this.#peers.values()) if (!peer.closed) open++;
    return open;
  }

  [Symbol.iterator](): Iterator<Peer> {
    return this.#peers.values();
  }

  get(socket: WebSocket): Peer | undefined {
    return this.#peers.get(socket);
  }

  /** Accepts a socket for hibernation. */
  accept(socket: WebSocket, peerState: PeerState, tags: readonly string[]): Peer {
    this.state.acceptWebSocket(socket, [CHAT_TAG, ...tags]);
    attachPeerState(socket, peerState);
    return this.#add(socket, peerState);
  }

  /** Ends connections that their client has given up, so that what the network still holds of them comes to nothing (P2, P3). */
  replace(connectionIds: readonly string[], { id }: Identity): void {
    for (const peer of this.#peers.values()) {
      const { state } = peer;
      if (connectionIds.includes(state.id) && state.identity.id === id)
        peer.close("REPLACED", "the client has reconnected");
    }
  }

  remove(socket: WebSocket): void {
    this.#peers.get(socket)?.gone();
    this.#peers.delete(socket);
  }

  /**
   * Keeps what a frame changed in a connection's state: at once, or, where frames come thick, in a moment for all of them. The
   * object cannot fall asleep before that, for a timer is pending.
   */
  save(peer: Peer): void {
    const { heardAt } = peer.state;
    if (this.#unsaved.size === 0) {
      if (heardAt - this.#savedAt >= SAVING_INTERVAL) {
        this.#savedAt = heardAt;
        return keepState(peer);
      }
      setTimeout(() => this.#saveAll(), SAVING_INTERVAL);
    }
    this.#unsaved.add(peer);
  }

  #saveAll(): void {
    this.#savedAt = Date.now();
    for (const peer of this.#unsaved) keepState(peer);
    this.#unsaved.clear();
  }

  /** Tells every live connection of new entries, in order; the one that sent an entry gets its ack (P5). */
  deliver(entries: readonly Entry[]): void {
    for (const peer of this.#peers.values()) {
      if (peer.isLive()) for (const entry of entries) deliverTo(peer, entry);
    }
  }

  /** Sends an ephemeral envelope to every live connection but its author's. */
  relay(frame: string, author: Peer | undefined): void {
    for (const peer of this.#peers.values()) {
      if (peer !== author && peer.state.behind === undefined && peer.isLive()) peer.send(frame, frame);
    }
  }

  /** Whether a `typing` of a client may reach everyone now: its writes are bounded, for all connections together. */
  allowTyping({ account, state }: Peer): boolean {
    return account.takeWrites(this.#typingWrites, this.size - 1, state.heardAt);
  }

  /**
   * Looks for dead connections, once an interval at most and only while the object is awake anyway (P9). The platform's
   * time stamp of the last automatic pong alone condemns nobody: a suspect is pinged, and closed if that stays unanswered.
   */
  reap(now: number): void {
    const interval = this.settings.heartbeatInterval;
    if (now - this.#reapedAt < interval) return;
    this.#reapedAt = now;
    for (const peer of this.#peers.values()) {
      if (peer.closed) continue;
      const pongAt = this.#pingedAt(peer.socket);
      const heardAt = Math.max(peer.state.heardAt, pongAt);
      if ((!peer.state.beats && pongAt === 0) || now - heardAt <= 2 * interval) continue;
      const { probedAt } = peer.state;
      if (probedAt === undefined || heardAt > probedAt) {
        peer.state.probedAt = now;
        peer.send(PING_FRAME);
        this.save(peer);
      } else if (now - probedAt >= interval) {
        peer.close("HEARTBEAT_TIMEOUT", "no heartbeat");
      }
    }
  }

  /** When the platform last answered a ping, in milliseconds; 0 if it never did. */
  #pingedAt(socket: WebSocket): number {
    return this.state.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
  }

  #add(socket: WebSocket, peerState: PeerState): Peer {
    const account = this.accounts.of(peerState.key);
    const peer = new Peer(socket, peerState, this.sessionId, account, this.settings, this.#backlog, () =>
      this.#pingedAt(socket),
    );
    this.#peers.set(socket, peer);
    return peer;
  }
}

/** v1: the server's word that an envelope is in the log. */
export function acknowledge({ id, timestamp }: ChatMessage, seq: number, retry = false): string {
  return `{"type":"ack","id":${stringify(id)},"seq":${seq},"timestamp":${timestamp}${retry ? ',"retry":true' : ""}}`;
}

/** One whose state cannot be kept reconnects: to sleep on with an old one would leave a hole that nobody sees (P4). */
function keepState(peer: Peer): void {
  if (!peer.isLive()) return;
  try {
    savePeerState(peer.socket);
  } catch (error) {
    console.error("@workkit/chat: the state of a connection does not fit its attachment", error);
    peer.close("UNAVAILABLE", "the connection's state cannot be kept");
  }
}

function deliverTo(peer: Peer, entry: Entry): void {
  const { dialect, behind } = peer.state;
  if (entry.source === peer) {
    if (dialect === "v1") peer.send(acknowledge(entry.message, entry.seq));
  } else if (behind === undefined) {
    peer.send(dialect === "v1" ? entry.sequenced : entry.plain, entry.body);
  }
}

/** The tags that the application has given a connection. @throws ChatError `INVALID_OPTION` */
export function checkTags(tags: readonly unknown[]): readonly string[] {
  const valid = Array.isArray(tags) && tags.length <= MAX_TAGS && tags.every(isTag);
  if (valid) return tags;
  throw new ChatError("INVALID_OPTION", `tags may return ${MAX_TAGS} tags of 1 to ${MAX_TAG_LENGTH} characters.`);
}

function isTag(tag: unknown): boolean {
  return typeof tag === "string" && tag !== "" && tag.length <= MAX_TAG_LENGTH && tag !== CHAT_TAG;
}
