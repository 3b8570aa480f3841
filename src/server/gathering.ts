/** Milliseconds without an arrival after which the next one is alone. */
const PAUSE = 20;
/**
 * After so many that were each seen to at once a timer is tried, to see whether it gathers several. While it does not, twice as
 * many pass before it is tried again. The clock cannot tell: it stands still during an event, and a commit may take longer.
 */
const FIRST_TRY = 2;
const LAST_TRY = 64;
/**
 * Characters of the frames that may wait; with more, all are worked off at once (P12). What is said in one go reaches every
 * connection before any can answer whether it reads, and must be well below what one may leave unread.
 */
const MOST_WAITING = 65_536;

/**
 * Gathers frames and commits that come thick, for an event, an fsync and a write to a socket cost about the same for one message
 * as for many. A lone one waits for nothing and needs no timer; of many, all that have come when a zero-delay timer fires are
 * worked off in one go and committed as one. docs/decisions/0013-gathering.md
 */
export class Gathering {
  /** The frames that wait for the timer, and how many characters they have. */
  readonly #waiting: (() => void)[] = [];
  #characters = 0;
  /** Whether the timer runs, which will also commit what is pending. */
  #gathers = false;
  /** Whether what is pending is about to be committed without it. */
  #commits = false;
  /** Whether a frame is being worked off at once. */
  #works = false;
  /** Settles when the frame that was worked off last is done with, or takes its time. */
  #ready: Promise<void> | undefined;
  /** When the last frame or commit came, and how many came since a timer was tried. */
  #arrivedAt = 0;
  #arrivals = 0;
  #patience = FIRST_TRY;
  /** How many a timer is gathering now, and whether the last one gathered several. */
  #gathered = 0;
  #wereMany = false;

  /** Commits what is pending and delivers it. Without a log there is nothing to commit. */
  readonly #flush: () => void;
  readonly #hasPending: () => boolean;

  constructor(flush: () => void = () => undefined, hasPending: () => boolean = () => false) {
    this.#flush = flush;
    this.#hasPending = hasPending;
  }

  /** Has a frame worked off: now, or with others in a moment. */
  take(frame: unknown, work: () => void): void {
    if (this.#gathers || this.#comesThick()) {
      this.#waiting.push(work);
      this.#characters += sizeOf(frame);
      this.#gather();
      if (this.#characters > MOST_WAITING) void this.workOff();
      return;
    }
    this.#works = true;
    try {
      work();
    } finally {
      this.#works = false;
    }
  }

  /** Works off what waits, in order, also where this is asked for again meanwhile; and commits. */
  async workOff(): Promise<void> {
    for (let work = this.#waiting.shift(); work !== undefined; work = this.#waiting.shift()) {
      attempt(work);
      await this.#settled();
    }
    this.#characters = 0;
    this.#flush();
  }

  /** Says when the frame that is being worked off is done with, or takes its time: the next one waits for that. */
  doneWhen(ready: Promise<void> | undefined): void {
    this.#ready = ready;
  }

  /** Sees to it that what is pending gets committed, once `ready` has settled. */
  commit(ready?: Promise<void>): void {
    if (ready !== undefined) this.doneWhen(ready);
    if (this.#commits) return;
    if (this.#gathers || (!this.#works && this.#comesThick())) this.#gather();
    else void this.#commitAtOnce();
  }

  async #commitAtOnce(): Promise<void> {
    this.#commits = true;
    try {
      await this.#settled();
      this.#flush();
    } finally {
      this.#commits = false;
    }
    if (this.#hasPending()) this.#gather();
  }

  #gather(): void {
    this.#gathered++;
    if (this.#gathers) return;
    this.#gathers = true;
    void this.#round();
  }

  async #round(): Promise<void> {
    await scheduler.wait(0);
    this.#wereMany = this.#gathered > 1;
    if (this.#wereMany) this.#patience = FIRST_TRY;
    try {
      await this.workOff();
    } finally {
      this.#gathered = 0;
      this.#gathers = false;
    }
    if (this.#waiting.length > 0 || this.#hasPending()) this.#gather();
  }

  /** As between two events: the handler of one message may end before the next message is looked at. */
  async #settled(): Promise<void> {
    const ready = this.#ready;
    this.#ready = undefined;
    await ready;
  }

  #comesThick(): boolean {
    const now = Date.now();
    const isAlone = now - this.#arrivedAt > PAUSE;
    this.#arrivedAt = now;
    this.#arrivals++;
    if (isAlone) {
      this.#wereMany = false;
      this.#patience = FIRST_TRY;
      this.#arrivals = 0;
    }
    if (this.#wereMany) return true;
    if (this.#arrivals < this.#patience) return false;
    this.#patience = Math.min(2 * this.#patience, LAST_TRY);
    this.#arrivals = 0;
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
