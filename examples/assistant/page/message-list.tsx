import type { UseChatHelpers } from "@ai-sdk/react";
import { useMessages } from "@workkit/chat/react";
import type { UIMessage } from "ai";
import { type ReactElement, type Ref, useState } from "react";
import { Message, metadataOf } from "./message.js";
import { Opening } from "./opening.js";

interface MessageListProps {
  chat: Pick<UseChatHelpers<UIMessage>, "messages" | "status" | "error" | "regenerate" | "addToolApprovalResponse">;
  /** Whether nothing was said in this conversation. */
  isNew: boolean;
  /** Whether the assistant is answering. */
  isBusy: boolean;
  scroller: Ref<HTMLElement>;
  /** Puts a text into the box. */
  choose(text: string): void;
}

/** What was said, oldest first. It follows the newest message while the reader is there. */
export function MessageList({ chat, isNew, isBusy, scroller, choose }: MessageListProps): ReactElement {
  const { messages, status, error, regenerate, addToolApprovalResponse } = chat;
  const last = messages.at(-1);
  const isShownThere = last !== undefined && metadataOf(last).error !== undefined;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="messages" ref={scroller} role="log" aria-live="off" aria-label="Messages" tabIndex={0}>
      <Earlier />
      {messages.length === 0 && isNew && <Opening choose={choose} />}
      <ol>
        {messages.map((message) => (
          <Message
            key={message.id}
            message={message}
            isLast={message === last}
            isBusy={isBusy}
            respond={addToolApprovalResponse}
            regenerate={regenerate}
          />
        ))}
        {status === "submitted" && (
          <li className="waits" data-key="waits">
            <span className="hidden">The assistant is asked.</span>
          </li>
        )}
      </ol>
      {error && !isShownThere && <p className="problem">{error.message}</p>}
    </section>
  );
}

/** The page begins with the newest messages. Those before are loaded when they are asked for. */
function Earlier(): ReactElement | null {
  const { hasOlder, loadOlder } = useMessages();
  const [isLoading, setLoading] = useState(false);
  const load = async (): Promise<void> => {
    setLoading(true);
    await loadOlder();
    setLoading(false);
  };
  if (!hasOlder) return null;
  return (
    <button type="button" className="earlier" aria-disabled={isLoading} onClick={load}>
      Show earlier messages
    </button>
  );
}
