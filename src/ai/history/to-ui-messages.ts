import type { ChatMessage } from "../../protocol/envelope.js";
import { findSuperseded, referenceOf } from "../../protocol/superseded.js";
import { readParts } from "./read-parts.js";
import type { UIMessageOfHistory, UIPart, UIToolPart } from "./ui-message.js";

/** An envelope of a history. One of `context.history` has all parts of a streamed reply, private ones included. */
export type MessageOfHistory = ChatMessage & { readonly parts?: readonly object[] };

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

class Conversation {
  /** By their ids, in their order. */
  readonly messages = new Map<string, UIMessageOfHistory>();
  /** The model's ids of the calls that envelopes of type `tool_call` stand for, by the ids of these. */
  readonly #calls = new Map<string, unknown>();

  add(message: MessageOfHistory): void {
    const { id, type, role, content, metadata = {} } = message;
    if (type === "tool_call" && role === "assistant") this.#calls.set(id, metadata["toolCallId"]);
    else if (type === "tool_result") this.#answer(message);
    else if (type === "message" && role === "assistant") this.#addReply(message);
    else if ((type === "message" || type === "system") && content !== "") {
      this.messages.set(id, { id, role, parts: [{ type: "text", text: content }], metadata });
    }
  }

  #addReply(message: MessageOfHistory): void {
    const { id, content, metadata = {} } = message;
    const first = referenceOf(message, "continues") ?? id;
    const { parts: stored, ...rest } = metadata;
    const before = this.messages.get(first)?.parts ?? [];
    // What the turn has made of the calls that were open stands at these calls.
    const parts = readParts(content, message.parts ?? stored).filter((part) => !replaceCall(before, part));
    const isContinued = before.length > 0 && parts.length > 0 && parts[0]?.type !== "step-start";
    const all = [...before, ...(isContinued ? [{ type: "step-start" } as const] : []), ...parts];
    this.messages.set(first, { id: first, role: "assistant", parts: all, metadata: rest });
  }

  /** Only the first answer to a call counts. */
  #answer({ content, metadata = {} }: ChatMessage): void {
    const toolCallId = this.#calls.get(String(metadata["inReplyTo"]));
    if (toolCallId === undefined) return;
    for (const { parts } of [...this.messages.values()].reverse()) {
      const at = parts.findLastIndex((part) => part.type === "dynamic-tool" && part.toolCallId === toolCallId);
      const part = parts[at];
      if (part?.type !== "dynamic-tool") continue;
      parts[at] = answered(part, content, metadata);
      return;
    }
  }
}

/** Whether a part is the result of a call that is there and has none: it takes its place. Models use their ids again. */
function replaceCall(parts: UIPart[], part: UIPart): boolean {
  if (part.type !== "dynamic-tool" || !part.state.startsWith("output-")) return false;
  const at = parts.findLastIndex((one) => one.type === "dynamic-tool" && one.toolCallId === part.toolCallId);
  const call = parts[at];
  if (call?.type !== "dynamic-tool" || call.state.startsWith("output-")) return false;
  parts[at] = part;
  return true;
}

function answered(part: UIToolPart, content: string, metadata: Readonly<Record<string, unknown>>): UIToolPart {
  const { approved, reason } = metadata;
  if (part.state === "approval-requested" && typeof approved === "boolean") {
    const approval = { ...part.approval, approved, ...(typeof reason === "string" && { reason }) };
    return { ...part, state: "approval-responded", approval };
  }
  return part.state === "input-available" ? { ...part, state: "output-available", output: content } : part;
}
