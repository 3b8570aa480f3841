import { useMemo } from "react";
import type { ChatClient } from "../client/index.js";
import { useChatClient } from "./provider.js";

/** What a user can say and do. */
export type ChatActions = Pick<ChatClient, "send" | "retry" | "discard" | "sendTyping">;

/** How to speak: the same functions for as long as the client is the same. They never render the component again. */
export function useSend(): ChatActions {
  const client = useChatClient();
  return useMemo(
    () => ({
      send: (draft) => client.send(draft),
      retry: (id) => client.retry(id),
      discard: (id) => client.discard(id),
      sendTyping: (active) => client.sendTyping(active),
    }),
    [client],
  );
}
