/** A frame as it came, parsed but not trusted. */
export type Frame = Record<string, unknown>;

/** How long a frame may take to come before the test is given up: generous, for machines are slow, not promises. */
const DEADLINE = 60_000;

/** How much of what came is shown when something else was expected. */
const LAST_FRAMES = 100;
const LONGEST_LINE = 300;

/** A WebSocket client for tests: it records every frame, and waits for those that a test expects. */
export class TestSocket {
  readonly frames: Frame[] = [];
  /** Resolves when the connection is closed, with its code. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  #end: { code: number; reason: string } | undefined;

  private constructor(socket: WebSocket, heard: (frame: Frame, socket: TestSocket) => void) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => {
        this.#end = { code, reason };
        resolve(this.#end);
        this.#wake();
      });
    });
    socket.addEventListener("message", ({ data }) => {
      const frame = toFrame(String(data));
      this.frames.push(frame);
      const { type, nonce } = frame;
      if (type === "ping" && nonce !== undefined) this.send({ type: "pong", nonce });
      heard(frame, this);
      this.#wake();
    });
  }

  /** Opens a connection, and calls `heard` for each of its frames. Rejects when the server refuses it. */
  static async open(
    url: URL,
    protocols: string[] = [],
    heard: (frame: Frame, socket: TestSocket) => void = () => undefined,
  ): Promise<TestSocket> {
    const socket = new WebSocket(url, protocols);
    const client = new TestSocket(socket, heard);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      socket.addEventListener("error", () => reject(new Error(`${url} refused the connection, or is not there.`)));
    });
    return client;
  }

  /** The subprotocol that the server selected, "" for none. */
  get protocol(): string {
    return this.#socket.protocol;
  }

  /** Sends a value as JSON, or a text as it is. */
  send(frame: unknown): void {
    this.#socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  /** The first frame, of all that came or will come, for which `matches` holds. */
  async frame(what: string, matches: (frame: Frame) => boolean): Promise<Frame> {
    const deadline = AbortSignal.timeout(DEADLINE);
    for (;;) {
      const found = this.frames.find(matches);
      if (found !== undefined) return found;
      if (deadline.aborted) throw this.#missing(what, "the deadline passed");
      if (this.#end !== undefined) throw this.#missing(what, `the connection was closed with ${this.#end.code}`);
      await this.#change(deadline);
    }
  }

  close(): void {
    this.#socket.close();
  }

  async #change(deadline: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.add(resolve);
      deadline.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #missing(what: string, why: string): Error {
    const came = this.frames.slice(-LAST_FRAMES).map((frame) => JSON.stringify(frame).slice(0, LONGEST_LINE));
    return new Error(`Expected ${what}, but ${why}. The last frames that came:\n${came.join("\n")}`);
  }
}

function toFrame(text: string): Frame {
  const value: unknown = JSON.parse(text);
  if (typeof value === "object" && value !== null) return { ...value };
  throw new Error(`The server sent a frame that is no object: ${text}`);
}
