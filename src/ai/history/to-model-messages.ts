import type { Json, ProviderMetadata } from "../adapters/model-chunk.js";
import type { MessageOfHistory } from "./conversation.js";
import { toUIMessages } from "./to-ui-messages.js";
import type { UIPart, UIToolPart } from "./ui-message.js";

interface Options {
  providerOptions?: ProviderMetadata;
}

type ToolOutput = { type: "text" | "error-text"; value: string } | { type: "json" | "error-json"; value: Json };

type ToolResult = { type: "tool-result"; toolCallId: string; toolName: string; output: ToolOutput } & Options;

type ApprovalRequest = { type: "tool-approval-request"; approvalId: string; toolCallId: string };

type ApprovalResponse = { type: "tool-approval-response"; approvalId: string; approved: true };

type AssistantPart =
  | ({ type: "text" | "reasoning"; text: string } & Options)
  | ({ type: "custom"; kind: `${string}.${string}` } & Options)
  | ({ type: "tool-call"; toolCallId: string; toolName: string; input: unknown; providerExecuted?: boolean } & Options)
  | ToolResult
  | ApprovalRequest;

/** A message for a model, in the shape of the AI SDK's `ModelMessage`. */
export type ModelMessageOfHistory =
  | { role: "user"; content: { type: "text"; text: string }[] }
  | { role: "assistant"; content: AssistantPart[] }
  | { role: "tool"; content: (ToolResult | ApprovalResponse)[] };

/** What the model is told of a result that is not in the history: of an envelope that is not from `context.history`. */
const NOT_KEPT = "The result of this call was not kept.";

/** What the model is told of a call that nobody has answered: providers refuse a call without a result. */
const NO_RESULT = "This call was interrupted. It has no result.";

/**
 * The conversation as a model takes it, in the shape of the AI SDK's `ModelMessage`s. It begins with a user's message; each call has its
 * result, and each result its call. A call that was just allowed has the answer in place of the result: the AI SDK runs it. Messages of the system, files and sources are left out, and so are replies without a word.
 *
 * @param history envelopes in the order of the log, as `context.history` or `history` of `chatSession` returns them
 *
 * @example
 * const result = streamText({ model, messages: toModelMessages(await context.history({ limit: 100 })) });
 */
export function toModelMessages(history: readonly MessageOfHistory[]): ModelMessageOfHistory[] {
  const messages: ModelMessageOfHistory[] = [];
  const conversation = toUIMessages(history);
  const last = conversation.at(-1)?.parts ?? [];
  for (const { role, parts } of conversation) {
    if (role === "user")
      messages.push({ role, content: parts.filter(isText).map(({ text }) => ({ type: "text", text })) });
    // A conversation whose beginning was pruned, or not asked for, may begin with a reply. Providers refuse that.
    else if (role === "assistant" && messages.length > 0) {
      const steps = stepsOf(parts);
      for (const step of steps) pushStep(step, messages, parts === last && step === steps.at(-1));
    }
  }
  return messages.filter(({ content }) => content.length > 0);
}

/** Text that is only white space is refused by providers, and says nothing. */
function isText(part: UIPart): part is UIPart & { type: "text" } {
  return part.type === "text" && part.text.trim() !== "";
}

function stepsOf(parts: readonly UIPart[]): UIPart[][] {
  const steps: UIPart[][] = [[]];
  for (const part of parts) {
    if (part.type === "step-start") steps.push([]);
    else steps.at(-1)?.push(part);
  }
  return steps;
}

/** @param isLast whether nothing follows: what was allowed then is still to be run */
function pushStep(step: readonly UIPart[], messages: ModelMessageOfHistory[], isLast: boolean): void {
  const content: AssistantPart[] = [];
  const results: (ToolResult | ApprovalResponse)[] = [];
  for (const part of step) {
    if (part.type === "reasoning" || isText(part)) content.push(toSpeech(part));
    if (part.type === "custom") content.push({ type: part.type, kind: part.kind, ...optionsOf(part.providerMetadata) });
    if (part.type !== "dynamic-tool") continue;
    content.push(toCall(part));
    const { toolCallId } = part;
    if (isLast && part.state === "approval-responded" && part.approval.approved) {
      const { id: approvalId } = part.approval;
      content.push({ type: "tool-approval-request", approvalId, toolCallId });
      results.push({ type: "tool-approval-response", approvalId, approved: true });
    } else (part.providerExecuted ? content : results).push(toResult(part));
  }
  // Reasoning alone is what is left of a reply that was stopped. No provider takes it back.
  if (content.every(({ type }) => type === "reasoning")) return;
  messages.push({ role: "assistant", content });
  if (results.length > 0) messages.push({ role: "tool", content: results });
}

function toSpeech({ type, text, providerMetadata }: UIPart & { type: "text" | "reasoning" }): AssistantPart {
  return { type, text, ...optionsOf(providerMetadata) };
}

function toCall(part: UIToolPart): AssistantPart {
  const { toolCallId, toolName, input, providerExecuted, state } = part;
  const metadata = part.callProviderMetadata ?? (state === "output-error" ? part.resultProviderMetadata : undefined);
  const call = { type: "tool-call" as const, toolCallId, toolName, input: input ?? {}, ...optionsOf(metadata) };
  return providerExecuted ? { ...call, providerExecuted } : call;
}

function toResult(part: UIToolPart): ToolResult {
  const { toolCallId, toolName, providerExecuted, callProviderMetadata: metadata } = part;
  const options = optionsOf(providerExecuted ? (part.resultProviderMetadata ?? metadata) : metadata);
  return { type: "tool-result", toolCallId, toolName, output: toOutput(part), ...options };
}

function optionsOf(metadata: ProviderMetadata | undefined): Options {
  return metadata ? { providerOptions: metadata } : {};
}

function toOutput(part: UIToolPart): ToolOutput {
  if (part.state === "output-available") {
    const { output: value } = part;
    if (value === undefined) return { type: "text", value: NOT_KEPT };
    return typeof value === "string" ? { type: "text", value } : { type: "json", value: value as Json };
  }
  if (part.state === "output-error") {
    return { type: part.providerExecuted ? "error-json" : "error-text", value: part.errorText };
  }
  const approval = "approval" in part && "approved" in part.approval ? part.approval : undefined;
  const { reason } = approval ?? {};
  if (approval?.approved === false) return { type: "error-text", value: reason ?? "Tool call execution denied." };
  return { type: "error-text", value: NO_RESULT };
}
