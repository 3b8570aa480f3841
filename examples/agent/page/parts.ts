import type { ClientMessage } from "@workkit/chat/client";

/** A text, or a call of a tool with its state. */
export type Part =
  | { type: "text"; text: string }
  | { type: "dynamic-tool"; toolName: string; state: string; input?: { number?: string } };

/** What a message consists of. Once a reply is complete its texts are ranges of its `content`. */
export function partsOf(message: ClientMessage): Part[] {
  const { content, metadata } = message;
  const parts = message.state === "streaming" ? message.parts : metadata?.["parts"];
  if (!Array.isArray(parts)) return [{ type: "text", text: content }];
  return parts.flatMap((part) => {
    if (part.type === "dynamic-tool") return [part];
    return part.type === "text" ? [{ type: "text", text: part.text ?? content.slice(part.start, part.end) }] : [];
  });
}

const CALLS: Record<string, { doing: string; done: string }> = {
  look_up_order: { doing: "Looking up order", done: "Looked up order" },
  refund_order: { doing: "Paying back order", done: "Paid back order" },
};

/** What a call is to a reader. */
export function wordsOf({ toolName, state, input }: Part & { type: "dynamic-tool" }): string {
  const { doing, done } = CALLS[toolName] ?? { doing: toolName, done: toolName };
  const order = input?.number ?? "";
  if (state === "output-available") return `${done} ${order}`;
  return state === "output-error" ? `${doing} ${order} did not work` : `${doing} ${order} …`;
}
