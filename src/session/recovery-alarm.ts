/** Milliseconds after which a turn that is still owed is looked for. */
const RECOVERY_DELAY = 30_000;

/**
 * Wakes the object for turns that were interrupted, where the application asked for that guarantee (P11) and left us the
 * object's one alarm. An alarm that is set all the same is left alone: it is not ours to lose.
 */
export class RecoveryAlarm {
  #armed = false;

  readonly #storage: DurableObjectStorage;
  readonly #enabled: boolean;

  constructor(storage: DurableObjectStorage, enabled: boolean) {
    this.#storage = storage;
    this.#enabled = enabled;
  }

  arm(owed: boolean): void {
    if (!this.#enabled || !owed || this.#armed) return;
    this.#armed = true;
    void this.#set();
  }

  /** An alarm has woken the object. */
  fired(owed: boolean): void {
    this.#armed = false;
    this.arm(owed);
  }

  async #set(): Promise<void> {
    if ((await this.#storage.getAlarm()) === null) await this.#storage.setAlarm(Date.now() + RECOVERY_DELAY);
  }
}
