import type { ChatMessage } from "../../protocol/envelope.js";

/** One kind of state that is in no log. It is empty when a connection begins, and the server sends it again. */
export interface LivePart {
  /** Applies an envelope, be it of this kind or one that ends what it announced: a message ends the typing of its author. */
  apply(envelope: ChatMessage): void;
  /** Drops everything, as the connection has ended. */
  clear(): void;
}
