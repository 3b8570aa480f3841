/** What a batch commits: the entries that are not on disk yet, and what waits for them. */
export interface Commits {
  /** Whether there is something to commit. */
  readonly hasPending: boolean;
  /** Commits it now, and delivers it. */
  flush(): void;
}

/** Milliseconds without an arrival after which the next one is alone. */
const IDLE_GAP_MS = 20;
/**
 * After so many frames that were each processed at once a timer is tried, to see whether it batches several. While it does not, twice as
 * many pass before it is tried again. The clock cannot tell: it stands still during an event, and a commit may take longer.
 */
const MIN_PROBE_INTERVAL = 2;
const MAX_PROBE_INTERVAL = 64;
/**
 * Characters of the frames that may wait; with more, all are processed at once (P12). What one batch sends reaches every
 * connection before any can answer whether it reads, and must be well below what one may leave unread.
 */
const MAX_QUEUED_CHARACTERS = 65_536;

/**
 * Batches frames and commits that arrive in bursts. One event, fsync or socket write costs about the same for one message as for many.
 * A lone frame waits for nothing and needs no timer. In a burst, all that have arrived when a zero-delay timer fires are processed
 * together and committed as one. docs/decisions/0013-batching.md
 */
export class Batcher {
  /** The frames that wait for the timer, and how many characters they have. */
  readonly #queue: (() => void)[] = [];
  #queuedCharacters = 0;
  /** Whether the timer runs, which will also commit what is pending. */
  #isScheduled = false;
  /** Whether what is pending is about to be committed without it. */
  #isCommitting = false;
  /** Whether a frame is being processed at once. */
  #isProcessing = false;
  /** Settles when the turn of the last frame has ended, or waits for something outside. */
  #inFlight: Promise<void> | undefined;
  /** When the last frame or commit arrived, and how many have arrived since a timer was tried. */
  #lastArrivalAt = 0;
  #arrivalsSinceProbe = 0;
  #probeInterval = MIN_PROBE_INTERVAL;
  /** How many wait for the timer that runs, and whether the last one batched several. */
  #batchSize = 0;
  #lastBatchHadSeveral = false;

  readonly #commits: Commits | undefined;

  /** @param commits what is to be committed; `undefined` where there is no log */
  constructor(commits?: Commits) {
    this.#commits = commits;
  }

  /** Has a frame processed: now, or with others when the timer fires. */
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

  /** Processes the frames that wait, in order, also where this is called again meanwhile; then commits. */
  async drain(): Promise<void> {
    for (let work = this.#queue.shift(); work !== undefined; work = this.#queue.shift()) {
      attempt(work);
      await this.#awaitInFlight();
    }
    this.#queuedCharacters = 0;
    this.#commits?.flush();
  }

  /** Sets the promise that the next queued frame waits for. */
  setInFlight(ready: Promise<void> | undefined): void {
    this.#inFlight = ready;
  }

  /** Schedules the commit of what is pending: it follows once `ready` has settled. */
  commit(ready?: Promise<void>): void {
    if (ready) this.setInFlight(ready);
    else if (!this.#commits?.hasPending) return;
    if (this.#isCommitting) return;
    if (this.#isScheduled || (!this.#isProcessing && this.#shouldBatch())) this.#schedule();
    else void this.#commitNow();
  }

  async #commitNow(): Promise<void> {
    this.#isCommitting = true;
    try {
      await this.#awaitInFlight();
      this.#commits?.flush();
    } finally {
      this.#isCommitting = false;
    }
    if (this.#commits?.hasPending) this.#schedule();
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
    if (this.#queue.length > 0 || this.#commits?.hasPending) this.#schedule();
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

/** A frame that throws does not keep those after it from being processed. */
function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    reportError(error);
  }
}
