import type { UIToolPart } from "../history/ui-message.js";
import type { UIChunk } from "./ui-chunk.js";

/** The chunks that bring a call of a tool from one state to another. @param before `undefined` for a call that is new */
export function toToolChunks(part: UIToolPart, before: UIToolPart | undefined): UIChunk[] {
  if (before && JSON.stringify(before) === JSON.stringify(part)) return [];
  const chunks: UIChunk[] = before ? [] : [toInput(part)];
  const isAsked = before && "approval" in before;
  if ("approval" in part && !isAsked) {
    chunks.push({ type: "tool-approval-request", toolCallId: part.toolCallId, approvalId: part.approval.id });
  }
  return [...chunks, ...toOutcome(part)];
}

function toInput(part: UIToolPart): UIChunk {
  const { toolCallId, toolName, title, input, providerExecuted, callProviderMetadata } = part;
  return {
    type: "tool-input-available",
    toolCallId,
    toolName,
    dynamic: true,
    input: input ?? {},
    ...(title !== undefined && { title }),
    ...(providerExecuted && { providerExecuted }),
    ...(callProviderMetadata && { providerMetadata: callProviderMetadata }),
  };
}

function toOutcome(part: UIToolPart): UIChunk[] {
  const { toolCallId, providerExecuted } = part;
  const call = { toolCallId, dynamic: true as const, ...(providerExecuted && { providerExecuted }) };
  switch (part.state) {
    case "approval-responded": {
      const { id: approvalId, approved, reason } = part.approval;
      return [{ type: "tool-approval-response", approvalId, approved, ...(reason !== undefined && { reason }) }];
    }
    case "output-available":
      return [{ type: "tool-output-available", ...call, output: part.output ?? null }];
    case "output-error":
      return [{ type: "tool-output-error", ...call, errorText: part.errorText }];
    case "output-denied":
      return [{ type: "tool-output-denied", toolCallId }];
    default:
      return [];
  }
}
