/** A slot of the ring, and what its row says of its place. */
export interface Place {
  slot: number;
  seq: unknown;
}

/** The slot of an entry in a ring of `capacity` slots. */
export function slotOf(seq: number, capacity: number): number {
  return (seq - 1) % capacity;
}

/** How many times the ring had wrapped when a row was written; `undefined` for a seq that cannot stand in its slot. */
export function lapOf({ slot, seq }: Place, capacity: number): number | undefined {
  const lap = (Number(seq) - 1 - slot) / capacity;
  // A blob of digits is no number; seqs stay below what a cursor can say.
  return typeof seq === "number" && Number.isInteger(lap) && lap >= 0 && seq < 1e15 ? lap : undefined;
}

/**
 * The newest seq of a ring, given its first and its last row. Found by binary search where the ring has wrapped, for there is no
 * index, which would double the price of an entry. `undefined` if a row that it reads is not in its place (P19).
 *
 * @param at reads the row of a slot
 */
export function findNewest(
  first: Place,
  last: Place,
  capacity: number,
  at: (slot: number) => Place | undefined,
): number | undefined {
  const lap = lapOf(first, capacity);
  const lastLap = lapOf(last, capacity);
  if (lap === lastLap) return lap === undefined ? lap : Number(last.seq);
  if (lap === undefined || lap - 1 !== lastLap || last.slot !== capacity - 1) return undefined;
  let low = first.slot;
  let end = last.slot;
  while (low + 1 < end) {
    const middle = Math.floor((low + end) / 2);
    const place = at(middle);
    const lapThere: number | undefined = place === undefined ? lastLap : lapOf(place, capacity);
    if (lapThere === lap) low = middle;
    else if (lapThere === lastLap) end = middle;
    else return undefined;
  }
  return lap * capacity + low + 1;
}
