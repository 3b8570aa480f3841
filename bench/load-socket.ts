import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** A mask of zeros leaves the payload as it is: the servers unmask all the same, and the client has nothing to compute. */
const MASK = Buffer.alloc(4);
const TEXT = 0x81;
const CLOSE = 0x88;

/** What a server asks its clients from time to time, and what they have to answer. */
export interface Heartbeat {
  ping: Buffer;
  pong: string;
}

/** Ours. */
const HEARTBEAT: Heartbeat = { ping: Buffer.from('{"type":"ping"}'), pong: '{"type":"pong"}' };

const PROOF_ASKED = Buffer.from('{"type":"ping","nonce":');

/**
 * A WebSocket client that costs little, so that it is not what a bench measures: frames are handed on as bytes. Each message
 * is a write of its own, as it would be from clients apart. It knows what these benches need: whole text frames from a server
 * on this machine.
 */
export class LoadSocket {
  /** Called with the payload of each frame, which is there only for as long as the call lasts. */
  onFrame: (payload: Buffer) => void = () => undefined;
  /** Answered here, and not handed on. */
  heartbeat = HEARTBEAT;
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #failure: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Connects, offering `protocol` if there is one. `onFrame` is called for each frame from the first on. */
  static async open(url: URL, protocol?: string, onFrame?: (payload: Buffer) => void): Promise<LoadSocket> {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    const client = new LoadSocket(socket);
    if (onFrame !== undefined) client.onFrame = onFrame;
    await client.#shakeHands(url, protocol);
    return client;
  }

  /** Sends a text. */
  send(text: string): void {
    if (this.#failure !== undefined) throw this.#failure;
    const payload = Buffer.from(text);
    this.#socket.write(Buffer.concat([frameHead(payload.length), payload]));
  }

  /** Closes; resolves when the connection has ended. */
  async close(): Promise<void> {
    if (this.#socket.closed) return;
    const ended = new Promise((resolve) => this.#socket.once("close", resolve));
    this.#failure = new Error("The connection was closed.");
    // The status 1000.
    this.#socket.end(Buffer.concat([Buffer.of(CLOSE, 0x82), MASK, Buffer.of(0x03, 0xe8)]));
    await ended;
  }

  #shakeHands(url: URL, protocol: string | undefined): Promise<void> {
    const lines = [
      `GET ${url.pathname}${url.search} HTTP/1.1`,
      `Host: ${url.host}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
      ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
    ];
    this.#socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    return new Promise((resolve, reject) => {
      this.#socket.once("error", reject);
      const read = (chunk: Buffer) => {
        this.#rest = Buffer.concat([this.#rest, chunk]);
        const end = this.#rest.indexOf("\r\n\r\n");
        if (end === -1) return;
        this.#socket.off("data", read);
        const head = this.#rest.toString("latin1", 0, end);
        if (!head.startsWith("HTTP/1.1 101")) return reject(new Error(`${url} refused the connection: ${head}`));
        this.#begin(this.#rest.subarray(end + 4));
        resolve();
      };
      this.#socket.on("data", read);
    });
  }

  #begin(early: Buffer): void {
    this.#rest = Buffer.alloc(0);
    this.#socket.on("error", (error) => {
      this.#failure = error;
    });
    // Frames that arrive with the handshake or right after it wait until the caller has the connection.
    this.#socket.pause();
    setImmediate(() => {
      this.#read(early);
      this.#socket.on("data", (chunk: Buffer) => this.#read(chunk));
      this.#socket.resume();
    });
  }

  #read(chunk: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    // What arrives after the end was sent is nobody's.
    while (this.#failure === undefined) {
      const head = headOf(bytes);
      if (head === undefined || bytes.length < head.size + head.length) break;
      const payload = bytes.subarray(head.size, head.size + head.length);
      if (bytes[0] !== TEXT) this.#refuse(bytes[0], payload);
      else if (payload.equals(this.heartbeat.ping)) this.send(this.heartbeat.pong);
      else if (payload.subarray(0, PROOF_ASKED.length).equals(PROOF_ASKED)) {
        // A session asks so whether its client reads what it is sent.
        this.send(payload.toString().replace("ping", "pong"));
      } else this.onFrame(payload);
      bytes = bytes.subarray(head.size + head.length);
    }
    this.#rest = bytes;
  }

  /** A server that closes has refused the load: all measurements from here on are void. */
  #refuse(kind: number | undefined, payload: Buffer): void {
    if (this.#failure !== undefined) return;
    const code = payload.length < 2 ? "" : ` with ${payload.readUInt16BE(0)} ${payload.subarray(2)}`;
    const what = kind === CLOSE ? `closed the connection${code}` : `sent a frame of the kind ${kind}`;
    this.#failure = new Error(`The server ${what}.`);
    this.#socket.destroy(this.#failure);
    throw this.#failure;
  }
}

function frameHead(length: number): Buffer {
  if (length < 126) return Buffer.concat([Buffer.of(TEXT, 0x80 | length), MASK]);
  if (length < 65_536) return Buffer.concat([Buffer.of(TEXT, 0x80 | 126, length >> 8, length & 0xff), MASK]);
  const head = Buffer.alloc(14);
  head[0] = TEXT;
  head[1] = 0x80 | 127;
  head.writeUIntBE(length, 4, 6);
  return head;
}

function headOf(bytes: Buffer): { size: number; length: number } | undefined {
  const short = (bytes[1] ?? 0) & 0x7f;
  if (bytes.length < 2 || (short === 126 && bytes.length < 4) || (short === 127 && bytes.length < 10)) return undefined;
  if (short < 126) return { size: 2, length: short };
  return short === 126 ? { size: 4, length: bytes.readUInt16BE(2) } : { size: 10, length: bytes.readUIntBE(4, 6) };
}
