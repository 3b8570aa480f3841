import { exceedsBytes, stringify } from "../protocol/codec.js";
import type { Author, ChatMessage } from "../protocol/envelope.js";
import { MAX_CALL_INPUTS, MAX_OPEN_CALLS, MAX_OPEN_CALLS_PER_IDENTITY } from "../protocol/limits.js";
import { readAuthor } from "../server/access/identity.js";
import type { ConversationMessage } from "../server/turn/context.js";
import type { AnsweredCall } from "../server/turn/continuation.js";
import type { ContinuedReply } from "../server/turn/continued-reply.js";
import { openCallsOf } from "../server/turn/reply-calls.js";
import type { CallRow, CallTable } from "./log/call-table.js";

/** Authors without open calls that are remembered while the object is awake. */
const MAX_AUTHORS = 4_096;

/** A call, and whether it is answered. */
interface Call {
  id: string;
  isAnswered: boolean;
}

/** A reply that has open calls: what is needed to find them. */
export interface OpenReply {
  /** The id of its first envelope. */
  id: string;
  /** The id of the identity whose message it answers, and the seq of that message. */
  author: string;
  root: number;
  /** The seq of the reply. */
  reply: number;
  /** Until when they may be answered, in milliseconds since the Unix epoch. */
  expiresAt: number;
  calls: Call[];
}

/** What else is kept of it: all that the next turn needs, for the log may lose it meanwhile. */
interface Kept {
  author: Author;
  envelopes: ConversationMessage[];
}

/** A call that waits for an answer. */
export interface OpenCall {
  reply: OpenReply;
  call: Call;
}

/** The calls that wait for an answer of a client, for days: in one row for each reply, which is read when it is needed (P8). */
export class OpenCalls {
  readonly #table: CallTable;
  /** By author, those that were read, and the authors that have none. */
  readonly #replies = new Map<string, OpenReply[]>();
  readonly #withoutCalls = new Set<string>();
  #areAllRead = false;
  /** By the seq of the last answer, those that a turn goes on with. */
  readonly #continued = new Map<number, OpenReply>();

  constructor(table: CallTable) {
    this.#table = table;
  }

  /** Whether so many more calls of an author have no room (P12). Those that have expired are deleted first. */
  isFull(author: string, count: number): boolean {
    const now = Date.now();
    for (const reply of this.#all) if (reply.expiresAt <= now && !this.#isContinued(reply)) this.#delete(reply);
    const open = (replies: OpenReply[]) =>
      replies.flatMap(({ calls }) => calls).filter(({ isAnswered }) => !isAnswered);
    const [all, own] = [open(this.#all).length, open(this.#of(author)).length];
    return all + count > MAX_OPEN_CALLS || own + count > MAX_OPEN_CALLS_PER_IDENTITY;
  }

  /** Opens the calls of a reply. What it refers to must be committed with it. */
  open(open: Omit<OpenReply, "calls">, kept: Kept, calls: readonly ConversationMessage[]): void {
    const reply: OpenReply = { ...open, calls: calls.map(({ id }) => ({ id, isAnswered: false })) };
    this.#replies.set(reply.author, [...this.#of(reply.author), reply]);
    this.#save(reply, { ...kept, envelopes: [...kept.envelopes, ...calls] });
  }

  /** The call of a `tool_call` envelope, unless it is closed. */
  find(id: unknown): OpenCall | undefined {
    for (const reply of this.#all) {
      const call = reply.calls.find((one) => one.id === id);
      if (call) return { reply, call };
    }
    return undefined;
  }

  /** A reply of which no turn has gone on yet, by the id of its first envelope, with all that is kept of it. */
  findReply(id: string): (Kept & { calls: readonly Call[] }) | undefined {
    const reply = this.#all.find((one) => one.id === id);
    const kept = reply && this.#read(reply);
    return kept && { ...kept, calls: reply.calls };
  }

  /** The envelope of an open call; `undefined` if what is known of it can no longer be read (P19). */
  envelopeOf({ reply, call }: OpenCall): ChatMessage | undefined {
    return this.#read(reply)?.envelopes.find(({ id }) => id === call.id);
  }

  /** The envelopes of all calls that may be answered, oldest first. */
  *list(): Generator<ConversationMessage> {
    for (const reply of this.#all.toSorted((one, other) => one.reply - other.reply)) {
      const open = reply.calls.filter(({ isAnswered }) => !isAnswered).map(({ id }) => id);
      if (reply.expiresAt > Date.now()) yield* this.#read(reply)?.envelopes.filter(({ id }) => open.includes(id)) ?? [];
    }
  }

  /** Whether this is the only call of its reply that is not answered. */
  isLast({ reply, call }: OpenCall): boolean {
    return reply.calls.every((one) => one === call || one.isAnswered);
  }

  /**
   * Answers a call. Returns what a turn goes on with if it was the last one of its reply; otherwise what was written must be committed
   * with the answer.
   */
  answer(open: OpenCall, answer: ConversationMessage): ContinuedReply | undefined {
    const { reply, call } = open;
    const isLast = this.isLast(open);
    call.isAnswered = true;
    const kept = this.#read(reply);
    if (kept === undefined) return undefined;
    const envelopes = [...kept.envelopes, answer];
    if (!isLast) {
      this.#save(reply, { ...kept, envelopes });
      return undefined;
    }
    this.#continued.set(answer.seq, reply);
    return { ...kept, envelopes, id: reply.id, root: reply.root, calls: toAnsweredCalls(reply, envelopes) };
  }

  /** What the turn of the last answer goes on with, after an interruption. */
  resume(answer: ConversationMessage): ContinuedReply | undefined {
    const open = this.find(answer.metadata?.["inReplyTo"]);
    return open && this.answer(open, answer);
  }

  /** Closes the calls that the turn of the answer at `seq` went on with. To be committed with what ends the turn. */
  close(seq: number): void {
    const reply = this.#continued.get(seq);
    this.#continued.delete(seq);
    if (reply) this.#delete(reply);
  }

  /** Closes the open calls of an author, who has said something else. */
  supersede(author: string): void {
    for (const reply of this.#of(author)) if (!this.#isContinued(reply)) this.#delete(reply);
  }

  /** Forgets all: the log was cleared. */
  clear(): void {
    this.#replies.clear();
    this.#continued.clear();
  }

  get #all(): OpenReply[] {
    if (!this.#areAllRead) {
      const rows = this.#table.rows().filter(({ author }) => !this.#replies.has(author));
      this.#areAllRead = true;
      this.#add(rows);
    }
    return [...this.#replies.values()].flat();
  }

  #of(author: string): OpenReply[] {
    const isRead = this.#areAllRead || this.#replies.has(author) || this.#withoutCalls.has(author);
    if (!isRead) {
      const rows = this.#table.rows(author);
      this.#add(rows);
      if (this.#withoutCalls.size >= MAX_AUTHORS) this.#withoutCalls.clear();
      if (rows.length === 0) this.#withoutCalls.add(author);
    }
    return this.#replies.get(author) ?? [];
  }

  #add(rows: readonly CallRow[]): void {
    for (const row of rows) {
      const reply = toOpenReply(row);
      if (reply) this.#replies.set(row.author, [...(this.#replies.get(row.author) ?? []), reply]);
    }
  }

  #isContinued(reply: OpenReply): boolean {
    return [...this.#continued.values()].includes(reply);
  }

  #delete(reply: OpenReply): void {
    this.#table.delete(reply);
    this.#replies.set(
      reply.author,
      this.#of(reply.author).filter((one) => one !== reply),
    );
  }

  #save(reply: OpenReply, kept: Kept): void {
    const { author, reply: seq, ...calls } = reply;
    this.#table.save({ author, reply: seq, calls: stringify(calls) }, stringify(kept));
  }

