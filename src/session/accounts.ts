import { Account, type AccountLimits } from "../server/access/account.js";

/** Accounts of a session. Beyond, each new one replaces one that nothing uses. */
const MAX_ACCOUNTS = 4_096;

/** The accounts of a session, by limit key. */
export class Accounts {
  readonly #accounts = new Map<string, Account>();

  readonly #limits: AccountLimits;

  constructor(limits: AccountLimits) {
    this.#limits = limits;
  }

  /** The account of a limit key; a new one if there is none. */
  of(key: string): Account {
    let account = this.#accounts.get(key);
    if (!account) {
      if (this.#accounts.size >= MAX_ACCOUNTS) this.#deleteUnused();
      account = new Account(this.#limits);
      this.#accounts.set(key, account);
    }
    return account;
  }

  /** Deletes the oldest account that nothing uses. Those in use are bounded by the connections and the turns. */
  #deleteUnused(): void {
    for (const [key, { inUse }] of this.#accounts) {
      if (!inUse) return void this.#accounts.delete(key);
    }
  }
}
