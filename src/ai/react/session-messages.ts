import { useEffect, useMemo, useState } from "react";
import { useMessages } from "../../react/index.js";
import { ShownMessages } from "./shown-messages.js";

/** What `useChat` returns, as far as it is needed. */
export interface MessageHolder<Message> {
  readonly messages: Message[];
  setMessages(messages: Message[]): void;
}

/**
 * Keeps the messages of `useChat` in step with the log: what other tabs and people write, replies that this page did not ask for, and
 * what is still to be sent, with `metadata.delivery` `pending`, `failed`, `uncertain` or `streaming`. Within a `ChatProvider`.
 *
 * @param chat what `useChat` returns, with `chatTransport` of the provider's client
 * @returns the same, with the messages of the log
 *
 * @example
 * const { messages, sendMessage, stop } = useSessionMessages(useChat({ transport, resume: true }));
 */
export function useSessionMessages<Message, Chat extends MessageHolder<Message>>(
  chat: Chat & MessageHolder<Message>,
): Chat {
  const { messages: shown } = useMessages();
  const [converter] = useState(() => new ShownMessages());
  // The application says by the type of its `useChat` what is in its log.
  const messages = useMemo(() => converter.update(shown) as Message[], [converter, shown]);
  const { messages: held, setMessages } = chat;
  useEffect(() => {
    if (held.length !== messages.length || held.some((one, at) => one !== messages[at])) setMessages(messages);
  }, [held, messages, setMessages]);
  return useMemo(() => ({ ...chat, messages }), [chat, messages]);
}
