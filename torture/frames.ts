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
  return Buffer.from(payload.map((byte, place) => byte ^ (mask[place % MASK_LENGTH] ?? 0)));
}

/** A text frame as a client sends it, masked. */
export function clientTextFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(MASK_LENGTH);
  const length = payload.length;
  const head =
    length < 126 ? Buffer.from([0x81, 0x80 | length]) : Buffer.from([0x81, 0xfe, length >> 8, length & 0xff]);
  if (length > 0xffff) throw new Error(`A frame of ${length} bytes is longer than this writes: keep it under 65,536.`);
  return Buffer.concat([head, mask, applyMask(payload, mask)]);
}

/** The request by which a client of `workkit.chat.v1` begins. */
export function upgradeRequest(path: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    "Sec-WebSocket-Protocol: workkit.chat.v1",
    "\r\n",
  ].join("\r\n");
}
