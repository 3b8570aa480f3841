import { useMemo } from "react";
import type { ChatClient, ChatSnapshot } from "../client/index.js";
import { useChatClient } from "./provider.js";
import { useSnapshot } from "./snapshot.js";

/** The messages that are shown, with a function that fetches older ones. */
export interface ChatMessages extends Pick<ChatSnapshot, "messages" | "hasOlder">, Pick<ChatClient, "loadOlder"> {}

/**
 * The messages of the conversation. The component renders again when one of them changes; until then the object, the list and the
 * messages in it are the same.
 *
 * @example
 * const { messages, hasOlder, loadOlder } = useMessages();
 * return messages.map(({ key, content }) => <p key={key}>{content}</p>);
 */
export function useMessages(): ChatMessages {
  const client = useChatClient();
  const shown = useSnapshot(pickMessages);
  const loadOlder = useMemo(() => (limit?: number) => client.loadOlder(limit), [client]);
  return useMemo(() => ({ ...shown, loadOlder }), [shown, loadOlder]);
}

function pickMessages({ messages, hasOlder }: ChatSnapshot) {
  return { messages, hasOlder };
}
