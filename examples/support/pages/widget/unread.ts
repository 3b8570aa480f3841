import { type ChatSnapshot, readAuthor } from "@workkit/chat/client";
import { KeptValue } from "./kept-value.js";

/** How far this visitor has read, in whichever window. */
export class Unread {
  readonly #kept: KeptValue;

  /** @param changed called when another window has read on */
  constructor(room: string, changed: () => void) {
    this.#kept = new KeptValue(`workkit.support/${room}/read`);
    this.#kept.watch(changed);
  }

  /** How many messages of others have not been read. */
  count(snapshot: ChatSnapshot): number {
    // A log that ends before that place was cleared.
    if (snapshot.status === "live" && this.#upTo > headOf(snapshot)) this.forget();
    const { messages, identity } = snapshot;
    return messages
      .filter(({ seq = 0 }) => seq > this.#upTo)
      .filter((message) => readAuthor(message)?.id !== identity?.id).length;
  }

  /** All that is shown has been read. */
  markRead(snapshot: ChatSnapshot): void {
    const head = headOf(snapshot);
    if (head > this.#upTo) this.#kept.set(String(head));
  }

  forget(): void {
    this.#kept.set(undefined);
  }

  get #upTo(): number {
    return Number(this.#kept.get() ?? 0);
  }
}

function headOf({ messages }: ChatSnapshot): number {
  return messages.findLast(({ seq }) => seq !== undefined)?.seq ?? 0;
}
