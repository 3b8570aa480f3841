import type { ChatSnapshot, ClientMessage } from "@workkit/chat/client";
import { speakerOf, type Unread } from "@workkit/chat/page";
import { KeptValue } from "./kept-value.js";

/** What this visitor has not read, in whichever window, over reloads. */
export class KeptUnread implements Unread {
  count = 0;
  /** The key of the first unread message; it stays while that is read, for the line before it. */
  first: string | undefined;
  /** The newest unread message. */
  newest: ClientMessage | undefined;
  readonly #upTo: KeptValue;

  /** @param changed called when another window has read on */
  constructor(room: string, changed: () => void) {
    this.#upTo = new KeptValue(`workkit.support/${room}/read`);
    this.#upTo.watch(changed);
  }

  /** @param isReading whether all that is there is being seen */
  update(snapshot: ChatSnapshot, isReading: boolean): void {
    const { messages, identity, status } = snapshot;
    const newest = messages.findLast(({ seq }) => seq !== undefined)?.seq ?? 0;
    // A log that ends before that place was cleared.
    if (isReading ? newest > this.#read : status === "live" && newest < this.#read) this.#upTo.set(String(newest));
    const unread = messages.filter((message) => {
      return (message.seq ?? 0) > this.#read && speakerOf(message, identity).voice !== "own";
    });
    if (this.count === 0 && unread[0]) this.first = unread[0].key;
    // Who writes has read.
    if (messages.at(-1)?.state === "pending") this.first = undefined;
    this.count = unread.length;
    this.newest = unread.at(-1);
  }

  forget(): void {
    this.#upTo.set(undefined);
  }

  get #read(): number {
    return Number(this.#upTo.get() ?? 0);
  }
}
