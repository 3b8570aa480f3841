/** A token bucket: `burst` at once, then `perSecond`. */
export interface Rate {
  burst: number;
  perSecond: number;
}

/** What is left in a bucket, and when that was true. Kept in the connection's attachment. */
export interface Bucket {
  tokens: number;
  at: number;
}

/** A full bucket, whatever its rate is or a later deploy makes it. */
export function fullBucket(now: number): Bucket {
  return { tokens: Number.POSITIVE_INFINITY, at: now };
}

/** Takes `cost` tokens and answers 0, or takes nothing and answers the milliseconds until they are there. */
export function take(bucket: Bucket, rate: Rate | false, now: number, cost = 1): number {
  if (rate === false) return 0;
  const gained = (Math.max(0, now - bucket.at) / 1_000) * rate.perSecond;
  bucket.tokens = Math.min(rate.burst, bucket.tokens + gained);
  bucket.at = now;
  if (bucket.tokens < cost) return Math.ceil(((cost - bucket.tokens) / rate.perSecond) * 1_000);
  bucket.tokens -= cost;
  return 0;
}
