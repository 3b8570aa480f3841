import { MAX_UNFINISHED_CONTENT, MAX_UNFINISHED_TURNS } from "../../protocol/limits.js";
import { type Account, Holding } from "../access/account.js";
import type { Turn } from "./turn.js";

const NOTHING = new Holding();

/**
 * The room for unfinished turns (P12). An account may hold less than half of what the others leave, so that no number of messages of
 * one limit key leaves nothing for the next. Tool results that the running turn awaits have as much room again.
 */
export class TurnRoom {
  readonly #usual = new Holding();
  readonly #awaited = new Holding();

  /** Entries that the log can hold. */
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Whether there is no room for one more turn. Without an account, all the room is for one connection. */
  isFull(account: Account | undefined, isAwaited: boolean): boolean {
    const [all, own = NOTHING] = this.#holdings(account, isAwaited);
    // own < (room - others) / 2, where others = all - own.
    return (
      own.turns + all.turns >= MAX_UNFINISHED_TURNS ||
      own.entries + all.entries >= this.#capacity ||
      own.characters + all.characters >= MAX_UNFINISHED_CONTENT
    );
  }

  /** The turn takes its room (1), or gives it back (-1). */
  change({ account, isAwaited, message, seq }: Turn, by: 1 | -1): void {
    for (const held of this.#holdings(account, isAwaited)) {
      if (held === undefined) continue;
      held.turns += by;
      held.characters += by * message.content.length;
      if (seq !== undefined) held.entries += by;
    }
  }

  /** What all turns hold, and what those of the account hold. */
  #holdings(account: Account | undefined, isAwaited: boolean): [Holding, Holding | undefined] {
    return isAwaited ? [this.#awaited, account?.awaited] : [this.#usual, account?.unfinished];
  }
}
