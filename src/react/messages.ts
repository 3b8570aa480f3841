import { useMemo } from "react";
import type { ChatClient, ChatSnapshot } from "../client/index.js";
import { useChatClient } from "./provider.js";
import { useSnapshot } from "./snapshot.js";

/** The conversation, and how to get what came before. */
export interface ChatMessages extends Pick<ChatSnapshot, "messages" | "hasOlder">, Pick<ChatClient, "loadOlder"> {}

/**
 * The messages: the same object, the same list and the same messages for as long as nothing in them changes.
 *
 * @example
 * const { messages, hasOlder, loadOlder } = useMessages();
 * return messages.map(({ id, content }) => <p key={id}>{content}</p>);
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
