import { KeptValue } from "./kept-value.js";

/** What a visitor shows to come back: the worker signs it. */
interface Ticket {
  visitor: string;
  token: string;
  /** When it was got, in milliseconds since the Unix epoch. */
  since: number;
}

/** A ticket older than this, in milliseconds, is exchanged for a fresh one: it lives three times as long. */
const FRESH = 30 * 24 * 60 * 60_000;

/** Gets the visitor's ticket, once, and keeps it in this browser for the next page and the next visit. */
export class TicketOffice {
  readonly #url: string;
  readonly #kept: KeptValue;

  /** @param origin the worker's */
  constructor(origin: string, room: string) {
    this.#url = `${origin}/tickets/${room}`;
    this.#kept = new KeptValue(`workkit.support/${room}/ticket`);
  }

  /** Whether this visitor has been here before. */
  get knowsVisitor(): boolean {
    return this.#read() !== undefined;
  }

  /** The ticket. Nothing is asked of the worker while there is one that is fresh. */
  async ticket(): Promise<Ticket> {
    const before = this.#read();
    if (before !== undefined && Date.now() - before.since < FRESH) return before;
    const response = await fetch(this.#url, { method: "POST", body: before?.token ?? "", credentials: "omit" });
    // One that the worker no longer takes is shown as it is: the conversation refuses it, and the panel says so.
    if (response.status === 401 && before !== undefined) return before;
    if (!response.ok) throw new Error(`${this.#url} gave no ticket: ${response.status} ${await response.text()}`);
    const { visitor, token }: Ticket = await response.json();
    // Another window may have been faster: all windows of a browser are one visitor.
    const meanwhile = this.#read();
    if (before === undefined && meanwhile !== undefined) return meanwhile;
    const ticket = { visitor, token, since: Date.now() };
    this.#kept.set(JSON.stringify(ticket));
    return ticket;
  }

  /** The visitor is somebody new from now on. */
  forget(): void {
    this.#kept.set(undefined);
  }

  #read(): Ticket | undefined {
    try {
      return JSON.parse(this.#kept.get() ?? "null") ?? undefined;
    } catch {
      return undefined;
    }
  }
}
