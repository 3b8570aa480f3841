import type { ChatClient, ClientMessage } from "../../client/index.js";
import { ReplyChunks } from "../chunks/reply-chunks.js";
import type { UIChunk } from "../chunks/ui-chunk.js";

interface Followed {
  id: string;
  shownBy: string;
}

const AGAIN = "The reply has begun again.";

/**
 * The reply to a message, as chunks. It ends with the reply, or with what went wrong; the connection may end meanwhile.
 *
 * @param message its id, and the id of what is shown of it: of a request to answer again, what that names
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
      const reply = new ReplyChunks();
      let isOpen = true;
      let isTurnOver = false;
      const look = () => {
        const { chunks, isOver } = read(client, message, reply);
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
  { id, shownBy }: Followed,
  reply: ReplyChunks,
): { chunks: readonly UIChunk[]; isOver: boolean } {
  const { messages, status } = client.getSnapshot();
  const own = messages.find((message) => message.id === shownBy);
  const answer = messages.find((message) => isReplyTo(id, message));
  if (answer?.state === "streaming") {
    const chunks = reply.grow({ id: answer.id, shown: answer.parts });
    return chunks ? { chunks, isOver: false } : failed(AGAIN);
  }
  if (answer) {
    const chunks = reply.complete(answer);
    const { text } = Object(answer.metadata?.["error"]);
    if (!chunks) return failed(AGAIN);
    return { chunks: [...chunks, ...(typeof text === "string" ? failed(text).chunks : reply.finish())], isOver: true };
  }
  if (own?.error) return failed(own.error.text);
  // The log was cleared, or has gone on without the message.
  return { chunks: [], isOver: own === undefined && status === "live" };
}

function failed(errorText: string) {
  return { chunks: [{ type: "error", errorText } as const], isOver: true };
}

function isReplyTo(id: string, { type, role, metadata }: ClientMessage): boolean {
  return type === "message" && role === "assistant" && metadata?.["inReplyTo"] === id;
}
