/** A durable envelope on its way: it stays in the outbox until the server acks or refuses it. */
export interface OutboxEntry {
  readonly id: string;
  readonly content: string;
  /** The cursor when it was first sent; a resend carries it as `after`. Unset while it was never sent. */
  after?: string;
  /** Refused for its rate, waiting for its second try. What follows it must wait as well, or it would overtake. */
  held: boolean;
}

/** What has not been acked, in the order it was said. */
export class Outbox {
  readonly #entries = new Map<string, OutboxEntry>();

  add(id: string, content: string): OutboxEntry {
    const entry: OutboxEntry = { id, content, held: this.holding };
    this.#entries.set(id, entry);
    return entry;
  }

  /** Takes an entry out: it was acked, refused for good, or seen in the log. */
  settle(id: string): boolean {
    return this.#entries.delete(id);
  }

  /** Holds back the entry and everything after it. */
  hold(id: string): boolean {
    let found = false;
    for (const entry of this.#entries.values()) {
      if (entry.id === id) found = true;
      if (found) entry.held = true;
    }
    return found;
  }

  /** Ends the holding back. */
  release(): void {
    for (const entry of this.#entries.values()) entry.held = false;
  }

  get holding(): boolean {
    return this.entries().some((entry) => entry.held);
  }

  entries(): OutboxEntry[] {
    return [...this.#entries.values()];
  }
}
