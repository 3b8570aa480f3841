import type { ChatMessage } from "../protocol/envelope.js";
import type { ClientEnvelope } from "../protocol/frames.js";
import type { AnswersRequest, ReplySoFar } from "../server/dialects/dialect.js";
import type { ConversationMessage } from "../server/turn/context.js";
import type { ContinuedReply } from "../server/turn/continued-reply.js";
import type { Log } from "./log/log.js";
import type { OpenCalls } from "./open-calls.js";
import { readThread } from "./regeneration.js";

/** The envelopes of answers, and what they answer. */
interface FoundAnswers {
  continues: ReplySoFar;
  answers: (ClientEnvelope & { id: string })[];
}

/**
 * The answers to those calls of a reply that wait for one, of a client that names calls by the model's ids. Where all that it names are
 * answered, the last one again: a repeat is told what has become of the first. The ids are made of those of the calls, so that a repeat is known.
 *
 * @returns `undefined` if the reply has no open call
 */
export function findAnswers(calls: OpenCalls, { reply, answers }: AnswersRequest): FoundAnswers | undefined {
  const kept = calls.findReply(reply);
  if (!kept) return undefined;
  const named = kept.calls.flatMap(({ id, isAnswered }) => {
    const { toolCallId, needsApproval = false } = kept.envelopes.find((one) => one.id === id)?.metadata ?? {};
    const answer = answers.findLast((one) => one.toolCallId === toolCallId && one.isApproval === needsApproval);
    return answer ? [{ id, isAnswered, answer }] : [];
  });
  const waiting = named.filter(({ isAnswered }) => !isAnswered);
  return {
    continues: { id: reply, envelopes: kept.envelopes.map(toShown) },
    answers: (waiting.length > 0 ? waiting : named.slice(-1)).map(({ id, answer: { content, metadata } }) => {
      return { id: `answer-${id}`, type: "tool_result", content, metadata: { ...metadata, inReplyTo: id } };
    }),
  };
}

/** A reply that a turn goes on with, from its first envelope: what is kept of it where the log has lost that. */
export function readReply(log: Log, { root, author, envelopes }: ContinuedReply): ChatMessage[] {
  if (root < log.tail) return envelopes.map(toShown);
  const { turns, replies } = readThread(log, root, author.id);
  return [...turns, ...replies].sort((one, other) => one - other).map((seq) => log.get(seq));
}

/** An envelope as clients have it. */
function toShown({ parts: _, seq: __, ...message }: ConversationMessage): ChatMessage {
  return message;
}
