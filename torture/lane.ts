import { type Frame, FrameSplitter } from "./frames.js";

/** What happens to the next frame that matches: it is lost, or comes twice. */
export interface FrameRule {
  matches(text: string): boolean;
  copies: 0 | 2;
  /** Called when it happens. */
  applied(): void;
}

/** What a lane tells of. */
export interface LaneEvents {
  /** Bytes go on. */
  deliver(bytes: Buffer): void;
  /** A frame came by. */
  passed(frame: Frame): void;
}

const END_OF_HEAD = "\r\n\r\n";

/** One direction of a connection: an HTTP head, then WebSocket frames, passed on, held, swallowed, lost or repeated. */
export class Lane {
  readonly #events: LaneEvents;
  readonly #splitter = new FrameSplitter();
  #head: Buffer | undefined = Buffer.alloc(0);
  #held: Buffer[] | undefined;
  #swallows = false;
  #rule: FrameRule | undefined;
  #tear: (() => void) | undefined;
  #ended: (() => void) | undefined;

  constructor(events: LaneEvents) {
    this.#events = events;
  }

  /** Takes what one side has sent. Returns the HTTP head once it is whole, on the call that completes it. */
  push(chunk: Buffer): string | undefined {
    if (this.#head === undefined) {
      for (const frame of this.#splitter.push(chunk)) this.#pass(frame);
      return undefined;
    }
    this.#head = Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf(END_OF_HEAD);
    if (end < 0) return undefined;
    const bytes = this.#head;
    this.#head = undefined;
    const head = withoutExtensions(bytes.subarray(0, end + END_OF_HEAD.length).toString("latin1"));
    this.#deliver(Buffer.from(head, "latin1"));
    this.push(bytes.subarray(end + END_OF_HEAD.length));
    return head;
  }

  /** From now on nothing goes on; it waits for `release`. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const bytes of held) this.#deliver(bytes);
    this.#ended?.();
  }

  /** From now on what comes is taken and forgotten. */
  swallow(): void {
    this.#swallows = true;
  }

  arm(rule: FrameRule): void {
    this.#rule = rule;
  }

  /** Passes on half of the next frame, then calls `cut`. */
  tear(cut: () => void): void {
    this.#tear = cut;
  }

  /** Nothing more will come: calls `then` when all that is held is gone. */
  end(then: () => void): void {
    if (this.#held === undefined) then();
    else this.#ended = then;
  }

  #pass(frame: Frame): void {
    if (this.#tear !== undefined) {
      this.#deliver(frame.bytes.subarray(0, Math.ceil(frame.bytes.length / 2)));
      const cut = this.#tear;
      this.#tear = undefined;
      return cut();
    }
    this.#events.passed(frame);
    const rule = this.#rule;
    let copies = 1;
    if (rule?.matches(frame.text)) {
      this.#rule = undefined;
      copies = rule.copies;
      rule.applied();
    }
    for (let copy = 0; copy < copies; copy++) this.#deliver(frame.bytes);
  }

  #deliver(bytes: Buffer): void {
    if (this.#swallows) return;
    if (this.#held !== undefined) this.#held.push(bytes);
    else this.#events.deliver(bytes);
  }
}

/** Compressed frames depend on those before them: one that is lost or repeated would break the stream. */
function withoutExtensions(head: string): string {
  return head.replace(/^sec-websocket-extensions:.*\r\n/gim, "");
}
