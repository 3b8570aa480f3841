import { findSuperseded } from "../../protocol/superseded.js";
import { Conversation, type MessageOfHistory } from "./conversation.js";
import type { UIMessageOfHistory } from "./ui-message.js";

/**
 * The conversation in the shape of the AI SDK's `UIMessage`s. Replies that were superseded are left out, a reply that continues another
 * one is part of it, and results that were sent later are at their calls. A result whose call is not in the history is left out.
 *
 * @param history envelopes in the order of the log, as `context.history` or `history` of `chatSession` returns them
 *
 * @example
 * const messages = toUIMessages(await context.history({ limit: 100 }));
 */
export function toUIMessages(history: readonly MessageOfHistory[]): UIMessageOfHistory[] {
  const conversation = new Conversation();
  const superseded = findSuperseded(history);
  for (const message of history) if (!superseded.has(message)) conversation.add(message);
  return [...conversation.messages.values()];
}
