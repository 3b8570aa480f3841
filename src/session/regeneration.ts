import type { ChatMessage } from "../protocol/envelope.js";
import { ChatError } from "../protocol/errors.js";
import { type EnvelopeReference, readRegenerates } from "../protocol/regenerates.js";
import { readAuthor } from "../server/access/identity.js";
import type { Regeneration } from "../server/turn/regeneration.js";
import type { Log } from "./log/log.js";

/** A message, the requests to answer it again, and what was said since. */
interface Thread {
  /** The seqs of the message, of these requests, and of the answers to calls of its replies, in order. */
  turns: number[];
  /** The seqs of what the assistant has said to any of them. */
  replies: number[];
  /** The newest reply, and the turn that wrote it. */
  reply?: { seq: number; turn: number };
  /** Whether the author has sent another message since. */
  hasGoneOn: boolean;
}

/**
 * The seq of the message that an envelope answers, or is; `undefined` if the log does not have both. All that was appended must be
 * written.
 */
export function findRoot(log: Log, { seq, id }: EnvelopeReference): number | undefined {
  const [named] = log.origins(seq, seq);
  if (named === undefined || seq > log.head || log.get(seq).id !== id) return undefined;
  const turn = named.author === null ? toSeq(named.ref) : seq;
  const [origin] = turn === undefined ? [] : log.origins(turn, turn);
  const root = origin && (toSeq(origin.ref) ?? origin.seq);
  return root === undefined || root < log.tail ? undefined : root;
}

/** What a request means that names a message: the newest reply to it, or what it would be a reply to. @param seq that of the message, if it is known */
export function nameNewest(log: Log, id: string, seq: number | undefined, author: string): EnvelopeReference {
  if (seq === undefined) return { seq: 0, id };
  const { turns, reply } = readThread(log, seq, author);
  const newest = reply?.seq ?? turns.at(-1) ?? seq;
  return { seq: newest, id: log.get(newest).id };
}

/**
 * What stands in the log of the newest reply to a message: the envelopes of the turn that began it, and of those that went on with it,
 * with the answers to calls. All that was appended must be written.
 */
export function newestReply(log: Log, root: number, author: string): ChatMessage[] {
  const { turns } = readThread(log, root, author);
  const thread = [...log.origins(root + 1)]
    .filter(({ author: by, ref }) => (by === null ? turns.includes(Number(ref)) : ref === root))
    .map(({ seq, ref, author: by }) => ({ ref, by, message: log.get(seq) }));
  const said = thread.filter(({ by }) => by === null);
  const newest = said.findLast(({ message }) => message.type === "message");
  const first = newest && firstId(newest.message);
  const parts = new Set(said.filter(({ message }) => !first || firstId(message) === first).map(({ ref }) => ref));
  return thread
    .filter(({ by, ref, message }) => (by === null ? parts.has(ref) : message.type === "tool_result"))
    .map(({ message }) => message);
}

/** Whether an author has sent a `message` after the entry at `seq`. All that was appended must be written. */
export function hasSpokenSince(log: Log, author: string, seq: number): boolean {
  return [...log.origins(seq + 1)].some((one) => one.author === author && one.kind === "message");
}

/**
 * What a request has answered again, if that is still the newest.
 *
 * @param root the seq of the message, as `findRoot` returns it
 * @throws ChatError `CONFLICT`, or `FORBIDDEN` for what another author has asked
 */
export function requireRegeneration(
  log: Log,
  request: ChatMessage,
  reference: EnvelopeReference,
  root: number | undefined,
): Regeneration {
  const refuse = (why: string, code: "CONFLICT" | "FORBIDDEN" = "CONFLICT") => {
    throw new ChatError(code, why, { inReplyTo: request.id });
  };
  if (root === undefined) return refuse("The log does not have it.");
  const message = log.get(root);
  const author = readAuthor(message)?.id;
  if (author !== readAuthor(request)?.id) refuse("Only its author may have a message answered again.", "FORBIDDEN");
  const { turns, reply, hasGoneOn } = readThread(log, root, author);
  if (turns.some((seq) => log.unfinished.has(seq))) refuse("The message is still being answered.");
  if (hasGoneOn) refuse("Its author has sent another message since.");
  const isUnanswered = reference.seq === turns.at(-1) && reference.seq !== reply?.turn;
  if (reference.seq !== reply?.seq && !isUnanswered) refuse("There is a newer reply.");
  return { reference, message, seq: root, supersedes: supersededBy(log, reply?.seq) };
}

/**
 * What the request at `seq` was to have answered again, before its turn was interrupted; `undefined` for a message that is no such
 * request, and `false` if that is no longer in the log.
 *
 * @param root what its row refers to
 */
export function restoreRegeneration(
  log: Log,
  seq: number,
  request: ChatMessage,
  root: unknown,
): Regeneration | false | undefined {
  const reference = readRegenerates(request);
  if (reference === undefined || root === null) return undefined;
  const place = toSeq(root) ?? 0;
  const author = readAuthor(request)?.id;
  const message = place < log.tail ? undefined : log.get(place);
  if (message === undefined || readAuthor(message)?.id !== author) return false;
  return {
    reference,
    message,
    seq: place,
    supersedes: supersededBy(log, readThread(log, place, author, seq).reply?.seq),
  };
}

/** @param before the seq at which it ends */
export function readThread(log: Log, root: number, author: unknown, before = log.head + 1): Thread {
  const thread: Thread = { turns: [root], replies: [], hasGoneOn: false };
  for (const { seq, author: by, ref, kind } of log.origins(root + 1, before - 1)) {
    if (by !== null && ref === root) thread.turns.push(seq);
    else if (by === author && kind === "message") thread.hasGoneOn = true;
    const turn = toSeq(ref);
    if (by !== null || !turn || !thread.turns.includes(turn)) continue;
    thread.replies.push(seq);
    if (kind === "message") thread.reply = { seq, turn };
  }
  return thread;
}

/** A reply that has several envelopes goes by the id of the first. */
function supersededBy(log: Log, seq: number | undefined): string | undefined {
  return seq === undefined ? undefined : firstId(log.get(seq));
}

function firstId({ id, metadata }: ChatMessage): string {
  return String(metadata?.["continues"] ?? id);
}

function toSeq(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
