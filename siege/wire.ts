import type { Socket } from "node:net";

/** What one direction of a link is like. */
export interface WireQuality {
  /** How long each byte takes, in milliseconds. Default: 0. */
  delayMs?: number;
  /** Bytes per second. Default: unlimited. */
  rate?: number;
}

/** Where the bytes of a wire go. */
export interface WireSink {
  /** Takes the next bytes, in order. */
  deliver(bytes: Buffer): void;
  /** All bytes were delivered and the sender has closed its side, or has reset the connection. */
  ended(how: "closed" | "reset"): void;
}

/** How often a queue is drained, in milliseconds. */
const TICK_MS = 50;
/** A sender is read no further while more bytes than this wait: beyond, its own TCP makes it wait. */
const MAX_QUEUED = 65_536;

/**
 * One direction of a TCP connection over a link with delay and bandwidth. Bytes wait in a queue that is drained at the
 * link's rate, then travel for the delay. The sender feels a full queue as it would feel a full link.
 */
export class Wire {
  readonly #from: Socket;
  readonly #sink: WireSink;
  #delayMs = 0;
  #rate = Number.POSITIVE_INFINITY;
  readonly #queue: Buffer[] = [];
  #queued = 0;
  /** Bytes that may travel now; at most those of one tick. */
  #allowance = Number.POSITIVE_INFINITY;
  #countedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  readonly #travelling = new Set<NodeJS.Timeout>();
  #end: "closed" | "reset" | undefined;
  #isFrozen = false;
  #isHeld = false;
  /** Bytes that arrived. */
  delivered = 0;

  /** Reads from `from`, which is to be allowed half open, or the end of one direction would be that of both. */
  constructor(from: Socket, quality: WireQuality, sink: WireSink) {
    this.#from = from;
    this.#sink = sink;
    this.shape(quality);
    from.on("data", (chunk) => {
      this.#queue.push(chunk);
      this.#queued += chunk.length;
      this.#drain();
    });
    from.on("error", () => this.#finish("reset"));
    from.once("end", () => this.#finish("closed"));
    from.once("close", () => this.#finish("closed"));
  }

  /** What comes from now on takes so long. A delay must not become shorter, or bytes would overtake others. */
  shape({ delayMs = 0, rate = Number.POSITIVE_INFINITY }: WireQuality): void {
    this.#delayMs = delayMs;
    this.#rate = rate;
    this.#allowance = this.#perTick;
  }

  /** Nothing passes any more in this direction, without a sign: no byte, no close, no reset. */
  freeze(): void {
    this.#isFrozen = true;
    this.#stop();
    this.#from.pause();
  }

  /** Holds the queue while the receiver takes no more; what travels already still arrives. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#drain();
  }

  /** Forgets what waits and travels. */
  dispose(): void {
    this.#isFrozen = true;
    this.#stop();
  }

  get #perTick(): number {
    return (this.#rate * TICK_MS) / 1_000;
  }

  #finish(how: "closed" | "reset"): void {
    if (this.#end !== undefined) return;
    this.#end = how;
    this.#drain();
  }

  #drain(): void {
    if (this.#isFrozen || this.#timer !== undefined) return;
    this.#earn();
    const parts: Buffer[] = [];
    while (!this.#isHeld && this.#allowance >= 1) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      const part = next.subarray(0, Math.min(next.length, Math.floor(this.#allowance)));
      if (part.length < next.length) this.#queue.unshift(next.subarray(part.length));
      this.#allowance -= part.length;
      this.#queued -= part.length;
      parts.push(part);
    }
    for (const part of parts) this.#travel(() => this.#deliver(part));
    if (this.#queue.length === 0 && this.#end !== undefined) {
      const how = this.#end;
      this.#travel(() => this.#sink.ended(how));
    } else if (this.#queue.length > 0 && !this.#isHeld) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#drain();
      }, TICK_MS);
    }
    if (this.#queued > Math.max(MAX_QUEUED, this.#isUnlimited ? 0 : this.#perTick)) this.#from.pause();
    else if (this.#from.isPaused()) this.#from.resume();
  }

  get #isUnlimited(): boolean {
    return this.#rate === Number.POSITIVE_INFINITY;
  }

  #earn(): void {
    const now = performance.now();
    const earned = this.#isUnlimited ? 0 : ((now - this.#countedAt) * this.#rate) / 1_000;
    this.#countedAt = now;
    this.#allowance = Math.min(this.#perTick, this.#allowance + earned);
  }

  #deliver(bytes: Buffer): void {
    this.delivered += bytes.length;
    this.#sink.deliver(bytes);
  }

  /** Timers of one duration fire in the order in which they were set. */
  #travel(arrive: () => void): void {
    if (this.#delayMs === 0) return arrive();
    const timer = setTimeout(() => {
      this.#travelling.delete(timer);
      arrive();
    }, this.#delayMs);
    this.#travelling.add(timer);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    for (const timer of this.#travelling) clearTimeout(timer);
    this.#travelling.clear();
  }
}
