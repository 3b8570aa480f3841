import type { ChatClient, ClientMessage } from "../../client/index.js";
import { referenceOf } from "../../protocol/superseded.js";
import { type MessageSoFar, toMessageSoFar } from "../chunks/message-so-far.js";
import { ReplyChunks } from "../chunks/reply-chunks.js";
import type { UIChunk } from "../chunks/ui-chunk.js";
import { type ContinuedReply, findContinued, isReply } from "./continued-reply.js";
import { toEnvelope } from "./shown-messages.js";

/** What is followed. */
export interface Followed {
  /** The id of the message. */
  id: string;
  /** The id of what is shown of it: of a request to answer again, what that names. */
  shownBy: string;
  /** The id of the reply whose calls the message answers, if `useChat` has that. */
  reply?: string | undefined;
}

/** What is new of a reply, and whether nothing more comes. */
interface News {
  chunks: readonly UIChunk[];
  isOver: boolean;
}

const AGAIN = "The reply has begun again.";

/** The reply to a message, and how much of it was read. */
export class FollowedReply {
  readonly #client: ChatClient;
  readonly #message: Followed;
  readonly #onTurnOver: () => void;
  #chunks: ReplyChunks | undefined;
  /** The id of the message whose turn writes the reply. */
  #turn: string;
  #isTurnOver = false;

  /** @param onTurnOver is called when there may be news, for a turn has ended: perhaps without a reply */
  constructor(client: ChatClient, message: Followed, onTurnOver: () => void) {
    this.#client = client;
    this.#message = message;
    this.#turn = message.id;
    this.#onTurnOver = onTurnOver;
  }

  /** The log has a message. */
  onSent({ id, role }: { id: string; role: string }): void {
    if (id === this.#turn && role === "user") void this.#awaitTurn(id);
  }

  cancel(): void {
    // What has never left the outbox needs no cancel.
    if (!this.#client.discard(this.#turn)) void this.#client.cancel(this.#turn);
  }

  read(): News {
    const { messages, status } = this.#client.getSnapshot();
    const reply = messages.find((one) => isReplyTo(this.#message.id, one));
    if (!reply) return this.#readNone();
    const isStreaming = reply.state === "streaming";
    // The next page of the log may have the answers to its calls.
    if (!isStreaming && (status === "connecting" || status === "reconnecting")) return { chunks: [], isOver: false };
    this.#chunks ??= new ReplyChunks(findBefore(messages, this.#message, reply));
    if (isStreaming) return toNews(this.#chunks.grow({ id: reply.id, shown: reply.parts }), this.#isTurnOver);
    const continued = findContinued(messages, reply);
    if (continued) return this.#readAll(continued, this.#chunks);
    return finish(reply, this.#chunks, this.#chunks.complete(reply));
  }

  #readNone(): News {
    const { messages, status } = this.#client.getSnapshot();
    const own = messages.find(({ id }) => id === this.#message.shownBy);
    if (own?.error) return failed(own.error.text);
    // The log was cleared, or has gone on without the message.
    const isGone = own === undefined && status === "live";
    return { chunks: [], isOver: isGone || this.#isTurnOver };
  }

  /** What is new of a reply whose calls were answered. */
  #readAll({ envelopes, answer, newest, hasGoneOn }: ContinuedReply, reply: ReplyChunks): News {
    if (answer !== this.#turn) void this.#awaitTurn(answer);
    const chunks = reply.restore(envelopes.map(toEnvelope));
    const isOver = newest.state !== "streaming" && (hasGoneOn || this.#isTurnOver);
    return isOver ? finish(newest, reply, chunks) : toNews(chunks, false);
  }

  async #awaitTurn(id: string): Promise<void> {
    this.#turn = id;
    this.#isTurnOver = false;
    await this.#client.whenOver(id);
    if (id !== this.#turn) return;
    this.#isTurnOver = true;
    this.#onTurnOver();
  }
}

function toNews(chunks: readonly UIChunk[] | undefined, isOver: boolean): News {
  return chunks ? { chunks, isOver } : failed(AGAIN);
}

/** @param chunks the last ones of the reply, before its end */
function finish({ metadata }: ClientMessage, reply: ReplyChunks, chunks: readonly UIChunk[] | undefined): News {
  const { text } = Object(metadata?.["error"]);
  const last = typeof text === "string" ? failed(text).chunks : reply.finish();
  return toNews(chunks && [...chunks, ...last], true);
}

/** What a reply goes on with. Of one that the user has just answered the calls of, `useChat` has all but the answers. */
function findBefore(
  messages: readonly ClientMessage[],
  { reply }: Followed,
  answer: ClientMessage,
): MessageSoFar | undefined {
  const id = referenceOf(answer, "continues");
  if (id === undefined) return undefined;
  const earlier = messages.slice(0, messages.indexOf(answer)).map(toEnvelope);
  return toMessageSoFar(id, earlier, reply !== undefined);
}

function failed(errorText: string): News {
  return { chunks: [{ type: "error", errorText }], isOver: true };
}

function isReplyTo(id: string, message: ClientMessage): boolean {
  return isReply(message) && message.metadata?.["inReplyTo"] === id;
}
