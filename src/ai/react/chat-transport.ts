import type { ChatClient, ClientMessage } from "../../client/index.js";
import { ChatError } from "../../protocol/errors.js";
import type { UIChunk } from "../chunks/ui-chunk.js";
import { answerCalls } from "./answer-calls.js";
import { isReply } from "./continued-reply.js";
import { findOpenTurn } from "./find-open-turn.js";
import { followReply } from "./follow-reply.js";

/** A message of `useChat`, as far as it is sent. */
interface GivenMessage {
  readonly id: string;
  readonly role: string;
  readonly parts: readonly { readonly type: string; readonly text?: unknown }[];
  readonly metadata?: unknown;
}

/** What `useChat` asks to be sent. */
export interface SendRequest {
  readonly trigger: "submit-message" | "regenerate-message";
  readonly messageId?: string | undefined;
  readonly messages: readonly GivenMessage[];
  readonly abortSignal?: AbortSignal | undefined;
}

/** A `ChatTransport` of the AI SDK, for `useChat`. */
export interface SessionTransport {
  readonly resumeStreamIsReplay: true;
  /**
   * Sends the last message by the client, and follows the reply. The others are in the log.
   *
   * Or has the last message answered again, or answers the calls of a reply, and follows what goes on with it.
   *
   * @throws ChatError `INVALID_MESSAGE` for a message that is no text or is edited, and what `client.send` throws
   */
  sendMessages(request: SendRequest): Promise<ReadableStream<UIChunk>>;
  /** Follows the reply to this user that is being generated. Waits until the client is live. Resolves with `null` if there is none. */
  reconnectToStream(request: {
    readonly abortSignal?: AbortSignal | undefined;
  }): Promise<ReadableStream<UIChunk> | null>;
}

/**
 * A transport for `useChat` over a client: what is sent is kept in the outbox until the server has it, a reply goes on after a lost
 * connection, and Stop is asked for until it is answered. `useSessionMessages` shows what other tabs and people do.
 *
 * @example
 * const transport = useMemo(() => chatTransport(client), [client]);
 * const chat = useSessionMessages(useChat({ transport, resume: true }));
 */
export function chatTransport(client: ChatClient): SessionTransport {
  /** The replies that are followed, by the id of their message. */
  const followed = new Set<string>();
  const follow = (id: string, signal: AbortSignal | undefined, shownBy = id, reply?: string) => {
    followed.add(id);
    return followReply(client, { id, shownBy, reply }, signal, () => followed.delete(id));
  };
  return {
    resumeStreamIsReplay: true,
    // Sent before anything is awaited: `useChat` shows the message by now, and so must the client.
    async sendMessages({ abortSignal, ...request }) {
      abortSignal?.throwIfAborted();
      if (request.trigger === "regenerate-message") {
        const { id, named } = regenerate(client, request);
        return follow(id, abortSignal, named);
      }
      const { messages, messageId } = request;
      const named = messageId === undefined ? messages.at(-1) : messages.findLast(({ id }) => id === messageId);
      if (named?.role !== "assistant") return follow(send(client, readMessage(request)), abortSignal);
      const answer = answerCalls(client, named);
      if (answer === undefined) throw new ChatError("CONFLICT", "None of these calls waits for an answer.");
      return follow(answer, abortSignal, answer, named.id);
    },
    async reconnectToStream({ abortSignal }) {
      const id = await findOpenTurn(client, followed, abortSignal);
      return id === undefined ? null : follow(id, abortSignal);
    },
  };
}

/** The message that a request sends. */
function readMessage({ messageId, messages }: Omit<SendRequest, "abortSignal">) {
  const last = messages.at(-1);
  if (last?.role !== "user") throw refusal("Only a message of the user can be sent.");
  if (messageId !== undefined) throw refusal("A message that was sent cannot be edited.");
  const { id, parts, metadata } = last;
  if (parts.some(({ type, text }) => type !== "text" || typeof text !== "string")) {
    throw refusal("A message of the user may have parts of type text alone.");
  }
  const content = parts.map(({ text }) => text).join("\n\n");
  return { id, content, ...(isObject(metadata) && { metadata }) };
}

/** Sends a message, or sends it again if it has failed. Returns its id. */
function send(
  client: ChatClient,
  message: { id: string; content: string; metadata?: Record<string, unknown> },
): string {
  const { id } = message;
  const known = client.getSnapshot().messages.find((one) => one.id === id && one.role === "user");
  return (known === undefined ? client.send(message) : client.retry(id)) ?? id;
}

/** Has the last message answered again. Returns the id of the request, and of what it names: the reply to the message, or the message. */
function regenerate(client: ChatClient, { messages }: Omit<SendRequest, "abortSignal">): { id: string; named: string } {
  const asked = messages.at(-1)?.id;
  const { messages: shown, identity } = client.getSnapshot();
  const at = shown.findIndex(({ id, role }) => id === asked && role === "user");
  const isOwn = ({ metadata }: ClientMessage) => Object(metadata?.["from"]).id === identity?.id;
  const next = shown.findIndex((message, place) => place > at && isOwn(message));
  const replies = shown.slice(at + 1, next < 0 ? undefined : next).filter(isReply);
  // The reply to an earlier request names that, and not the message.
  const named = replies.findLast(({ metadata }) => metadata?.["inReplyTo"] === asked) ?? replies.at(-1) ?? shown[at];
  const id = named && client.regenerate(named.id);
  if (named === undefined || id === undefined) throw refusal("The message is not in the log.");
  return { id, named: named.id };
}

function refusal(text: string): ChatError {
  return new ChatError("INVALID_MESSAGE", text);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
