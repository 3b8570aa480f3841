/** A logarithmic axis. */
export interface Scale {
  least: number;
  most: number;
  /** Where on the drawing a value is. */
  place(value: number): number;
}

/** An axis from `start` to `end` whose ends are the least and the most of the values. */
export function logScale(values: readonly number[], start: number, end: number): Scale {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const span = Math.log(most / least) || 1;
  return { least, most, place: (value) => start + ((end - start) * Math.log(value / least)) / span };
}

/** The values and the round numbers (1, 2, 5, 10, ...) just below and above them all. */
export function withRoundEnds(values: readonly number[]): number[] {
  const below = ROUND.findLast((number) => number <= Math.min(...values)) ?? Math.min(...values);
  const above = ROUND.find((number) => number >= Math.max(...values)) ?? Math.max(...values);
  return [below, ...values, above];
}

/** The round numbers of an axis: powers of ten where they suffice. */
export function ticks({ least, most }: Scale): number[] {
  const within = ROUND.filter((number) => number >= least && number <= most);
  const powers = within.filter((number) => Number.isInteger(Math.log10(number)));
  return powers.length >= MANY_TICKS ? powers : within;
}

/** `2k` for 2,000. */
export function formatTick(value: number): string {
  return value >= 1_000 ? `${Number((value / 1_000).toPrecision(2))}k` : String(value);
}

const MANY_TICKS = 4;

const ROUND = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000].flatMap((power) => [power, 2 * power, 5 * power]);
