import type { ChatMessage } from "../../protocol/envelope.js";
import type { ChatSnapshot } from "../snapshot.js";
import type { LivePart } from "./live-part.js";
import { TypingUsers } from "./typing-users.js";

/** What is shown beside the log and lasts as long as the connection: who types. Each kind is a `LivePart` in a file of its own. */
export class LiveState {
  readonly #typing: TypingUsers;
  readonly #parts: readonly LivePart[];

  /** @param onChange is called when `read()` has something new */
  constructor(onChange: () => void) {
    this.#typing = new TypingUsers(onChange);
    this.#parts = [this.#typing];
  }

  read(): Pick<ChatSnapshot, "typing"> {
    return { typing: this.#typing.list() };
  }

  /** Applies an envelope to each kind: one that is in no log, or one that has entered the timeline. */
  apply(envelope: ChatMessage): void {
    for (const part of this.#parts) part.apply(envelope);
  }

  clear(): void {
    for (const part of this.#parts) part.clear();
  }
}
