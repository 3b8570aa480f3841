import type { ChatSnapshot } from "../client/index.js";
import { useSnapshot } from "./snapshot.js";

/** The conversation. */
export type ChatMessages = Pick<ChatSnapshot, "messages">;

/** The messages: the same object, and each message too, until something in it changes. */
export function useMessages(): ChatMessages {
  return useSnapshot(pickMessages);
}

function pickMessages({ messages }: ChatSnapshot): ChatMessages {
  return { messages };
}
