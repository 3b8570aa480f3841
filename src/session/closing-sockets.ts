import { PING_FRAME } from "../protocol/frames.js";
import { MAX_CLOSING, MAX_CLOSING_PER_KEY, MAX_UNREAD_ASLEEP } from "../protocol/limits.js";
import type { Account } from "../server/access/account.js";
import { type Connection, closeSocket } from "../server/connection/connection.js";
import type { Accounts } from "./accounts.js";
import { attach, type Closing } from "./attachments.js";

/** Milliseconds that a peer which has never sent a frame has to answer a ping, before it is sent the Close anyway. */
const ANSWER_TIMEOUT_MS = 1_000;

interface Entry extends Closing {
  account: Account;
  /** The connection that it was; none for a refused socket. */
  connection: Connection | undefined;
  /** Runs until the peer has sent a frame. */
  timer: number | null;
}

/**
 * Sockets that were refused or that we closed, until their peers are gone: nothing is sent on them, and nothing that comes from
 * them is read.
 *
 * workerd does not end the TCP connection after our Close if that peer has never sent a frame, and keeps the memory of it. So such a
 * peer is pinged, and sent the Close at its next frame. docs/decisions/0017-closing.md
 */
export class ClosingSockets {
  readonly #sockets = new Map<WebSocket, Entry>();

  readonly #accounts: Accounts;

  constructor(accounts: Accounts) {
    this.#accounts = accounts;
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** Whether a peer has left so much unread that the object cannot sleep until its TCP connection ends. */
  get holdAwake(): boolean {
    return [...this.#sockets.values()].some(
      ({ connection }) => connection && connection.unread(false) > MAX_UNREAD_ASLEEP,
    );
  }

  /** Whether one more socket of this account may be accepted only to be closed. */
  hasRoom({ closing }: Account): boolean {
    return closing < MAX_CLOSING_PER_KEY && this.size < MAX_CLOSING;
  }

  /**
   * Closes a socket, now or when its peer has sent a frame.
   *
   * @param canCloseNow whether its peer has ever sent a frame, or must not be pinged
   */
  close(socket: WebSocket, closing: Closing, canCloseNow: boolean, connection?: Connection): void {
    const account = this.#accounts.of(closing.key);
    account.closing += 1;
    const entry: Entry = { ...closing, account, connection, timer: null };
    this.#sockets.set(socket, entry);
    attach(socket, { closing });
    if (canCloseNow || !ping(socket)) this.closeNow(socket);
    else entry.timer = setTimeout(() => this.closeNow(socket), ANSWER_TIMEOUT_MS);
  }

  /** Sends the Close to a socket: its peer has sent a frame, or its time is up. */
  closeNow(socket: WebSocket): void {
    const entry = this.#sockets.get(socket);
    if (!entry) return;
    clearTimeout(entry.timer);
    closeSocket(socket, entry.code, entry.reason);
  }

  /** The peer is gone. */
  remove(socket: WebSocket): void {
    const entry = this.#sockets.get(socket);
    if (!entry) return;
    clearTimeout(entry.timer);
    this.#sockets.delete(socket);
    entry.account.closing -= 1;
    entry.connection?.dispose();
  }
}

function ping(socket: WebSocket): boolean {
  try {
    socket.send(PING_FRAME);
    return true;
  } catch {
    return false;
  }
}
