import type { SequencedMessage } from "../protocol/frames.js";
import { MAX_HISTORY_BYTES } from "../protocol/limits.js";
import { joinParts } from "../server/stream/private-parts.js";
import type { ConversationMessage } from "../server/turn/context.js";
import { fitting } from "./log/fitting.js";
import { type Log, parseBody } from "./log/log.js";

/** The newest envelopes before a seq, oldest first: as many as were asked for and fit one answer. */
export function readBefore(log: Log, before: number, limit: number): SequencedMessage[] {
  return toMessages(log.readBack(before, limit)).reverse();
}

/** The oldest envelopes after a seq, in the same bounds. */
export function readAfter(log: Log, after: number, limit: number): SequencedMessage[] {
  return toMessages(log.read(after, limit));
}

/** The same as `readBefore` for the application's handler alone: replies have their private parts. */
export function readConversation(log: Log, before: number, limit: number): ConversationMessage[] {
  const entries = [...fitting(log.readBack(before, limit, true), MAX_HISTORY_BYTES)];
  return entries.reverse().map(({ seq, body, private: hidden }) => {
    const message = parseBody(body);
    const parts = joinParts(message, hidden);
    return { seq, ...message, ...(parts && { parts }) };
  });
}

function toMessages(entries: ReturnType<Log["read"]>): SequencedMessage[] {
  return [...fitting(entries, MAX_HISTORY_BYTES)].map(({ seq, body }) => ({ seq, ...parseBody(body) }));
}
