/** A token bucket: `burst` at once, then `perSecond`. */
export interface Rate {
  burst: number;
  perSecond: number;
}

/** What is left in a bucket, and when that was true. */
export interface Bucket {
  tokens: number;
  at: number;
}

/** What is to be taken from a bucket. */
export type Charge = [bucket: Bucket, rate: Rate | false, cost: number];

/** A full bucket, whatever its rate is or a later deploy makes it. */
export function fullBucket(now: number): Bucket {
  return { tokens: Number.MAX_VALUE, at: now };
}

/** The milliseconds until each bucket holds what is to be taken from it; 0 if all do. */
export function waitFor(charges: readonly Charge[], now: number): number {
  let wait = 0;
  for (const [bucket, rate, cost] of charges) {
    if (rate === false) continue;
    const gained = (Math.max(0, now - bucket.at) / 1_000) * rate.perSecond;
    bucket.tokens = Math.min(rate.burst, bucket.tokens + gained);
    bucket.at = now;
    wait = Math.max(wait, Math.ceil(((cost - bucket.tokens) / rate.perSecond) * 1_000));
  }
  return wait;
}

/** Takes from each bucket, also where it holds less: what was done already has to be paid for. A debt is at most one burst. */
export function spend(charges: readonly Charge[]): void {
  for (const [bucket, rate, cost] of charges) {
    if (rate !== false) bucket.tokens = Math.max(-rate.burst, bucket.tokens - cost);
  }
}

/** Takes from all buckets and answers 0, or takes nothing and answers the milliseconds until all hold enough. */
export function take(charges: readonly Charge[], now: number): number {
  const wait = waitFor(charges, now);
  if (wait === 0) spend(charges);
  return wait;
}
