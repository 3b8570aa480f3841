import { exceedsBytes, stringify } from "../protocol/codec.js";
import type { Author, ChatMessage } from "../protocol/envelope.js";
import { ChatError, textOf } from "../protocol/errors.js";
import { MAX_CALL_INPUTS } from "../protocol/limits.js";
import { toAuthor } from "../server/access/identity.js";
import { openCallsOf, toCallEnvelope } from "../server/turn/reply-calls.js";
import type { Turn } from "../server/turn/turn.js";
import { readConversation } from "./history.js";
import { toKeptEnvelopes } from "./open-calls.js";
import type { SessionContext } from "./session-context.js";

/**
 * The envelopes of the calls that the last reply of a turn leaves open; none if there is no room for them (P12).
 *
 * @param isAppended whether the reply is in the log: what is wrong can no longer be said in it
 * @throws ChatError `BUSY` then
 */
export function toOpenCalls(
  session: SessionContext,
  turn: Turn,
  reply: ChatMessage,
  isAppended: boolean,
): ChatMessage[] {
  const { log, calls, settings } = session;
  const parts = openCallsOf(reply);
  if (parts.length === 0 || turn.seq === undefined) return [];
  const author = authorOf(turn);
  const areLarge = exceedsBytes(stringify(parts.map(({ input }) => input)), MAX_CALL_INPUTS);
  if (!areLarge && !calls.isFull(author.id, parts.length)) {
    const expiresAt = log.now() + settings.answerTimeout;
    return parts.map((part) => toCallEnvelope(part, reply.id, turn.message.id, author, expiresAt));
  }
  const error = new ChatError(
    "BUSY",
    areLarge ? "The inputs of the calls are too large." : "Too many calls wait for answers.",
  );
  if (isAppended) throw error;
  reply.metadata = { ...reply.metadata, finish: "error", error: { code: error.code, text: textOf(error) } };
  return [];
}

/** Opens calls that were appended. They, and all before them, are committed with it. */
export function openCalls(
  { log, queue, calls }: SessionContext,
  turn: Turn,
  reply: ChatMessage,
  opened: readonly ChatMessage[],
): void {
  const seq = queue.find(reply.id, null);
  const root = turn.continued?.root ?? turn.regeneration?.seq ?? turn.seq;
  if (opened.length === 0 || seq === undefined || root === undefined) return;
  const first = log.newest - opened.length + 1;
  queue.flush();
  const author = authorOf(turn);
  const { message } = turn.regeneration ?? turn;
  const asked = turn.continued ? turn.continued.envelopes.find((one) => one.seq === root) : { ...message, seq: root };
  // As the next turn is to be given it: with its private parts.
  const [whole = { ...reply, seq }] = readConversation(log, seq + 1, 1);
  const envelopes = toKeptEnvelopes(asked, whole);
  const expiresAt = Number(opened[0]?.metadata?.["expiresAt"]);
  calls.open(
    { id: turn.continued?.id ?? reply.id, author: author.id, root, reply: seq, expiresAt },
    { author, envelopes },
    opened.map((call, at) => ({ ...call, seq: first + at })),
  );
}

/** Whose calls they are: who has asked what the reply answers. */
function authorOf({ continued, identity }: Turn): Author {
  return continued?.author ?? toAuthor(identity);
}
