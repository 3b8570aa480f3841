/** Milliseconds between two times that a reply is saved: at first as many again as it has taken so far. */
const MIN_INTERVAL_MS = 5_000;
const MAX_INTERVAL_MS = 30_000;
/** Milliseconds that a reply has taken from which on it is saved in the longest interval. */
const SETTLED_AFTER_MS = 20_000;
/** A step alone is not saved before the reply has grown by this part of itself, or the shortest interval has passed. */
const LEAST_GROWTH = 1 / 8;
/** Bytes that are written for one reply until each result of a tool is no longer saved at once. */
const MAX_WRITTEN = 67_108_864;

const ENDS_TOOL = /^tool-output-(available|error|denied)$/;

/**
 * When a reply that is being streamed is saved: with each result of a tool, with a step where the reply has grown, after 5, 10 and 20
 * seconds, and then every 30. All of it is written each time, so steps without end must not write it without end (P12).
 */
export class SaveSchedule {
  /** How many steps and tools have finished. */
  steps = 0;
  readonly #beganAt: number;
  #savedAt: number;
  #nextAt: number;
  #savedBytes = 0;
  #writtenBytes = 0;
  /** The calls whose result is there. */
  readonly #finished = new Set<unknown>();

  constructor(now: number) {
    this.#beganAt = this.#savedAt = now;
    this.#nextAt = now + MIN_INTERVAL_MS;
  }

  /**
   * Whether the reply is to be saved after this piece.
   *
   * @param bytes of the reply with this piece
   */
  isDue(piece: unknown, bytes: number, now: number): boolean {
    const { type, toolCallId, preliminary } = Object(piece);
    const endsTool = ENDS_TOOL.test(type) && !preliminary && !this.#finished.has(toolCallId);
    if (endsTool) this.#finished.add(toolCallId);
    const endsStep = endsTool || type === "finish-step";
    if (endsStep) {
      this.steps++;
      this.#nextAt = Math.min(this.#nextAt, this.#savedAt + MIN_INTERVAL_MS);
    }
    const hasRoom = endsTool && this.#writtenBytes + bytes <= MAX_WRITTEN;
    const hasGrown = endsStep && bytes - this.#savedBytes >= bytes * LEAST_GROWTH;
    if (!hasRoom && !hasGrown && now < this.#nextAt) return false;
    const elapsed = now - this.#beganAt;
    const interval = elapsed < SETTLED_AFTER_MS ? Math.max(elapsed, MIN_INTERVAL_MS) : MAX_INTERVAL_MS;
    this.#savedAt = now;
    this.#nextAt = now + interval;
    this.#savedBytes = bytes;
    this.#writtenBytes += bytes;
    return true;
  }
}
