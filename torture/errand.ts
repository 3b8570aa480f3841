import type { Random } from "../test/protocol/random.js";

/** What a message asks of a handler that answers. */
export interface Work {
  /** Milliseconds until the answer. */
  work?: number;
  /** Whether there is to be no answer. */
  silent?: boolean;
  /** Whether the turn says that it began. */
  announce?: boolean;
}

/** Draws what the handler is to do for a message. */
export function drawWork(random: Random): Work {
  const drawn = random.below(100);
  if (drawn < 60) return {};
  if (drawn < 80) return { work: 1 + random.below(30) };
  if (drawn < 88) return { work: 1 + random.below(30), silent: true };
  return { work: 30 + random.below(120), announce: true };
}
