/** Milliseconds after which a turn that is still owed is looked for. */
const RECOVERY_DELAY = 30_000;

/**
 * Wakes the object for turns that were interrupted, where the application asked for that guarantee (P11). An alarm that the
 * application has set for itself is left alone: it wakes the object as well, and recovery comes with waking.
 */
export class RecoveryAlarm {
  #armed = false;

  constructor(
    private readonly storage: DurableObjectStorage,
    private readonly enabled: boolean,
  ) {}

  arm(owed: boolean): void {
    if (!this.enabled || !owed || this.#armed) return;
    this.#armed = true;
    void this.#set();
  }

  /** An alarm has woken the object. */
  fired(owed: boolean): void {
    this.#armed = false;
    this.arm(owed);
  }

  async #set(): Promise<void> {
    if ((await this.storage.getAlarm()) === null) await this.storage.setAlarm(Date.now() + RECOVERY_DELAY);
  }
}
