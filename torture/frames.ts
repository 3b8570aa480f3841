import { randomBytes } from "node:crypto";

/** One WebSocket frame (RFC 6455, section 5.2) as it stands on the wire. */
export class Frame {
  readonly bytes: Buffer;
  readonly #payloadAt: number;

  constructor(bytes: Buffer, payloadAt: number) {
    this.bytes = bytes;
    this.#payloadAt = payloadAt;
  }

  get opcode(): number {
    return (this.bytes[0] ?? 0) & 0x0f;
  }

  /** What it carries, unmasked. */
  get payload(): Buffer {
    const payload = this.bytes.subarray(this.#payloadAt);
    if (!isMasked(this.bytes)) return payload;
    const mask = this.bytes.subarray(this.#payloadAt - MASK_LENGTH, this.#payloadAt);
    return applyMask(payload, mask);
  }

  /** The text that it carries; frames of ours are never fragmented. */
  get text(): string {
    return this.opcode === OPCODES.text ? this.payload.toString() : "";
  }
}

/** The opcodes that are looked for here; RFC 6455, section 11.8. */
export const OPCODES = { text: 1, close: 8 } as const;

const MASK_LENGTH = 4;

/** Cuts a stream of bytes into frames. */
export class FrameSplitter {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that `chunk` completes. */
  push(chunk: Buffer): Frame[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    for (;;) {
      const frame = firstFrame(this.#rest);
      if (frame === undefined) return frames;
      this.#rest = this.#rest.subarray(frame.bytes.length);
      frames.push(frame);
    }
  }
}

function firstFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const lengthAt = 2;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < lengthAt + extra) return undefined;
  const length =
    extra === 0 ? short : extra === 2 ? bytes.readUInt16BE(lengthAt) : Number(bytes.readBigUInt64BE(lengthAt));
  const payloadAt = lengthAt + extra + (isMasked(bytes) ? MASK_LENGTH : 0);
  const end = payloadAt + length;
  return bytes.length < end ? undefined : new Frame(bytes.subarray(0, end), payloadAt);
}

function isMasked(bytes: Buffer): boolean {
  return ((bytes[1] ?? 0) & 0x80) !== 0;
}

function applyMask(payload: Buffer, mask: Buffer): Buffer {
  const masked = Buffer.from(payload);
  for (let place = 0; place < masked.length; place++) masked[place] = (masked[place] ?? 0) ^ (mask[place & 3] ?? 0);
  return masked;
}

/** A text frame as a client sends it, masked. */
export function clientTextFrame(text: string): Buffer {
  return clientFrame(Buffer.from(text));
}

/** FIN and the opcode of a text frame. */
const WHOLE_TEXT = 0x81;

/**
 * A frame as a client sends it, masked.
 *
 * @param first its first byte: FIN, reserved bits and opcode
 */
export function clientFrame(payload: Buffer, first = WHOLE_TEXT): Buffer {
  const mask = randomBytes(MASK_LENGTH);
  return Buffer.concat([frameHead(first, payload.length), mask, applyMask(payload, mask)]);
}

/** The beginning of a masked frame that says it has so many bytes. */
export function frameHead(first: number, length: number): Buffer {
  if (length < 126) return Buffer.from([first, 0x80 | length]);
  if (length <= 0xffff) return Buffer.from([first, 0xfe, length >> 8, length & 0xff]);
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = 0xff;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** The request by which a client of `workkit.chat.v1` begins. */
export function upgradeRequest(path: string, protocol = "workkit.chat.v1"): string {
  return [
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    `Sec-WebSocket-Protocol: ${protocol}`,
    "\r\n",
  ].join("\r\n");
}
