import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { clientFrame, clientTextFrame, OPCODES } from "../torture/frames.js";
import { FrameReader } from "./frame-reader.js";

/** How a raw peer connects. */
export interface PeerOptions {
  /** Who it is to the test's `authenticate`. Without it: anonymous. */
  user?: string;
  /** Default: v1. */
  dialect?: "v1" | "plain" | "ai-sdk";
  /** What stands in the query beside the user. */
  query?: Record<string, string>;
  /** What `CF-Connecting-IP` says. */
  address?: string;
  /** Whether it offers `permessage-deflate`; then it cannot read what it is sent. */
  deflate?: boolean;
  /** Whether it leaves the server's Close unanswered. */
  ignoresClose?: boolean;
}

/** What all raw peers together sent, and what the server answered. */
export interface Tally {
  connections: number;
  frames: number;
  bytes: number;
  received: number;
  /** Refusals by HTTP status, error codes and close codes, and how many there were. */
  answers: Record<string, number>;
}

/** A tally of nothing. */
export function newTally(): Tally {
  return { connections: 0, frames: 0, bytes: 0, received: 0, answers: {} };
}

const END_OF_HEAD = "\r\n\r\n";
const OPENING_TIMEOUT = 10_000;

/** A WebSocket client of bare bytes, that does what no honest client does. */
export class RawPeer {
  readonly #socket: Socket;
  readonly #tally: Tally;
  readonly #options: PeerOptions;
  readonly #reader = new FrameReader();
  readonly #listeners = new Set<(text: string) => void>();
  #head: Buffer | undefined = Buffer.alloc(0);
  /** The status by which the upgrade was answered; 0 if the connection broke before. */
  status = 0;
  /** The first frames that it was sent, as JSON. */
  readonly first: Record<string, unknown>[] = [];
  isClosed = false;
  /** Resolves with the code of the server's Close, or when the connection ends without one. */
  readonly closed: Promise<number | undefined>;
  readonly #closed = Promise.withResolvers<number | undefined>();
  readonly #opened = Promise.withResolvers<void>();

  private constructor(port: number, options: PeerOptions, tally: Tally) {
    this.#options = options;
    this.#tally = tally;
    this.closed = this.#closed.promise;
    this.#socket = connect(port, "127.0.0.1").setNoDelay(true);
    this.#socket.on("error", () => undefined);
    this.#socket.on("data", (chunk) => this.#receive(chunk));
    this.#socket.once("close", () => this.#end(undefined));
  }

  /** Connects to a room, and resolves when the server has answered. */
  static async open(port: number, room: string, options: PeerOptions, tally: Tally): Promise<RawPeer> {
    const peer = new RawPeer(port, options, tally);
    tally.connections += 1;
    peer.#write(Buffer.from(upgrade(room, options)));
    const timer = setTimeout(() => peer.#opened.resolve(), OPENING_TIMEOUT);
    await peer.#opened.promise;
    clearTimeout(timer);
    return peer;
  }

  get isOpen(): boolean {
    return this.status === 101 && !this.isClosed;
  }

  /** Calls `listener` for each text that it is sent, cut to its first 8 KiB. */
  onText(listener: (text: string) => void): void {
    this.#listeners.add(listener);
  }

  /** The first frame of that type that it was or will be sent; nothing if the connection ends before. */
  async frame(type: string): Promise<Record<string, unknown> | undefined> {
    const found = () => this.first.find((frame) => frame["type"] === type);
    while (found() === undefined && !this.isClosed) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const listener = () => resolve();
      this.#listeners.add(listener);
      await Promise.race([promise, this.closed]);
      this.#listeners.delete(listener);
    }
    return found();
  }

  /** Sends a value as JSON, or a text as it is. */
  send(frame: unknown): void {
    this.sendBytes(clientTextFrame(typeof frame === "string" ? frame : JSON.stringify(frame)));
  }

  /** Sends bytes that are, or are not, a frame. */
  sendBytes(bytes: Buffer): void {
    this.#tally.frames += 1;
    this.#write(bytes);
  }

  /** Resolves when the system has taken what was sent, or the connection has ended. */
  async drained(): Promise<void> {
    if (this.#socket.writableNeedDrain)
      await Promise.race([once(this.#socket, "drain"), this.closed]).catch(() => undefined);
  }

  stopReading(): void {
    this.#socket.pause();
  }

  readOn(): void {
    this.#socket.resume();
  }

  /** Leaves by the book. */
  close(): void {
    this.#write(clientFrame(Buffer.from([0x03, 0xe8]), CLOSE));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  #write(bytes: Buffer): void {
    this.#tally.bytes += bytes.length;
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  #receive(chunk: Buffer): void {
    this.#tally.received += chunk.length;
    let rest = chunk;
    if (this.#head !== undefined) {
      this.#head = Buffer.concat([this.#head, chunk]);
      const end = this.#head.indexOf(END_OF_HEAD);
      if (end < 0) return;
      rest = this.#head.subarray(end + END_OF_HEAD.length);
      this.status = Number(/^HTTP\/1\.1 (\d+)/.exec(this.#head.toString("latin1"))?.[1] ?? 0);
      if (this.status !== 101) {
        this.#count(`HTTP ${this.status}`);
        this.#end(undefined);
        this.#socket.destroy();
      }
      this.#head = undefined;
      this.#opened.resolve();
    }
    if (this.status !== 101) return;
    for (const { opcode, payload } of this.#reader.push(rest)) {
      if (opcode === OPCODES.close) this.#closedBy(payload);
      else if (opcode === OPCODES.text && this.#options.deflate !== true) this.#hear(payload.toString());
    }
  }

  #hear(text: string): void {
    const code = /"code":"([\w-]+)"/.exec(text)?.[1];
    if (code !== undefined) this.#count(code);
    if (this.first.length < MAX_FIRST && text.length < 8_000) this.first.push(JSON.parse(text));
    for (const listener of this.#listeners) listener(text);
  }

  #closedBy(payload: Buffer): void {
    const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    this.#count(`closed ${code}`);
    this.#closed.resolve(code);
    if (this.#options.ignoresClose === true) return;
    this.#write(clientFrame(payload.subarray(0, 2), CLOSE));
    this.#end(code);
    this.#socket.end();
  }

  #end(code: number | undefined): void {
    this.isClosed = true;
    this.#opened.resolve();
    this.#closed.resolve(code);
  }

  #count(answer: string): void {
    this.#tally.answers[answer] = (this.#tally.answers[answer] ?? 0) + 1;
  }
}

const MAX_FIRST = 50;
/** FIN and the opcode of a Close. */
const CLOSE = 0x88;

function upgrade(room: string, { user, dialect = "v1", query = {}, address, deflate = false }: PeerOptions): string {
  const search = new URLSearchParams({ ...query, ...(user !== undefined && { user }) });
  return [
    `GET /${room}?${search} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    ...(dialect === "plain" ? [] : [`Sec-WebSocket-Protocol: workkit.chat.${dialect}`]),
    ...(address !== undefined ? [`CF-Connecting-IP: ${address}`] : []),
    ...(deflate ? ["Sec-WebSocket-Extensions: permessage-deflate"] : []),
    "\r\n",
  ].join("\r\n");
}
