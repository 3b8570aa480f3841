import type { CallJournal, Turn } from "../server/turn/turn.js";
import type { SessionContext } from "./session-context.js";

/** The calls of `context.once`, in the rows that turns keep until they end: one when a call begins, and one with its result. */
export class SessionCallJournal implements CallJournal {
  readonly #session: SessionContext;

  constructor(session: SessionContext) {
    this.#session = session;
  }

  async begin({ seq = 0, slots }: Turn, key: string): Promise<number> {
    const { log, queue } = this.#session;
    // Its message is in the log before it: no other one can get that seq.
    queue.flush();
    const slot = log.turns.save({ ref: seq, key, body: null });
    slots.push(slot);
    await log.synced();
    return slot;
  }

  finish({ seq = 0 }: Turn, key: string, slot: number, body: string): void {
    this.#session.log.turns.save({ ref: seq, key, body }, slot);
  }

  forget({ slots }: Turn, slot: number): void {
    const { turns } = this.#session.log;
    turns.save({ ref: 0, key: null, body: null }, slot);
    turns.release(slot);
    slots.splice(slots.indexOf(slot), 1);
  }

  read(key: string, slot: number): unknown {
    return this.#session.log.turns.result(slot, key);
  }
}
