import { createHash } from "node:crypto";

/** Numbers from 0 up to 1 that a seed determines, so that a run can be repeated. */
export function seededRandom(seed: number): () => number {
  let drawn = 0;
  return () => {
    drawn += 1;
    return createHash("sha256").update(`${seed}:${drawn}`).digest().readUInt32BE() / 2 ** 32;
  };
}
