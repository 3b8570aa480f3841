import type { ClientMessage } from "../../client/index.js";
import { referenceOf } from "../../protocol/superseded.js";

/** A reply whose calls were answered, as far as a client shows it. */
export interface ContinuedReply {
  /** What it consists of, with its calls and the answers to these, in their order. */
  envelopes: readonly ClientMessage[];
  /** The id of the last answer: its turn goes on with the reply, unless other calls wait. */
  answer: string;
  /** The last reply of these. */
  newest: ClientMessage;
  /** Whether that goes on from the last answer. */
  hasGoneOn: boolean;
}

/** What has become of a reply. `undefined` if none of its calls is answered. */
export function findContinued(messages: readonly ClientMessage[], reply: ClientMessage): ContinuedReply | undefined {
  const first = firstOf(reply);
  const replies = new Set(messages.filter((one) => isReply(one) && firstOf(one) === first).map(({ id }) => id));
  /** The ids of the replies, by those of their calls. */
  const calls = new Map<unknown, string>();
  for (const one of messages) {
    const by = one.type === "tool_call" ? referenceOf(one, "reply") : undefined;
    if (by !== undefined && replies.has(by)) calls.set(one.id, by);
  }
  const isAnswer = ({ type, state, metadata }: ClientMessage) =>
    type === "tool_result" && state === "sent" && calls.has(metadata?.["inReplyTo"]);
  if (!messages.some((one) => isAnswer(one) && calls.get(one.metadata?.["inReplyTo"]) === reply.id)) return undefined;
  const envelopes = messages.filter((one) => replies.has(one.id) || calls.has(one.id) || isAnswer(one));
  const answerAt = envelopes.findLastIndex(isAnswer);
  const newestAt = envelopes.findLastIndex(isReply);
  const { [answerAt]: answer, [newestAt]: newest } = envelopes;
  return answer && newest && { envelopes, answer: answer.id, newest, hasGoneOn: newestAt > answerAt };
}

export function isReply({ role, type }: ClientMessage): boolean {
  return role === "assistant" && type === "message";
}

/** The id of the first envelope of a reply. */
function firstOf(reply: ClientMessage): string {
  return referenceOf(reply, "continues") ?? reply.id;
}
