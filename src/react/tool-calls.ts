import { useMemo } from "react";
import type { ChatClient } from "../client/index.js";
import { listToolCalls, type ToolCall } from "../page/index.js";
import { useMessages } from "./messages.js";
import { useChatClient } from "./provider.js";

/** The calls that replies have left open, with a function that answers one. */
export interface ChatToolCalls extends Pick<ChatClient, "answer"> {
  readonly calls: readonly ToolCall[];
}

/**
 * The calls of tools in the messages that are shown, answered ones too. The component renders again when a message changes.
 *
 * @example
 * const { calls, answer } = useToolCalls();
 * return calls.filter(({ isOpen }) => isOpen).map(({ id, toolName }) => (
 *   <button key={id} onClick={() => answer(id, { approved: true })}>Allow {toolName}</button>
 * ));
 */
export function useToolCalls(): ChatToolCalls {
  const client = useChatClient();
  const { messages } = useMessages();
  const calls = useMemo(() => listToolCalls(messages), [messages]);
  return useMemo(() => ({ calls, answer: (id, answer) => client.answer(id, answer) }), [client, calls]);
}
