import type { Author } from "../../protocol/envelope.js";
import type { ConversationMessage } from "./context.js";
import type { Continuation } from "./continuation.js";

/** The reply that a turn goes on with, as the session knows it. */
export interface ContinuedReply extends Continuation {
  /** Who asked what the reply answers, and at which seq. */
  readonly author: Author;
  readonly root: number;
  /** The message, the reply, its calls and their answers, in the order of the log, which may have lost them. */
  readonly envelopes: readonly ConversationMessage[];
}
