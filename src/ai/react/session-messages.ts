import { useEffect, useMemo, useRef, useState } from "react";
import { useMessages } from "../../react/index.js";
import { type HeldMessage, keepAnswers } from "./kept-answers.js";
import { ShownMessages } from "./shown-messages.js";

/** What `useChat` returns, as far as it is needed. */
export interface MessageHolder<Message> {
  readonly messages: Message[];
  readonly error?: Error | undefined;
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
  const logged = useMemo(() => converter.update(shown), [converter, shown]);
  const { messages: held, setMessages, error } = chat;
  // The application says by the type of its `useChat` what is in its log.
  const messages = useMemo(() => keepAnswers(logged, held as HeldMessage[]) as Message[], [logged, held]);
  const lastError = useRef(error);
  useEffect(() => {
    // Answers that were refused are given up.
    const wanted = error === lastError.current ? messages : (logged as Message[]);
    lastError.current = error;
    if (held.length !== wanted.length || held.some((one, at) => one !== wanted[at])) setMessages(wanted);
  }, [held, messages, logged, error, setMessages]);
  return useMemo(() => ({ ...chat, messages }), [chat, messages]);
}
