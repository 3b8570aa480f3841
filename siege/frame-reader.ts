/** A frame of the server's: its opcode, and its payload as far as it is kept. */
export interface ReadFrame {
  opcode: number;
  payload: Buffer;
}

/** Of longer frames the rest is skipped. */
export const MAX_KEPT = 8_192;

/** Reads frames out of a stream of a server's bytes without keeping what is long. */
export class FrameReader {
  #head = Buffer.alloc(0);
  #opcode = 0;
  /** Bytes of the payload that are yet to come; -1 while the head is incomplete. */
  #missing = -1;
  #kept: Buffer[] = [];
  #keptBytes = 0;

  *push(chunk: Buffer): Generator<ReadFrame> {
    let rest = chunk;
    while (rest.length > 0 || this.#missing === 0) {
      if (this.#missing < 0) {
        this.#head = Buffer.concat([this.#head, rest.subarray(0, 10)]);
        const added = Math.min(rest.length, 10);
        const length = headLength(this.#head);
        if (length === undefined || this.#head.length < length) {
          rest = rest.subarray(added);
          continue;
        }
        rest = rest.subarray(added - (this.#head.length - length));
        this.#opcode = (this.#head[0] ?? 0) & 0x0f;
        this.#missing = payloadLength(this.#head);
      }
      const part = rest.subarray(0, this.#missing);
      rest = rest.subarray(part.length);
      this.#missing -= part.length;
      if (this.#keptBytes < MAX_KEPT) {
        this.#kept.push(Buffer.from(part));
        this.#keptBytes += part.length;
      }
      if (this.#missing === 0) yield this.#complete();
    }
  }

  #complete(): ReadFrame {
    const frame = { opcode: this.#opcode, payload: Buffer.concat(this.#kept).subarray(0, MAX_KEPT) };
    this.#head = Buffer.alloc(0);
    this.#missing = -1;
    this.#kept = [];
    this.#keptBytes = 0;
    return frame;
  }
}

function headLength(head: Buffer): number | undefined {
  const second = head[1];
  if (second === undefined) return undefined;
  const short = second & 0x7f;
  return short === 126 ? 4 : short === 127 ? 10 : 2;
}

function payloadLength(head: Buffer): number {
  const short = (head[1] ?? 0) & 0x7f;
  if (short === 126) return head.readUInt16BE(2);
  return short === 127 ? Number(head.readBigUInt64BE(2)) : short;
}
