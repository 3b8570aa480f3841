import { CLOSE_CODES, type CloseReason } from "../../protocol/close-codes.js";
import { byteLength, stringify } from "../../protocol/codec.js";
import { ChatError, textOf } from "../../protocol/errors.js";
import type { HistoryRequestFrame, NextFrame } from "../../protocol/frames.js";
import type { Account } from "../access/account.js";
import type { Handshake } from "../access/handshake.js";
import type { Identity } from "../access/identity.js";
import { type Bucket, fullBucket } from "../access/rate-limit.js";
import { readRetryAfter } from "../access/retry-after.js";
import { copyOf } from "../copy.js";
import type { DialectPolicy, DialectState, Notice } from "../dialects/dialect.js";
import { type FrameInEvent, type Hooks, notify } from "../hooks.js";
import { SendWindow, type SharedWindow } from "./send-window.js";

/**
 * A replay that is not over: the hello is to come, or a page is out and the client asks for the next. `after` is the seq up to which it
 * was sent the log. One that `isSlow` was live before its window was full: its pages are not charged, for others wrote what is in them.
 */
export type Replay = "pending" | { after: number; isSlow: boolean };

/** Milliseconds that a client which must answer a ping may take until it is sent no more of a stream. */
const MAX_PING_AGE_MS = 1_000;

/** All that is known of a connection. A session keeps it in the socket's attachment, for closures die in hibernation. */
export interface ConnectionState extends DialectState {
  id: string;
  dialect: DialectPolicy["name"];
  identity: Identity;
  /** The hash of its limit key; empty on the stateless transport. */
  key: string;
  rate: Bucket;
  violations: Bucket;
  /** Whether the object began without sockets when it came, and no turn of its has ended since: it may have ended the object. */
  isUntried?: boolean | undefined;
  /** v1: the message refused for its rate, or because the session was busy, that blocks those after it (P3). */
  blockedBy?: { id: string; busy: boolean } | undefined;
  /** When the last frame came that reached the code, in milliseconds; until then when it connected. */
  lastFrameAt: number;
  /** Whether any frame has come that reached the code. */
  hasSpoken: boolean;
  /** Whether it has ever sent a ping or a pong. */
  usesHeartbeat: boolean;
  /** When a ping was sent to find out whether it is dead, in milliseconds; unset by its next frame. */
  pingSentAt?: number | undefined;
  /** Whether it is shown replies while they are being generated. */
  deltas?: boolean;
  /** Where its replay stands; unset once the connection is live. */
  replay?: Replay | undefined;
  /** v1: requests that are answered once the client has proved that it reads; at most one of each type. */
  waiting?: (NextFrame | HistoryRequestFrame)[] | undefined;
}

/** The state of a connection that begins. */
export function newConnectionState({ dialect, query }: Handshake, identity: Identity, key = ""): ConnectionState {
  const now = Date.now();
  const deltas = dialect.showsStreams ?? query.get("deltas") === "1";
  return {
    id: crypto.randomUUID(),
    dialect: dialect.name,
    identity,
    key,
    rate: fullBucket(),
    violations: fullBucket(),
    lastFrameAt: now,
    hasSpoken: false,
    usesHeartbeat: false,
    ...(deltas && { deltas }),
  };
}

/** What connections have in common, and how one that we close ends. */
export interface ConnectionHost {
  readonly sessionId: string;
  readonly settings: Hooks;
  /** The memory that all its connections share for what is unread. */
  readonly sharedWindow: SharedWindow;
  /** Ends the socket of a connection: a session may have to wait for its peer. */
  endSocket(connection: Connection, code: number, reason: string): void;
  /** Keeps the state of a connection through hibernation. */
  save?(connection: Connection): void;
  /** When the platform last answered a ping from this socket, in milliseconds; 0 if it never did. No code sees those pings. */
  lastAutoPongAt?(socket: WebSocket): number;
}

/** One connection: its socket and its state. */
export class Connection {
  /** Whether it may be sent something, and is listened to: false once we have closed it, or it has ended. */
  isOpen = true;
  /** Whether a token of its is being checked. */
  isReauthenticating = false;
  readonly #window: SendWindow;
  #pingSentAt = 0;
  /** Characters of what it waits for, if its limit key holds too much for that; else 0. */
  #awaited = 0;
  #isDisposed = false;

  readonly #host: ConnectionHost;

  constructor(
    readonly socket: WebSocket,
    readonly state: ConnectionState,
    readonly dialect: DialectPolicy,
    /** What its limit key has spent and holds, all its connections together. */
    readonly account: Account,
    host: ConnectionHost,
  ) {
    this.#host = host;
    this.#window = new SendWindow(dialect.mustAnswerPings === true, account, host.sharedWindow);
    account.connections += 1;
  }

  get sessionId(): string {
    return this.#host.sessionId;
  }

