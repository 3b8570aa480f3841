/** A token bucket. */
export interface Rate {
  /** How many at once, at least 1. */
  burst: number;
  /** How many per second after that, over 0. */
  perSecond: number;
}

/** What is left in a bucket, and when that was true. One from which nothing was taken yet is full, whatever a later deploy makes its rate. */
export interface Bucket {
  tokens: number | undefined;
  at: number | undefined;
}

/** A bucket from which nothing was taken. */
export function fullBucket(): Bucket {
  return { tokens: undefined, at: undefined };
}

/** The milliseconds until the bucket holds so many tokens; 0 if it does. */
export function waitFor(bucket: Bucket, rate: Rate | false, cost: number, now: number): number {
  if (rate === false) return 0;
  const { tokens = rate.burst, at = now } = bucket;
  const gained = (Math.max(0, now - at) / 1_000) * rate.perSecond;
  bucket.tokens = Math.min(rate.burst, tokens + gained);
  bucket.at = now;
  return Math.max(0, Math.ceil(((cost - bucket.tokens) / rate.perSecond) * 1_000));
}

/** Takes tokens, also where there are fewer: what was done already has to be paid for. A debt is at most one burst. */
export function spend(bucket: Bucket, rate: Rate | false, cost: number): void {
  if (rate === false) return;
  bucket.tokens = Math.max(-rate.burst, (bucket.tokens ?? rate.burst) - cost);
  bucket.at ??= Date.now();
}
