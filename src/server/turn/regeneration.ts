import type { ChatMessage } from "../../protocol/envelope.js";
import type { EnvelopeReference } from "../../protocol/regenerates.js";

/** What is answered again. */
export interface Regeneration {
  /** What the request names: a reply, or a message that has none. */
  reference: EnvelopeReference;
  /** The message that is answered, and its place. */
  message: ChatMessage;
  seq: number;
  /** The id of the reply that the new one supersedes; `undefined` if there is none. */
  supersedes: string | undefined;
}
