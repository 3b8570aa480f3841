import { byteLength, stringify } from "../../protocol/codec.js";
import type { ChatMessage } from "../../protocol/envelope.js";
import { type ChatError, CLOSE_CODES, type CloseReason, textOf } from "../../protocol/errors.js";
import type { Dialect, HistoryRequestFrame, NextFrame } from "../../protocol/frames.js";
import type { Account } from "../access/account.js";
import type { Identity } from "../access/identity.js";
import { type Bucket, fullBucket } from "../access/rate-limit.js";
import { type Hooks, notify } from "../hooks.js";
import { SendWindow, type SharedWindow } from "./send-window.js";

/** All that is known of a connection. A session keeps it in the socket's attachment, for closures die in hibernation. */
export interface ConnectionState {
  id: string;
  dialect: Dialect;
  identity: Identity;
  /** The hash of its limit key; empty on the stateless transport. */
  key: string;
  rate: Bucket;
  violations: Bucket;
  /** Whether the object began without sockets when it came, and no turn of its has ended since: it may have ended the object. */
  isUntried?: boolean | undefined;
  /** v1: the message refused for its rate, or because the session was busy, that holds back those after it (P3). */
  blockedBy?: { id: string; busy: boolean } | undefined;
  /** When the last frame came that reached the code, in milliseconds; until then when it connected. */
  lastFrameAt: number;
  /** Whether any frame has come that reached the code. */
  hasSpoken: boolean;
  /** Whether it has ever sent a ping or a pong. */
  usesHeartbeat: boolean;
  /** When a ping was sent to find out whether it is dead; unset once it is heard. */
  pingSentAt?: number | undefined;
  /** v1: the seq up to which its replay has come. Unset when the connection is live. */
  replay?: number | undefined;
  /** v1: it was live and goes on by pages, for its window was full. Those are not charged: others wrote what is in them. */
  isSlow?: boolean | undefined;
  /** v1: requests that are answered once the client has proved that it reads; at most one of each type. */
  waiting?: (NextFrame | HistoryRequestFrame)[] | undefined;
}

export function newConnectionState(id: string, dialect: Dialect, identity: Identity, key = ""): ConnectionState {
  const now = Date.now();
  return {
    id,
    dialect,
    identity,
    key,
    rate: fullBucket(now),
    violations: fullBucket(now),
    lastFrameAt: now,
    hasSpoken: false,
    usesHeartbeat: false,
  };
}

/** One connection: its socket and its state. */
export class Connection {
  /** Whether we have closed it or it has ended: it is sent nothing more, and what still comes from it is not for us. */
  closed = false;
  /** Whether a token of its is being checked. */
  isReauthenticating = false;
  readonly #window: SendWindow;
  #pingSentAt = 0;
  #ended = false;

  readonly #hooks: Hooks;
  /** Ends the socket: a session may have to wait for its peer. */
  readonly #endSocket: (connection: Connection, code: number, reason: string) => void;
  /** When the platform last answered a ping of its, in milliseconds: no code sees those. */
  readonly #pingedAt: () => number;

  constructor(
    readonly socket: WebSocket,
    readonly state: ConnectionState,
    readonly sessionId: string,
    /** What its limit key has spent and holds, all its connections together. */
    readonly account: Account,
    hooks: Hooks,
    shared: SharedWindow,
    endSocket: (connection: Connection, code: number, reason: string) => void,
    pingedAt: () => number = () => 0,
  ) {
    this.#hooks = hooks;
    this.#endSocket = endSocket;
    this.#pingedAt = pingedAt;
    this.#window = new SendWindow(state.dialect === "v1", account, shared);
    account.connections += 1;
  }

  /** Sends a frame; whether the socket took it. `envelope` is the JSON of the envelope that it carries, for the hook. */
  send(frame: string, envelope?: string): boolean {
    if (this.closed) return false;
    let failure: unknown;
    try {
      this.socket.send(frame);
    } catch (error) {
      failure = error;
    }
    if (this.#hooks.onFrameOut !== undefined) {
      notify(this.#hooks.onFrameOut, {
        stage: failure === undefined ? ("sent" as const) : ("send-failed" as const),
        sessionId: this.sessionId,
        connectionId: this.state.id,
        bytes: byteLength(frame),
        ...(envelope !== undefined && { message: JSON.parse(envelope) }),
      });
    }
    if (failure !== undefined) return false;
    this.#count(frame.length);
    return true;
  }

  /** Whether its window has room for a frame of so many characters. */
  admits(characters: number): boolean {
    return this.#window.admits(characters);
  }

  /** Whether a frame proves that the client reads what it is sent: on v1 a `pong` with the nonce, on plain any frame. */
  confirmReceipt(nonce?: string): boolean {
    const proved = this.#window.confirmReceipt(nonce);
    if (proved && this.#window.isLarge) this.#ping();
    return proved;
  }

  /** Characters that it has not read, or if not `certain` may not have read. */
  unread(certain: boolean): number {
    return this.#window.unread(certain);
  }

  /** Makes sure that the client is asked whether it reads. */
  askForProof(): void {
    if (!this.#window.isPinged) this.#ping();
  }

  /** Whether it may be sent something: one whose identity is no longer valid is closed in place of it. */
  isLive(): boolean {
    const { expiresAt } = this.state.identity;
    if (expiresAt !== undefined && !this.closed && expiresAt <= Date.now()) {
      this.close("IDENTITY_EXPIRED", "the identity has expired");
    }
    return !this.closed;
  }

  /** The connection has ended. */
  dispose(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.closed) this.account.connections -= 1;
    this.closed = true;
    this.#window.dispose();
  }

  /** Answers this connection alone with an error envelope (P7). */
  sendError(id: string, error: ChatError, inReplyToSeq?: number): boolean {
    const envelope = errorEnvelope(id, error);
    if (inReplyToSeq !== undefined && this.state.dialect === "v1") {
      envelope.metadata = { ...envelope.metadata, inReplyToSeq };
    }
    return this.sendEnvelope(stringify(envelope));
  }

  /** Sends an envelope to this connection alone. */
  sendEnvelope(frame: string): boolean {
    return this.send(frame, frame);
  }

  /** Gives the connection up. What it has not read counts until it is `gone`. */
  close(code: CloseReason | number, reason: string): void {
    if (this.closed) return;
    this.closed = true;
    this.account.connections -= 1;
    this.#endSocket(this, typeof code === "number" ? code : CLOSE_CODES[code], reason);
  }

  #count(characters: number): void {
    // On plain a ping that the platform answered proves as much as a frame.
    const isPlainAndPinged = this.#window.isPinged && this.state.dialect === "plain";
    if (isPlainAndPinged && this.#pingedAt() > this.#pingSentAt) this.confirmReceipt();
    const next = this.#window.add(characters);
    if (next === "ping") this.#ping();
    else if (next === "close") this.close("SLOW_READER", "send window exceeded");
  }

  #ping(): void {
    this.#pingSentAt = Date.now();
    this.send(stringify(this.#window.ping()));
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

function errorEnvelope(id: string, error: ChatError): ChatMessage {
  const { code, inReplyTo, retryAfterMs } = error;
  const metadata = {
    code,
    ...(inReplyTo !== undefined && { inReplyTo }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
  return { id, type: "error", role: "system", content: textOf(error), metadata, timestamp: Date.now() };
}
