import { ChatError } from "../protocol/errors.js";
import { KEY_RATE_FACTOR, TYPING_WRITES_PER_SECOND } from "../protocol/limits.js";
import type { Settings } from "./options.js";
import { type Bucket, fullBucket, type Rate, spend, waitFor } from "./rate-limit.js";

/** The options that an account holds its key to. */
export type AccountLimits = Pick<Settings, "rateLimit" | "byteRateLimit">;

/**
 * What one limit key has spent and holds (P12), in memory for as long as the object is awake. Connections of one key share an
 * account, so a new connection resets nothing. On the stateless transport each connection has its own.
 */
export class Account {
  /** Connections that are open. */
  connections = 0;
  /** Sockets that were refused or that we closed, and whose peer is not gone yet. */
  closing = 0;
  /** Turns that run or wait, and the characters of their messages. */
  unfinishedTurns = 0;
  unfinishedCharacters = 0;
  /** Characters that were sent and are not known to be read. */
  unread = 0;
  readonly #messages: Bucket;
  readonly #bytes: Bucket;
  readonly #writes: Bucket;
  /** One connection's burst, but more per second: a key may have several. */
  readonly #messageRate: Rate | false;

  constructor(private readonly limits: AccountLimits) {
    const now = Date.now();
    this.#messages = fullBucket(now);
    this.#bytes = fullBucket(now);
    this.#writes = fullBucket(now);
    const { rateLimit } = limits;
    this.#messageRate = rateLimit && { ...rateLimit, perSecond: KEY_RATE_FACTOR * rateLimit.perSecond };
  }

  /** Whether a connection, a socket that is closing, or a turn still counts on it. */
  get inUse(): boolean {
    return this.connections > 0 || this.closing > 0 || this.unfinishedTurns > 0;
  }

  /**
   * The error for a message of so many bytes that comes too fast for its connection's rate, the key's or the key's bytes;
   * `undefined` if all have room for it. Takes nothing, see `takeMessage`.
   */
  refuseMessage(connection: Bucket, bytes: number, now: number, inReplyTo: string | undefined): ChatError | undefined {
    const { rateLimit, byteRateLimit } = this.limits;
    const forBytes = waitFor(this.#bytes, byteRateLimit, now, bytes);
    const wait = Math.max(
      waitFor(connection, rateLimit, now),
      waitFor(this.#messages, this.#messageRate, now),
      forBytes,
    );
    if (wait === 0) return undefined;
    const why = forBytes === wait ? tooFast(byteRateLimit, "bytes") : tooFast(rateLimit, "messages");
    return new ChatError("RATE_LIMITED", why, { inReplyTo, retryAfterMs: wait });
  }

  /** Takes from all of these what a message costs that was not refused. */
  takeMessage(connection: Bucket, bytes: number): void {
    spend(connection, this.limits.rateLimit);
    spend(this.#messages, this.#messageRate);
    spend(this.#bytes, this.limits.byteRateLimit, bytes);
  }

  /**
   * Takes the socket writes of one `typing` from those of its room and from the half of them that one key may have; whether both
   * had them. However many connections there are, a full bucket holds enough for one.
   */
  takeWrites(room: Bucket, writes: number, now: number): boolean {
    const whole = { burst: Math.max(TYPING_WRITES_PER_SECOND, writes), perSecond: TYPING_WRITES_PER_SECOND };
    const half = { burst: Math.max(whole.perSecond / 2, writes), perSecond: whole.perSecond / 2 };
    if (waitFor(room, whole, now, writes) + waitFor(this.#writes, half, now, writes) > 0) return false;
    spend(room, whole, writes);
    spend(this.#writes, half, writes);
    return true;
  }
}

function tooFast(rate: Rate | false, what: string): string | undefined {
  return rate === false ? undefined : `At most ${rate.burst} ${what} at once, then ${rate.perSecond} per second.`;
}
