import type { ReplyPart } from "../../protocol/chunk.js";
import type { ChatMessage } from "../../protocol/envelope.js";
import { Conversation, continueParts } from "../history/conversation.js";
import { readParts } from "../history/read-parts.js";
import type { UIPart } from "../history/ui-message.js";
import type { MessageSoFar } from "./message-so-far.js";
import { PartWriter } from "./part-writer.js";
import type { UIChunk } from "./ui-chunk.js";

/** The replies of one turn as one message of the AI SDK: what was written of it, and what is to be written next. */
export class ReplyChunks {
  readonly #writer: PartWriter;
  readonly #before: MessageSoFar | undefined;
  /** By the id of the reply, in the order in which they began. */
  readonly #replies = new Map<string, readonly UIPart[]>();
  #metadata: Record<string, unknown> = {};

  /** @param before what the replies continue */
  constructor(before?: MessageSoFar) {
    this.#before = before;
    this.#writer = new PartWriter(before?.shown);
  }

  /** A reply as it is while it is being generated. `undefined` if it has begun again in a way that chunks cannot tell. */
  grow({ id, shown }: { id: string; shown: readonly ReplyPart[] }): UIChunk[] | undefined {
    return this.#write(id, readParts("", shown));
  }

  /** A reply as it is in the log. */
  complete({ id, content, metadata = {} }: ChatMessage): UIChunk[] | undefined {
    const { parts, ...rest } = metadata;
    this.#metadata = rest;
    return this.#write(id, readParts(content, parts));
  }

  /** All there is of a reply or several, with what these continue, their calls and the answers to these. */
  restore(envelopes: readonly ChatMessage[]): UIChunk[] | undefined {
    const conversation = new Conversation();
    for (const envelope of envelopes) conversation.add(envelope);
    const replies = [...conversation.messages.values()].filter(({ role }) => role === "assistant");
    const [first] = replies;
    if (first === undefined) return [];
    this.#metadata = replies.at(-1)?.metadata ?? {};
    const parts = replies.flatMap((reply) => reply.parts);
    return this.#show(first.id, parts, parts);
  }

  /** The end of the message: nothing if there is none. */
  finish(): UIChunk[] {
    if (this.#replies.size === 0) return [];
    const { finish = "stop" } = this.#metadata;
    const isCancelled = finish === "cancelled";
    const finishReason = isReason(finish) ? finish : isCancelled ? "interrupted" : "other";
    const last: UIChunk = { type: "finish", finishReason, messageMetadata: this.#metadata };
    return [...this.#writer.end(), ...(isCancelled ? [ABORT] : []), last];
  }

  #write(id: string, parts: readonly UIPart[]): UIChunk[] | undefined {
    const before = this.#before;
    const own = [...new Map(this.#replies).set(id, parts).values()].flat();
    return this.#show(id, parts, before ? continueParts(before.parts, own) : own);
  }

  /** @param all the parts of the message, as they are now */
  #show(id: string, parts: readonly UIPart[], all: readonly UIPart[]): UIChunk[] | undefined {
    const isNew = this.#replies.size === 0;
    this.#replies.set(id, parts);
    const chunks = this.#writer.write(all);
    return chunks && [...(isNew ? [{ type: "start" as const, messageId: this.#before?.id ?? id }] : []), ...chunks];
  }
}

const ABORT: UIChunk = { type: "abort" };
const REASONS = ["stop", "length", "tool-calls", "content-filter", "interrupted", "error", "other"] as const;

function isReason(finish: unknown): finish is (typeof REASONS)[number] {
  return (REASONS as readonly unknown[]).includes(finish);
}
