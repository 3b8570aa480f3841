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

const OPEN = 1;

/** What to look at when a handshake fails, for a browser does not say why. */
export const CHECK = 'Check "url" and proxies.';

/** One WebSocket. Its events may go on when it is released. */
export class Socket {
  readonly #socket: WebSocketLike;
  /** The bytes that had not left when this was last looked at, and when they were last seen to become fewer. */
  #buffered = 0;
  #drainedAt = 0;

  /** @param onOpen is given the subprotocol that the server selected, where the runtime tells */
  constructor(
    socket: WebSocketLike,
    onOpen: (protocol: string | undefined) => void,
    onMessage: (data: unknown) => void,
    onClose: (code: number, text: string) => void,
  ) {
    this.#socket = socket;
    /** What the socket's error event says, and whether a frame or the handshake came through. */
    let failure = "";
    let opened = false;
    socket.addEventListener("open", () => {
      opened = true;
      onOpen(socket.protocol);
    });
    socket.addEventListener("message", ({ data }) => {
      opened = true;
      onMessage(data);
    });
    socket.addEventListener("close", ({ code = 1006, reason = "" }) => {
      const failed = `Not opened: ${failure} (network or NO_SUBPROTOCOL). ${CHECK}`;
      onClose(code, reason || opened ? reason : failed);
    });
    // The `ws` package throws an error that nobody listens to. A close follows.
    socket.addEventListener("error", ({ message = "" }) => {
      failure = message;
    });
  }

  /** Whether it is closing or closed, of which some runtimes send no event. */
  get isClosed(): boolean {
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
    try {
      if (this.#socket.readyState !== OPEN) return false;
      void this.drainedAt;
      this.#socket.send(text);
      this.#buffered = this.#socket.bufferedAmount ?? 0;
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    try {
      this.#socket.close(1000);
    } catch {
      // Some runtimes refuse to close a socket that is not open.
    }
  }
}
