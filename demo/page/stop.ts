import { useConnection, useMessages, useSend } from "@workkit/chat/react";
import { useMemo } from "react";

/** How to end the reply to this user that is being written; `undefined` while there is none. */
export function useStop(): (() => void) | undefined {
  const { messages } = useMessages();
  const { identity } = useConnection();
  const { cancel } = useSend();
  const reply = messages.findLast(({ state }) => state === "streaming");
  const asked = reply?.metadata?.["inReplyTo"];
  const author = messages.find(({ id, role }) => role === "user" && id === asked)?.metadata?.["from"];
  const isOwn = (author as { id?: unknown } | undefined)?.id === identity?.id;
  const id = isOwn ? reply?.id : undefined;
  return useMemo(() => {
    if (id === undefined) return undefined;
    return () => {
      document.getElementById("say")?.focus();
      cancel(id);
    };
  }, [id, cancel]);
}
