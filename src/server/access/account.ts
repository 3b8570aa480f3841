import { KEY_RATE_FACTOR, TYPING_WRITES_PER_SECOND } from "../../protocol/limits.js";
import type { Settings } from "../options.js";
import { type Bucket, fullBucket, type Rate, spend, waitFor } from "./rate-limit.js";

/** The options that an account holds its key to. */
export type AccountLimits = Pick<Settings, "rateLimit" | "byteRateLimit" | "workLimit" | "violationLimit">;

/** What unfinished turns hold: how many they are, how many of them the log must keep, and the characters of their messages. */
export class Holding {
  turns = 0;
  entries = 0;
  characters = 0;
}

/**
 * What one limit key has spent and holds (P12), in memory for as long as the object is awake. Connections of one key share an
 * account, so a new connection resets nothing. On the stateless transport each connection has its own.
 */
export class Account {
  /** Connections that are open. */
  connections = 0;
  /** Sockets that were refused or that we closed, and whose peer is not gone yet. */
  closing = 0;
  /** Turns that run or wait, and apart from them the tool results that a running turn awaited. */
  readonly unfinished = new Holding();
  readonly awaited = new Holding();
  /** Bytes of the replies to its messages that are being streamed. */
  streamed = 0;
  /** Characters that were sent and are not known to be read. */
  unread = 0;
  /** Of plain connections that are not gone: characters that only frames of their own, which may lie, say were read. */
  plainSent = 0;
  readonly #messages = fullBucket();
  readonly #bytes = fullBucket();
  readonly #typing = fullBucket();
  readonly #work = fullBucket();
  readonly #violations = fullBucket();

  readonly #limits: AccountLimits;
  /** Messages of all its connections together. */
  readonly #keyRate: Rate | false;

  constructor(limits: AccountLimits) {
    this.#limits = limits;
    const { rateLimit } = limits;
    this.#keyRate = rateLimit && { ...rateLimit, perSecond: KEY_RATE_FACTOR * rateLimit.perSecond };
  }

  /** Whether a connection, a socket that is closing, or a turn still counts on it. */
  get inUse(): boolean {
    return this.connections + this.closing + this.unfinished.turns + this.awaited.turns > 0;
  }

  /**
   * Takes a message of so many bytes from its connection's rate and from the key's, or nothing; the milliseconds until all have
   * enough, and not less than `least`.
   */
  takeMessage(connection: Bucket, bytes: number, now: number, least: number): number {
    const { rateLimit, byteRateLimit } = this.#limits;
    const wait = Math.max(
      least,
      waitFor(connection, rateLimit, 1, now),
      waitFor(this.#messages, this.#keyRate, 1, now),
      waitFor(this.#bytes, byteRateLimit, bytes, now),
    );
    if (wait === 0) {
      spend(connection, rateLimit, 1);
      spend(this.#messages, this.#keyRate, 1);
      spend(this.#bytes, byteRateLimit, bytes);
    }
    return wait;
  }

  /**
   * Takes the socket writes of one `typing` from those of its room and from the half of them that one key may have; whether both
   * had them. However many connections there are, a full bucket holds enough for one.
   */
  takeTyping(room: Bucket, writes: number, now: number): boolean {
    const all = { burst: Math.max(TYPING_WRITES_PER_SECOND, writes), perSecond: TYPING_WRITES_PER_SECOND };
    const own = { burst: Math.max(TYPING_WRITES_PER_SECOND / 2, writes), perSecond: TYPING_WRITES_PER_SECOND / 2 };
    if (waitFor(room, all, writes, now) + waitFor(this.#typing, own, writes, now) > 0) return false;
    spend(room, all, writes);
    spend(this.#typing, own, writes);
    return true;
  }

  /** Takes units of work before it is done, or nothing; the milliseconds until there are enough. More than a burst costs a burst. */
  takeWork(units: number, now: number): number {
    const { workLimit } = this.#limits;
    if (workLimit === false) return 0;
    const cost = Math.min(units, workLimit.burst);
    const wait = waitFor(this.#work, workLimit, cost, now);
    if (wait === 0) spend(this.#work, workLimit, cost);
    return wait;
  }

  /** Takes units of work that is done already, if need be as a debt; whether that is as large as it may be. */
  owe(units: number): boolean {
    const { workLimit } = this.#limits;
    spend(this.#work, workLimit, units);
    return workLimit !== false && (this.#work.tokens ?? 0) <= -workLimit.burst;
  }

  /** Counts a rejected frame as so many; whether its connection or its key had fewer to spend. */
  violate(connection: Bucket, cost: number, now: number): boolean {
    const { violationLimit } = this.#limits;
    const buckets = cost < 1 ? [connection] : [connection, this.#violations];
    if (buckets.some((bucket) => waitFor(bucket, violationLimit, cost, now) > 0)) return true;
    for (const bucket of buckets) spend(bucket, violationLimit, cost);
    return false;
  }
}
