import type { UIMessageOfHistory, UIPart } from "../history/ui-message.js";

/** A message that `useChat` has. */
export interface HeldMessage {
  readonly id: string;
  readonly parts: readonly { readonly type: string }[];
}

/**
 * The messages of the log, with the answers to calls that the user has given on this page as long as the log has none: `useChat` sends them when
 * all calls of a step are answered. A message that `useChat` has just so is the same object.
 */
export function keepAnswers(logged: UIMessageOfHistory[], held: readonly HeldMessage[]): UIMessageOfHistory[] {
  if (!logged.some(({ parts }) => parts.some(isOpen))) return logged;
  return logged.map((message) => {
    const same = held.find(({ id }) => id === message.id);
    if (!same || !message.parts.some(isOpen)) return message;
    const parts = message.parts.map(
      (part) => (isOpen(part) && same.parts.find((one) => isAnswerTo(part, one))) || part,
    );
    if (JSON.stringify(parts) === JSON.stringify(message.parts)) return message;
    const kept = { ...message, parts: parts as UIPart[] };
    return JSON.stringify(kept) === JSON.stringify(same) ? (same as UIMessageOfHistory) : kept;
  });
}

function isOpen(part: UIPart): boolean {
  return part.type === "dynamic-tool" && (part.state === "approval-requested" || part.state === "input-available");
}

function isAnswerTo(call: UIPart, part: object): boolean {
  const { toolCallId, state }: { toolCallId?: unknown; state?: unknown } = part;
  if (call.type !== "dynamic-tool" || call.toolCallId !== toolCallId) return false;
  return state === "approval-responded" || state === "output-available" || state === "output-error";
}
