import { connect, type Socket } from "node:net";
import { clientTextFrame, type Frame, OPCODES, upgradeRequest } from "./frames.js";
import { Lane } from "./lane.js";

/** A client of bare bytes, that does what no honest client does. */
export class RawClient {
  readonly #socket: Socket;
  /** Resolves when the server closes the connection, with the code, or when it breaks. */
  readonly closed: Promise<number | undefined>;

  private constructor(socket: Socket, heard: (frame: Frame) => void) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    this.closed = promise;
    const lane = new Lane({
      deliver: () => undefined,
      passed: (frame) => {
        if (frame.opcode === OPCODES.close) resolve(frame.payload.readUInt16BE(0));
        heard(frame);
      },
    });
    socket.on("data", (chunk) => lane.push(chunk));
    socket.once("close", () => resolve(undefined));
  }

  /** Connects to a room, and resolves when the server has answered. */
  static async open(port: number, path: string, heard: (frame: Frame) => void, protocol?: string): Promise<RawClient> {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    const client = new RawClient(socket, heard);
    socket.write(upgradeRequest(path, protocol));
    await new Promise<void>((resolve) => {
      socket.once("data", () => resolve());
      socket.once("close", () => resolve());
    });
    return client;
  }

  send(frame: unknown): void {
    if (this.#socket.writable) this.#socket.write(clientTextFrame(JSON.stringify(frame)));
  }

  /** Reads nothing more: what the server sends fills the buffers of the system, and then the server's own. */
  stopReading(): void {
    this.#socket.pause();
  }

  readOn(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