  /** What is kept of a reply. One that is damaged is closed: nobody can answer it (P19). */
  #read(reply: OpenReply): Kept | undefined {
    try {
      const { author, envelopes }: Kept = JSON.parse(this.#table.body(reply));
      const isKept = (call: Call) => envelopes.some((one) => one.id === call.id && typeof one.metadata === "object");
      if (reply.calls.every(isKept) && typeof author.id === "string") return { author, envelopes };
    } catch {
      // As below.
    }
    this.#delete(reply);
    return undefined;
  }
}

/** Bytes of the message, and of the reply beside its open calls, that are kept. */
const MAX_KEPT = 65_536;

/** The message and the reply, as far as they are kept: of a large reply only its open calls. */
export function toKeptEnvelopes(
  message: ConversationMessage | undefined,
  reply: ConversationMessage,
): ConversationMessage[] {
  const asked = message && !exceedsBytes(stringify(message), MAX_KEPT) ? [message] : [];
  const { metadata, parts, ...rest } = reply;
  const calls = openCallsOf(reply);
  const ids = calls.map(({ toolCallId }) => toolCallId);
  const ofCalls = parts && { parts: parts.filter(({ toolCallId }) => ids.includes(toolCallId)) };
  const small = { ...rest, content: "", metadata: { ...metadata, parts: calls }, ...ofCalls };
  return [...asked, exceedsBytes(stringify(reply), MAX_KEPT + MAX_CALL_INPUTS) ? small : reply];
}

function toOpenReply({
  author,
  reply,
  calls,
}: {
  author: string;
  reply: number;
  calls: string;
}): OpenReply | undefined {
  try {
    const read: Pick<OpenReply, "id" | "root" | "expiresAt" | "calls"> = JSON.parse(calls);
    const isReadable = read.calls.every(({ id }) => typeof id === "string");
    return isReadable ? { author, reply, ...read } : undefined;
  } catch {
    return undefined;
  }
}

function toAnsweredCalls({ calls }: OpenReply, envelopes: readonly ConversationMessage[]): AnsweredCall[] {
  return calls.map(({ id }) => {
    const call = envelopes.find((envelope) => envelope.id === id)?.metadata ?? {};
    const answer = envelopes.find(({ type, metadata }) => type === "tool_result" && metadata?.["inReplyTo"] === id);
    const { approved, reason, isError } = answer?.metadata ?? {};
    return {
      id,
      toolCallId: String(call["toolCallId"]),
      toolName: String(call["toolName"]),
      input: call["input"],
      content: answer?.content ?? "",
      isError: isError === true,
      approved: typeof approved === "boolean" ? approved : undefined,
      reason: typeof reason === "string" ? reason : undefined,
      by: answer && readAuthor(answer),
    };
  });
}
