import type { ChatMessage } from "../../protocol/envelope.js";
import { referenceOf } from "../../protocol/superseded.js";
import { JSON_TYPE } from "./read-answers.js";
import { readParts } from "./read-parts.js";
import type { UIMessageOfHistory, UIPart, UIToolPart } from "./ui-message.js";

/** An envelope of a history. One of `context.history` has all parts of a streamed reply, private ones included. */
export type MessageOfHistory = ChatMessage & { readonly parts?: readonly object[] };

/** Makes the messages of the AI SDK of envelopes, which are added in the order of the log. */
export class Conversation {
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
    const parts = continueParts(before, readParts(content, message.parts ?? stored));
    this.messages.set(first, { id: first, role: "assistant", parts, metadata: rest });
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

/** The parts of a reply, with those of a turn that goes on with it. What that has made of the calls that were open stands at these calls. */
export function continueParts(before: readonly UIPart[], parts: readonly UIPart[]): UIPart[] {
  const all = [...before];
  const own = parts.filter((part) => !replaceCall(all, part));
  const isNewStep = all.length > 0 && own.length > 0 && own[0]?.type !== "step-start";
  return [...all, ...(isNewStep ? [{ type: "step-start" } as const] : []), ...own];
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
  const { approved, reason, isError } = metadata;
  if (part.state === "approval-requested" && typeof approved === "boolean") {
    const approval = { ...part.approval, approved, ...(typeof reason === "string" && { reason }) };
    return { ...part, state: "approval-responded", approval };
  }
  if (part.state !== "input-available") return part;
  if (isError === true) return { ...part, state: "output-error", errorText: content };
  return { ...part, state: "output-available", output: readOutput(content, metadata) };
}

/** What a tool has returned: a text, or what was a JSON value. */
function readOutput(content: string, { mediaType }: Readonly<Record<string, unknown>>): unknown {
  try {
    return mediaType === JSON_TYPE ? JSON.parse(content) : content;
  } catch {
    return content;
  }
}
