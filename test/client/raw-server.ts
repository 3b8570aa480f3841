import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

const TEXT = 1;
const CLOSE = 8;
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** One connection of a `RawServer`, from the handshake on. */
export class RawConnection {
  /** Every text frame that the client sent. */
  readonly received: string[] = [];
  onFrame: (text: string) => void = () => undefined;
  #unread: Buffer = Buffer.alloc(0);

  constructor(
    private readonly stream: Duplex,
    readonly url: URL,
    readonly offered: readonly string[],
  ) {
    stream.on("error", () => stream.destroy());
    stream.on("data", (data) => this.#read(Buffer.concat([this.#unread, data])));
  }

  /** Sends a text as it is, or a value as JSON. */
  send(frame: unknown): void {
    this.#write(TEXT, Buffer.from(typeof frame === "string" ? frame : JSON.stringify(frame)));
  }

  close(code: number, reason = ""): void {
    this.#write(CLOSE, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]));
    this.stream.end();
  }

  destroy(): void {
    this.stream.destroy();
  }

  #write(opcode: number, payload: Buffer): void {
    const { length } = payload;
    const header = length < 126 ? Buffer.from([0x80 | opcode, length]) : Buffer.alloc(10);
    if (length >= 126) {
      header.set([0x80 | opcode, 127]);
      header.writeBigUInt64BE(BigInt(length), 2);
    }
    this.stream.write(Buffer.concat([header, payload]));
  }

  #read(arrived: Buffer): void {
    let data = arrived;
    this.#unread = data;
    for (;;) {
      const short = (data[1] ?? 0) & 127;
      const start = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (data.length < start + 4) return;
      const length = short === 126 ? data.readUInt16BE(2) : short === 127 ? Number(data.readBigUInt64BE(2)) : short;
      const end = start + 4 + length;
      if (data.length < end) return;
      const mask = data.subarray(start, start + 4);
      const payload = Buffer.from(data.subarray(start + 4, end).map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
      const opcode = (data[0] ?? 0) & 15;
      data = data.subarray(end);
      this.#unread = data;
      if (opcode === CLOSE) this.stream.end();
      if (opcode !== TEXT) continue;
      this.received.push(payload.toString());
      this.onFrame(payload.toString());
    }
  }
}

/** A WebSocket server that does what a test says, over real TCP: also what no server of ours would do. */
export class RawServer implements AsyncDisposable {
  readonly connections: RawConnection[] = [];
  readonly #server: Server;

  private constructor(
    welcome: (connection: RawConnection) => void,
    readonly protocol: string | undefined,
  ) {
    this.#server = createServer((_, response) => response.end("Hello."));
    this.#server.on("upgrade", (request, stream) => {
      stream.write(this.#handshake(request));
      const offered = (request.headers["sec-websocket-protocol"] ?? "").split(", ");
      const connection = new RawConnection(stream, new URL(request.url ?? "", "ws://localhost"), offered);
      this.connections.push(connection);
      welcome(connection);
    });
  }

  /** @param protocol the subprotocol that it selects, whatever is offered; by default ours, `undefined` for none */
  static async start(
    welcome: (connection: RawConnection) => void,
    { protocol = "workkit.chat.v1" }: { protocol?: string | null } = {},
  ): Promise<RawServer> {
    const server = new RawServer(welcome, protocol ?? undefined);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.connections) connection.destroy();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    // A handshake may be on its way.
    this.#server.closeAllConnections();
    await closed;
  }

  #handshake({ headers }: IncomingMessage): string {
    const accept = createHash("sha1").update(`${headers["sec-websocket-key"]}${GUID}`).digest("base64");
    const selected = this.protocol === undefined ? "" : `Sec-WebSocket-Protocol: ${this.protocol}\r\n`;
    return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${selected}\r\n`;
  }
}

/** A hello as a session sends it. */
export function hello(fields: object = {}): object {
  return {
    type: "hello",
    protocol: "workkit.chat.v1",
    sessionId: "room",
    connectionId: crypto.randomUUID(),
    epoch: "epoch",
    head: 0,
    tail: 1,
    resume: "new",
    replayFrom: 1,
    identity: { id: "ada" },
    limits: { maxMessageSize: 65_536, maxMetadataSize: 16_384, maxMetadataDepth: 16, heartbeatInterval: 30_000 },
    ...fields,
  };
}
