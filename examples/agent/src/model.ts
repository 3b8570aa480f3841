import type { ModelMessageOfHistory } from "@workkit/chat/ai";
import type { Call } from "./agent.js";

const WORD_MS = 40;

const HELP = `I am the assistant of a small shop. Ask me where order 1041, 1042 or 1043 is, ask for a refund, or ask about our terms.`;

const TERMS = `You have thirty days to send anything back, counted from the day it reached you, and you need not say why.

Pack it so that it survives the way. A cup that broke because it travelled loose in its box is a sad cup, and yours.

We pay back what you paid, postage included, on the day on which the parcel arrives here. Until then the money is yours and the cup is ours, which is the whole of the law.

If the fault is ours, write first. Most of what is broken we replace without seeing it again.`;

/**
 * The stand-in for a model, which needs no key and no network: a few rules, and words that come one by one. Ask your own model here, with the same
 * messages and the signal, and yield its text and its calls.
 */
export async function* generate(
  messages: readonly ModelMessageOfHistory[],
  signal: AbortSignal,
): AsyncGenerator<string | Call, void> {
  const { text, call } = answer(messages);
  for (const word of text.match(/\S+\s*/g) ?? []) {
    await scheduler.wait(WORD_MS, { signal });
    yield word;
  }
  if (call !== undefined) yield { ...call, id: crypto.randomUUID() };
}

interface Answer {
  text: string;
  call?: Omit<Call, "id">;
}

function answer(messages: readonly ModelMessageOfHistory[]): Answer {
  const question = textOf(messages.findLast(({ role }) => role === "user"));
  const newest = messages.at(-1);
  if (newest?.role === "tool") {
    const result = newest.content.find((part) => part.type === "tool-result");
    return result ? toWords(result, question) : { text: HELP };
  }
  const number = /\b\d{4}\b/.exec(question)?.[0];
  if (number !== undefined) {
    return { text: `Let me look at order ${number}.`, call: { name: "look_up_order", arguments: { number } } };
  }
  return { text: /\b(terms|return|send back|policy)/i.test(question) ? TERMS : HELP };
}

/** What there is to say, or to do, once a tool has answered. */
function toWords({ toolName, output }: ToolResult, question: string): Answer {
  if (output.type === "error-text") {
    return { text: "I cannot tell whether that was done. I will not do it a second time: a person will look at it." };
  }
  const { number, items, total, status, refunds } = JSON.parse(String(output.value));
  if (items === undefined) return { text: `There is no order ${number}. I know 1041, 1042 and 1043.` };
  if (toolName === "refund_order") return { text: `Done: ${total} for ${items} are on their way back to you.` };
  if (refunds > 0)
    return { text: `Order ${number}, ${items}, was paid back ${refunds === 1 ? "once" : `${refunds} times`}.` };
  if (!/\b(refund|money back|pay back)/i.test(question)) return { text: `Order ${number}, ${items}, is ${status}.` };
  return {
    text: `It is ${items}, for ${total}. I pay that back.`,
    call: { name: "refund_order", arguments: { number } },
  };
}

type ToolResult = Extract<Extract<ModelMessageOfHistory, { role: "tool" }>["content"][number], { type: "tool-result" }>;

function textOf(message: ModelMessageOfHistory | undefined): string {
  return message?.content.map((part) => ("text" in part ? part.text : "")).join("") ?? "";
}
