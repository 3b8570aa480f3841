import type { CloseCause } from "./snapshot.js";

/** What an event of a WebSocket carries, depending on its kind. */
export interface WebSocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
}

/** What the client needs of a WebSocket. That of every browser and runtime fits, and that of the `ws` package. */
export interface WebSocketLike {
  readonly readyState: number;
  /** The subprotocol that the server selected, "" for none. */
  readonly protocol?: string;
  /** Bytes that were sent and have not left yet, where the runtime tells. */
  readonly bufferedAmount?: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "message" | "close" | "error", listener: (event: WebSocketEvent) => void): void;
}

/** The constructor of a WebSocket. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

export interface SocketEvents {
  /** The handshake is done. `protocol` is what the server selected, where the runtime tells. */
  opened(protocol: string | undefined): void;
  received(data: unknown): void;
  closed(cause: CloseCause): void;
}

const OPEN = 1;

/** What to look at when a handshake fails, for a browser does not say why. */
export const CHECK = 'Check "url", and proxies that remove Sec-WebSocket-Protocol.';

/** One WebSocket. Its events end when it is released. */
export class Socket {
  readonly #socket: WebSocketLike;
  #events: SocketEvents | undefined;
  /** What the socket's error event says, and whether a frame or the handshake came through. */
  #failure = "";
  #opened = false;
  /** The bytes that had not left when this was last looked at, and when they were last seen to become fewer. */
  #buffered = 0;
  #drainedAt = 0;

  constructor(socket: WebSocketLike, events: SocketEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.addEventListener("open", () => {
      this.#opened = true;
      this.#events?.opened(socket.protocol);
    });
    socket.addEventListener("message", ({ data }) => {
      this.#opened = true;
      this.#events?.received(data);
    });
    socket.addEventListener("close", ({ code = 1006, reason = "" }) => {
      const failed = `Not opened: ${this.#failure} (no network, or NO_SUBPROTOCOL). ${CHECK}`;
      const text = reason || this.#opened ? reason : failed;
      this.#events?.closed({ code, text });
    });
    // The `ws` package throws an error that nobody listens to. A close follows.
    socket.addEventListener("error", ({ message = "" }) => {
      this.#failure = message;
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === OPEN;
  }

  /** Whether it is closing or closed, of which some runtimes send no event. */
  get isOver(): boolean {
    return this.#socket.readyState > OPEN;
  }

  /** When bytes were last seen to leave, in milliseconds of `performance.now()`. */
  get drainedAt(): number {
    const { bufferedAmount = 0 } = this.#socket;
    if (bufferedAmount < this.#buffered) this.#drainedAt = performance.now();
    this.#buffered = bufferedAmount;
    return this.#drainedAt;
  }

  /** Whether the socket took the frame. A lost connection takes none. */
  send(text: string): boolean {
    if (!this.isOpen) return false;
    try {
      void this.drainedAt;
      this.#socket.send(text);
      this.#buffered = this.#socket.bufferedAmount ?? 0;
      return true;
    } catch {
      return false;
    }
  }

  release(): void {
    this.#events = undefined;
    try {
      this.#socket.close(1000);
    } catch {
      // Some runtimes refuse to close a socket that is not open.
    }
  }
}
