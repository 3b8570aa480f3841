/** Milliseconds without an arrival after which the next one is alone. */
const IDLE_GAP_MS = 20;
/**
 * After so many that were each seen to at once a timer is tried, to see whether it gathers several. While it does not, twice as
 * many pass before it is tried again. The clock cannot tell: it stands still during an event, and a commit may take longer.
 */
const MIN_PROBE_INTERVAL = 2;
const MAX_PROBE_INTERVAL = 64;
/**
 * Characters of the frames that may wait; with more, all are worked off at once (P12). What is said in one go reaches every
 * connection before any can answer whether it reads, and must be well below what one may leave unread.
 */
const MAX_QUEUED_CHARACTERS = 65_536;

/**
 * Gathers frames and commits that come thick, for an event, an fsync and a write to a socket cost about the same for one message
 * as for many. A lone one waits for nothing and needs no timer; of many, all that have come when a zero-delay timer fires are
 * worked off in one go and committed as one. docs/decisions/0013-batching.md
 */
export class Batcher {
  /** The frames that wait for the timer, and how many characters they have. */
  readonly #queue: (() => void)[] = [];
  #queuedCharacters = 0;
  /** Whether the timer runs, which will also commit what is pending. */
  #isScheduled = false;
  /** Whether what is pending is about to be committed without it. */
  #isCommitting = false;
  /** Whether a frame is being worked off at once. */
  #isProcessing = false;
  /** Settles when the frame that was worked off last is done with, or takes its time. */
  #inFlight: Promise<void> | undefined;
  /** When the last frame or commit came, and how many came since a timer was tried. */
  #lastArrivalAt = 0;
  #arrivalsSinceProbe = 0;
  #probeInterval = MIN_PROBE_INTERVAL;
  /** How many a timer is gathering now, and whether the last one gathered several. */
  #batchSize = 0;
  #lastBatchHadSeveral = false;

  /** Commits what is pending and delivers it. Without a log there is nothing to commit. */
  readonly #flush: () => void;
  readonly #hasPending: () => boolean;

  constructor(flush: () => void = () => undefined, hasPending: () => boolean = () => false) {
    this.#flush = flush;
    this.#hasPending = hasPending;
  }

  /** Has a frame worked off: now, or with others in a moment. */
  enqueue(frame: unknown, work: () => void): void {
    if (this.#isScheduled || this.#shouldBatch()) {
      this.#queue.push(work);
      this.#queuedCharacters += sizeOf(frame);
      this.#schedule();
      if (this.#queuedCharacters > MAX_QUEUED_CHARACTERS) void this.drain();
      return;
    }
    this.#isProcessing = true;
    try {
      work();
    } finally {
      this.#isProcessing = false;
    }
  }

  /** Works off what waits, in order, also where this is asked for again meanwhile; and commits. */
  async drain(): Promise<void> {
    for (let work = this.#queue.shift(); work !== undefined; work = this.#queue.shift()) {
      attempt(work);
      await this.#awaitInFlight();
    }
    this.#queuedCharacters = 0;
    this.#flush();
  }

  /** Says when the frame that is being worked off is done with, or takes its time: the next one waits for that. */
  setInFlight(ready: Promise<void> | undefined): void {
    this.#inFlight = ready;
  }

  /** Sees to it that what is pending gets committed, once `ready` has settled. */
  commit(ready?: Promise<void>): void {
    if (ready !== undefined) this.setInFlight(ready);
    if (this.#isCommitting) return;
    if (this.#isScheduled || (!this.#isProcessing && this.#shouldBatch())) this.#schedule();
    else void this.#commitNow();
  }

  async #commitNow(): Promise<void> {
    this.#isCommitting = true;
    try {
      await this.#awaitInFlight();
      this.#flush();
    } finally {
      this.#isCommitting = false;
    }
    if (this.#hasPending()) this.#schedule();
  }

  #schedule(): void {
    this.#batchSize++;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    void this.#runBatch();
  }

  async #runBatch(): Promise<void> {
    await scheduler.wait(0);
    this.#lastBatchHadSeveral = this.#batchSize > 1;
    if (this.#lastBatchHadSeveral) this.#probeInterval = MIN_PROBE_INTERVAL;
    try {
      await this.drain();
    } finally {
      this.#batchSize = 0;
      this.#isScheduled = false;
    }
    if (this.#queue.length > 0 || this.#hasPending()) this.#schedule();
  }

  /** As between two events: the handler of one message may end before the next message is looked at. */
  async #awaitInFlight(): Promise<void> {
    const ready = this.#inFlight;
    this.#inFlight = undefined;
    await ready;
  }

  #shouldBatch(): boolean {
    const now = Date.now();
    const isAlone = now - this.#lastArrivalAt > IDLE_GAP_MS;
    this.#lastArrivalAt = now;
    this.#arrivalsSinceProbe++;
    if (isAlone) {
      this.#lastBatchHadSeveral = false;
      this.#probeInterval = MIN_PROBE_INTERVAL;
      this.#arrivalsSinceProbe = 0;
    }
    if (this.#lastBatchHadSeveral) return true;
    if (this.#arrivalsSinceProbe < this.#probeInterval) return false;
    this.#probeInterval = Math.min(2 * this.#probeInterval, MAX_PROBE_INTERVAL);
    this.#arrivalsSinceProbe = 0;
    return true;
  }
}

function sizeOf(frame: unknown): number {
  if (typeof frame === "string") return frame.length;
  return frame instanceof ArrayBuffer ? frame.byteLength : 0;
}

/** A frame that throws is no reason to forget those behind it. */
function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    reportError(error);
  }
}
