import { speakerOf } from "@workkit/chat/page";
import { useConnection, useMessages, useSend } from "@workkit/chat/react";
import { useMemo } from "react";

/** How to end the reply to this user that is being written; `undefined` while there is none. */
export function useStop(): (() => void) | undefined {
  const { messages } = useMessages();
  const { identity } = useConnection();
  const { cancel } = useSend();
  const reply = messages.findLast(({ state }) => state === "streaming");
  const asked = reply?.metadata?.["inReplyTo"];
  const isOwn = messages.some((message) => message.id === asked && speakerOf(message, identity).voice === "own");
  const id = isOwn ? reply?.id : undefined;
  return useMemo(() => {
    if (id === undefined) return undefined;
    return () => {
      document.getElementById("say")?.focus();
      cancel(id);
    };
  }, [id, cancel]);
}