  /** Sends a frame; whether the socket took it. `envelope` is the JSON of the envelope that it carries, for the hook. */
  send(frame: string, envelope?: string): boolean {
    if (!this.#window.admits(frame.length)) this.close("SLOW_READER", "send window exceeded");
    if (!this.isOpen) return false;
    let failure: unknown;
    try {
      this.socket.send(frame);
    } catch (error) {
      failure = error;
    }
    const { onFrameOut } = this.#host.settings;
    if (onFrameOut) {
      notify(onFrameOut, {
        stage: failure === undefined ? ("sent" as const) : ("send-failed" as const),
        sessionId: this.sessionId,
        connectionId: this.state.id,
        bytes: byteLength(frame),
        // A plain frame is the envelope, `metadata.cursor` included.
        ...(envelope && { message: JSON.parse(this.dialect.isSequenced ? envelope : frame) }),
      });
    }
    if (failure !== undefined) return false;
    this.#count(frame.length);
    return true;
  }

  /** Sends an envelope, encoded as JSON, to this connection alone; whether the socket took it. One that has expired is closed instead. */
  sendEnvelope(body: string): boolean {
    if (!this.closeIfExpired()) return false;
    if (this.dialect.present) return this.present({ kind: "envelope", message: JSON.parse(body) });
    return this.send(body, body);
  }

  /** Tells the client something in the way of its dialect. Returns whether that has a way of its own. */
  present(notice: Notice): boolean {
    const { present } = this.dialect;
    if (!present) return false;
    const frames = present(this.state, notice);
    for (const frame of frames) if (this.closeIfExpired()) this.send(frame);
    if (frames.length > 0 || this.state.requests?.length) this.#host.save?.(this);
    return true;
  }

  /** Answers this connection alone with an error envelope (P7). */
  sendError(id: string, error: ChatError): boolean {
    return this.sendEnvelope(this.encodeError(id, error));
  }

  /** The error envelope of an error, encoded. @param inReplyToSeq the seq of the message that it answers, for clients that know seqs */
  encodeError(id: string, error: ChatError, inReplyToSeq?: number): string {
    const { code, inReplyTo } = error;
    const metadata = {
      code,
      inReplyTo,
      retryAfterMs: readRetryAfter(error),
      inReplyToSeq: this.dialect.isSequenced && inReplyToSeq,
    };
    const content = textOf(error);
    return stringify({ id, type: "error", role: "system", content, metadata, timestamp: Date.now() });
  }

  /** Asks the client whether it is alive, or with a nonce whether it reads. */
  ping(nonce?: string): void {
    const frame = this.dialect.encodePing?.(nonce);
    if (frame) this.send(frame);
  }

  /** Reports a frame of the client to the application's hook. */
  reportFrame(event: Omit<FrameInEvent, "sessionId" | "connectionId">): void {
    const { onFrameIn } = this.#host.settings;
    if (!onFrameIn) return;
    const { message, error } = event;
    notify(onFrameIn, {
      ...event,
      sessionId: this.sessionId,
      connectionId: this.state.id,
      ...(message && { message: copyOf(message) }),
      ...(error && { error: new ChatError(error.code, error.message, error) }),
    });
  }

  /** Whether it may be sent a frame of any size that it has asked for. If its limit key holds too much for that, it waits for so much. */
  reserve(characters: number): boolean {
    this.#awaited = this.#window.admits(characters) ? 0 : characters;
    return this.#awaited === 0;
  }

  /** Whether it still waits for its limit key to hold less. */
  get isBlocked(): boolean {
    return !this.#window.admits(this.#awaited);
  }

  /** Whether its window has room for a frame of so many characters. */
  hasRoom(characters: number): boolean {
    return this.#window.hasRoom(characters);
  }

  /** Whether it has read so much, and answers so soon, that it may be sent so many characters of a stream. */
  keepsUp(characters: number): boolean {
    const isLate = this.#window.isPinged && Date.now() - this.#pingSentAt > MAX_PING_AGE_MS;
    return !(isLate && this.dialect.mustAnswerPings) && this.#window.keepsUp(characters);
  }

  /** Asks a viewer of streams whether it reads, once half of what it may leave unproven is: so that it is noticed within a second if it does not. */
  probeViewer(): void {
    if (this.#window.isHalfUnproven) this.requestReceipt();
  }

  /** A frame may prove that the client reads: a `pong` with the nonce, or any frame where clients need not answer pings. Whether it did. */
  confirmReceipt(nonce?: string): boolean {
    const isProof = this.#window.confirmReceipt(nonce);
    if (isProof && this.#window.isLarge) this.#probeWindow();
    return isProof;
  }

  /** Characters that it has not read, or if not `certain` may not have read. */
  unread(certain: boolean): number {
    return this.#window.unread(certain);
  }

  /** Makes sure that the client is asked whether it reads. */
  requestReceipt(): void {
    if (!this.#window.isPinged) this.#probeWindow();
  }

  /** Closes the connection if its identity has expired. Returns whether it is open. */
  closeIfExpired(): boolean {
    const { expiresAt } = this.state.identity;
    if (expiresAt !== undefined && expiresAt <= Date.now()) this.close("IDENTITY_EXPIRED", "the identity has expired");
    return this.isOpen;
  }

  /** The peer is gone: nothing counts any more. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#release();
    this.#window.dispose();
  }

  /** Closes the connection. What it has not read counts until it is disposed. */
  close(code: CloseReason | number, reason: string): void {
    if (!this.#release()) return;
    this.#host.endSocket(this, typeof code === "number" ? code : CLOSE_CODES[code], reason);
  }

  /** Gives back its place among the connections of its key. Returns whether it was open. */
  #release(): boolean {
    if (!this.isOpen) return false;
    this.isOpen = false;
    this.account.connections -= 1;
    return true;
  }

  #count(characters: number): void {
    // Where any frame counts, a ping that the platform answered does as well.
    if (this.#window.isPinged && !this.dialect.mustAnswerPings) {
      const answeredAt = this.#host.lastAutoPongAt?.(this.socket) ?? 0;
      if (answeredAt > this.#pingSentAt) this.confirmReceipt();
    }
    const next = this.#window.add(characters);
    if (next === "ping") this.#probeWindow();
    else if (next === "close") this.close("SLOW_READER", "send window exceeded");
  }

  #probeWindow(): void {
    this.#pingSentAt = Date.now();
    this.ping(this.#window.ping());
  }
}

/** Closes a socket that may already be closed; with 1000 where the code cannot be sent (1005, 1006, 999). */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    if (code !== CLOSE_CODES.NORMAL) closeSocket(socket, CLOSE_CODES.NORMAL, "");
  }
}
