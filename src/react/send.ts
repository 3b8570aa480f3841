import { useMemo } from "react";
import type { ChatClient } from "../client/index.js";
import { useChatClient } from "./provider.js";

/** The actions of a user. */
export type ChatActions = Pick<ChatClient, "send" | "retry" | "regenerate" | "discard" | "cancel" | "sendTyping">;

/** Functions that send, retry, answer again, cancel and discard messages. They stay the same while the client does, and never render the component again. */
export function useSend(): ChatActions {
  const client = useChatClient();
  return useMemo(
    () => ({
      send: (draft) => client.send(draft),
      retry: (id) => client.retry(id),
      regenerate: (id) => client.regenerate(id),
      discard: (id) => client.discard(id),
      cancel: (id) => client.cancel(id),
      sendTyping: (active) => client.sendTyping(active),
    }),
    [client],
  );
}
