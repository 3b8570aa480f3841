import type { ChatMessage } from "../../protocol/envelope.js";
import { Conversation } from "../history/conversation.js";
import type { UIPart } from "../history/ui-message.js";

/** The message that a turn goes on with. */
export interface MessageSoFar {
  id: string;
  parts: readonly UIPart[];
  /** Its parts as the reader has them; none if it is to be shown all. */
  shown: readonly UIPart[];
}

/**
 * The message of a reply that a turn goes on with.
 *
 * @param id of its first envelope
 * @param envelopes all there is of it, with its calls and their answers
 * @param isShown whether the reader has it, but for the answers to its last calls
 */
export function toMessageSoFar(id: string, envelopes: readonly ChatMessage[], isShown: boolean): MessageSoFar {
  const last = envelopes.findLastIndex(({ type, role }) => type === "message" && role === "assistant");
  const asked = envelopes.filter(({ type }, at) => at <= last || type !== "tool_result");
  return { id, parts: partsOf(id, envelopes), shown: isShown ? partsOf(id, asked) : [] };
}

function partsOf(id: string, envelopes: readonly ChatMessage[]): readonly UIPart[] {
  const conversation = new Conversation();
  for (const envelope of envelopes) conversation.add(envelope);
  return conversation.messages.get(id)?.parts ?? [];
}
