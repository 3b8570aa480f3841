/** The middle of the values: half are not above it, half not below. NaN of nothing. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which `share` (0 to 1) of the values lie, between two of them where that falls between. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** Between which values a median lies. */
export interface Bounds {
  lower: number;
  upper: number;
}

/**
 * Bounds that hold the true median in at least 95 of 100 runs, whatever the distribution: the order statistics that a fair coin
 * leaves outside with 2.5 % on each side. Fewer than six values cannot say that much: theirs are the extremes.
 */
export function medianBounds(values: readonly number[]): Bounds {
  const sorted = values.toSorted((a, b) => a - b);
  const outside = countOutside(sorted.length);
  return { lower: sorted[outside] ?? Number.NaN, upper: sorted[sorted.length - 1 - outside] ?? Number.NaN };
}

/** How far apart the middle half of the values lies, as a share of their median. */
export function spread(values: readonly number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / median(values);
}

/** How many of `count` ordered values may be left out on each side. */
function countOutside(count: number): number {
  let probability = 0.5 ** count;
  let tail = probability;
  let outside = 0;
  while (tail <= 0.025 && outside < count) {
    outside++;
    probability *= (count - outside + 1) / outside;
    tail += probability;
  }
  return Math.max(0, outside - 1);
}
