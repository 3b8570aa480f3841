import type { ChatClient, ClientMessage } from "../../client/index.js";
import { referenceOf } from "../../protocol/superseded.js";
import { type MessageSoFar, toMessageSoFar } from "../chunks/message-so-far.js";
import { ReplyChunks } from "../chunks/reply-chunks.js";
import type { UIChunk } from "../chunks/ui-chunk.js";
import { toEnvelope } from "./shown-messages.js";

interface Followed {
  id: string;
  shownBy: string;
  /** The id of the reply whose calls the message answers. */
  reply?: string | undefined;
}

const AGAIN = "The reply has begun again.";

/**
 * The reply to a message, as chunks. It ends with the reply, or with what went wrong; the connection may end meanwhile.
 *
 * @param message its id, and the id of what is shown of it: of a request to answer again, what that names; and the reply that its turn goes
 *   on with, if `useChat` has that
 * @param signal cancels the turn of the message when it is aborted
 * @param onEnd is called once
 */
export function followReply(
  client: ChatClient,
  message: Followed,
  signal: AbortSignal | undefined,
  onEnd: () => void,
): ReadableStream<UIChunk> {
  let end = (): void => undefined;
  return new ReadableStream({
    start(controller) {
      let reply: ReplyChunks | undefined;
      let isOpen = true;
      let isTurnOver = false;
      const look = () => {
        const answer = client.getSnapshot().messages.find((one) => isReplyTo(message.id, one));
        if (answer) reply ??= new ReplyChunks(findBefore(client, message, answer));
        const { chunks, isOver } = read(client, message, answer, reply);
        for (const chunk of chunks) controller.enqueue(chunk);
        if (!isOver && !isTurnOver) return;
        end();
        controller.close();
      };
      const abort = () => {
        end();
        controller.close();
        // What has never left the outbox needs no cancel.
        if (!client.discard(message.id)) void client.cancel(message.id);
      };
      // A turn may end without a reply.
      const awaitEnd = async () => {
        await client.whenOver(message.id);
        isTurnOver = true;
        if (isOpen) look();
      };
      const unsubscribe = client.subscribe(look);
      const stopListening = client.on("message", ({ id, role }) => {
        if (id === message.id && role === "user") void awaitEnd();
      });
      signal?.addEventListener("abort", abort);
      end = () => {
        isOpen = false;
        unsubscribe();
        stopListening();
        signal?.removeEventListener("abort", abort);
        end = () => undefined;
        onEnd();
      };
      look();
      if (client.getSnapshot().messages.some(({ id, state }) => id === message.id && state === "sent")) void awaitEnd();
    },
    cancel: () => end(),
  });
}

/** What is new of the reply to a message, and whether nothing more comes. */
function read(
  client: ChatClient,
  { shownBy }: Followed,
  answer: ClientMessage | undefined,
  reply: ReplyChunks | undefined,
): { chunks: readonly UIChunk[]; isOver: boolean } {
  if (answer?.state === "streaming") {
    const chunks = reply?.grow({ id: answer.id, shown: answer.parts });
    return chunks ? { chunks, isOver: false } : failed(AGAIN);
  }
  if (answer && reply) {
    const chunks = reply.complete(answer);
    const { text } = Object(answer.metadata?.["error"]);
    if (!chunks) return failed(AGAIN);
    return { chunks: [...chunks, ...(typeof text === "string" ? failed(text).chunks : reply.finish())], isOver: true };
  }
  const { messages, status } = client.getSnapshot();
  const own = messages.find((message) => message.id === shownBy);
  if (own?.error) return failed(own.error.text);
  // The log was cleared, or has gone on without the message.
  return { chunks: [], isOver: own === undefined && status === "live" };
}

/** What a reply goes on with. Of one that the user has just answered the calls of, `useChat` has all but the answers. */
function findBefore(client: ChatClient, { reply }: Followed, answer: ClientMessage): MessageSoFar | undefined {
  const id = referenceOf(answer, "continues");
  if (id === undefined) return undefined;
  const { messages } = client.getSnapshot();
  const earlier = messages.slice(0, messages.indexOf(answer)).map(toEnvelope);
  return toMessageSoFar(id, earlier, reply !== undefined);
}

function failed(errorText: string) {
  return { chunks: [{ type: "error", errorText } as const], isOver: true };
}

function isReplyTo(id: string, { type, role, metadata }: ClientMessage): boolean {
  return type === "message" && role === "assistant" && metadata?.["inReplyTo"] === id;
}
