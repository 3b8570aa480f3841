import type { ChatClient, ClientMessage } from "../../client/index.js";
import { listToolCalls } from "../../page/tool-calls.js";
import { referenceOf } from "../../protocol/superseded.js";
import { readAnswers } from "../history/read-answers.js";

/** Answers those calls of a reply that wait for it, as a message of `useChat` says. Returns the id of the last answer, if there is any. */
export function answerCalls(client: ChatClient, { id, parts }: { id: string; parts: unknown }): string | undefined {
  const { messages } = client.getSnapshot();
  const answers = readAnswers(parts);
  let last: string | undefined;
  for (const call of listToolCalls(messages)) {
    const { toolCallId, needsApproval } = call;
    const answer = answers.findLast((one) => one.toolCallId === toolCallId && one.isApproval === needsApproval);
    if (!answer || !call.isOpen || firstOf(messages, call.reply) !== id) continue;
    last = client.answer(call.id, { ...answer.metadata, content: answer.content });
  }
  return last;
}

/** The id of the first envelope of a reply. */
function firstOf(messages: readonly ClientMessage[], reply: string): string {
  const message = messages.find((one) => one.id === reply && one.role === "assistant");
  return (message && referenceOf(message, "continues")) ?? reply;
}
