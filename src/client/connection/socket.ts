/** An event of a WebSocket. Each kind has some of these fields. */
export interface WebSocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
}

/** What the client needs of a WebSocket. Those of browsers, Node, Bun, Deno and workerd have it, and that of the `ws` package. */
export interface WebSocketLike {
  readonly readyState: number;
  /** The subprotocol that the server selected; "" for none. */
  readonly protocol?: string;
  /** How many bytes were sent and have not left yet, if the runtime says so. */
  readonly bufferedAmount?: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "message" | "close" | "error", listener: (event: WebSocketEvent) => void): void;
}

/** The constructor of a WebSocket. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

const OPEN = 1;

/** What to do about a handshake that failed. Browsers do not say why. */
export const CHECK = 'Check "url" and proxies.';

/** One WebSocket. Its events may go on after `close()`. */
export class Socket {
  readonly #socket: WebSocketLike;
  /** How many bytes had not left at the last look, and when they were last seen to decrease. */
  #buffered = 0;
  #drainedAt = 0;

  /** @param onOpen is given the subprotocol that the server selected, if the runtime says so */
  constructor(
    socket: WebSocketLike,
    onOpen: (protocol: string | undefined) => void,
    onMessage: (data: unknown) => void,
    onClose: (code: number, text: string) => void,
  ) {
    this.#socket = socket;
    /** What the error event says, and whether the handshake succeeded. */
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
      const failed = `Not opened${failure && `: ${failure}`} (network or NO_SUBPROTOCOL). ${CHECK}`;
      onClose(code, reason || opened ? reason : failed);
    });
    // The `ws` package throws an error that has no listener. A close follows.
    socket.addEventListener("error", ({ message = "" }) => {
      failure = message;
    });
  }

  /** Whether it is closing or closed. Some runtimes dispatch no event then. */
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

  /** Sends a frame. Returns whether the socket accepted it: one that is not open does not. */
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
      // Some runtimes throw for a socket that is not open.
    }
  }
}
