import type { ChatClient } from "../../client/index.js";
import type { UIChunk } from "../chunks/ui-chunk.js";
import { type Followed, FollowedReply } from "./followed-reply.js";

/**
 * The reply to a message, as chunks. It ends with the reply, or with what went wrong; the connection may end meanwhile. A reply whose calls
 * are answered by the time it is shown ends with what goes on with it.
 *
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
      let isOpen = true;
      const look = () => {
        if (!isOpen) return;
        const { chunks, isOver } = reply.read();
        for (const chunk of chunks) controller.enqueue(chunk);
        if (!isOver) return;
        end();
        controller.close();
      };
      const reply = new FollowedReply(client, message, look);
      const abort = () => {
        end();
        controller.close();
        reply.cancel();
      };
      const unsubscribe = client.subscribe(look);
      const stopListening = client.on("message", (sent) => reply.onSent(sent));
      signal?.addEventListener("abort", abort);
      end = () => {
        isOpen = false;
        unsubscribe();
        stopListening();
        signal?.removeEventListener("abort", abort);
        end = () => undefined;
        onEnd();
      };
      for (const known of client.getSnapshot().messages) if (known.state === "sent") reply.onSent(known);
      look();
    },
    cancel: () => end(),
  });
}
