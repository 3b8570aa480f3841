import type { ReplyPart } from "../../protocol/chunk.js";
import type { Author, ChatMessage } from "../../protocol/envelope.js";
import { createMessageId } from "../../protocol/ids.js";

const OPEN_STATES: readonly unknown[] = ["input-available", "approval-requested"];

/** The calls that a reply leaves to its readers: those without a result, of a reply that ends with `tool-calls`. */
export function openCallsOf({ metadata }: ChatMessage): ReplyPart[] {
  const parts = metadata?.["finish"] === "tool-calls" ? metadata["parts"] : undefined;
  return Array.isArray(parts) ? parts.filter(isOpenCall) : [];
}

function isOpenCall({ type, state, providerExecuted }: ReplyPart): boolean {
  return type === "dynamic-tool" && OPEN_STATES.includes(state) && !providerExecuted;
}

/** The envelope of an open call. PROTOCOL.md, "Tools and approvals". */
export function toCallEnvelope(
  { toolCallId, toolName, input, state }: ReplyPart,
  reply: string,
  inReplyTo: string,
  author: Author,
  expiresAt: number,
): ChatMessage {
  const needsApproval = state === "approval-requested";
  return {
    id: createMessageId(),
    type: "tool_call",
    role: "assistant",
    content: String(toolName),
    metadata: {
      inReplyTo,
      reply,
      toolCallId,
      toolName,
      input,
      ...(needsApproval && { needsApproval }),
      for: author,
      expiresAt,
    },
    timestamp: 0,
  };
}
