import { Account, type AccountLimits } from "../server/account.js";

/** Accounts that nothing uses and that are kept all the same, for what they have spent. */
const MAX_UNUSED = 2_048;

/** The accounts of a session, by limit key. Those that nothing uses are bounded: past that the oldest are forgotten. */
export class Accounts {
  readonly #accounts = new Map<string, Account>();
  /** The size past which the map is looked through: it doubles with what is in use, so a new key costs little. */
  #sweepAt = 2 * MAX_UNUSED;

  constructor(private readonly limits: AccountLimits) {}

  /** The account of a limit key; a new one if there is none. */
  of(key: string): Account {
    let account = this.#accounts.get(key);
    if (account === undefined) {
      account = new Account(this.limits);
      this.#accounts.set(key, account);
      if (this.#accounts.size > this.#sweepAt) this.#sweep(account);
    }
    return account;
  }

  #sweep(latest: Account): void {
    const unused = [...this.#accounts].filter(([, account]) => !account.inUse && account !== latest);
    for (const [key] of unused.slice(0, Math.max(0, unused.length - MAX_UNUSED))) this.#accounts.delete(key);
    this.#sweepAt = 2 * Math.max(MAX_UNUSED, this.#accounts.size);
  }
}
