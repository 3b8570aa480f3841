import type { CloseCause } from "./snapshot.js";

/** What an event of a WebSocket carries, depending on its kind. */
export interface WebSocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
}

/** What the client needs of a WebSocket. That of every browser and runtime fits, and that of the `ws` package. */
export interface WebSocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "message" | "close" | "error", listener: (event: WebSocketEvent) => void): void;
}

/** The constructor of a WebSocket. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

export interface SocketEvents {
  received(data: unknown): void;
  closed(cause: CloseCause): void;
}

const OPEN = 1;

/** One WebSocket. Once it was let go nothing is heard of it any more. */
export class Socket {
  readonly #socket: WebSocketLike;
  #events: SocketEvents | undefined;

  constructor(socket: WebSocketLike, events: SocketEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.addEventListener("message", ({ data }) => this.#events?.received(data));
    socket.addEventListener("close", ({ code = 1006, reason = "" }) => this.#events?.closed({ code, text: reason }));
    // The `ws` package throws what nobody listens to. A close follows, and tells as much.
    socket.addEventListener("error", () => undefined);
  }

  /** Whether the frame was taken; what a lost connection does not take is sent again on the next. */
  send(text: string): boolean {
    if (this.#socket.readyState !== OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  release(): void {
    this.#events = undefined;
    try {
      this.#socket.close(1000);
    } catch {
      // Some runtimes refuse to close what is not open yet, or is closed: let go is what was asked for.
    }
  }
}
