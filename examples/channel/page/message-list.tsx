import { useConnection, useMessages } from "@workkit/chat/react";
import { type ReactElement, useCallback, useLayoutEffect, useRef } from "react";
import { Message } from "./message.js";
import type { Person } from "./person.js";

/** Pixels from the end within which a reader counts as being at the end. */
const NEAR_END = 80;

/** What was said, oldest first. It follows the newest message while the reader is there. */
export function MessageList({ self }: { self: Person }): ReactElement {
  const { messages, hasOlder, loadOlder } = useMessages();
  const { status } = useConnection();
  const { list, onScroll } = useScroll(messages[0]?.id, messages.at(-1)?.id);
  return (
    <section
      className="messages"
      ref={list}
      onScroll={onScroll}
      role="log"
      aria-label="Messages"
      // While the past is being read back, a screen reader must not speak all of it.
      aria-busy={status !== "live"}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      {hasOlder && (
        <button type="button" className="older" onClick={() => loadOlder()}>
          Show older messages
        </button>
      )}
      {messages.length === 0 && status === "live" && <p className="empty">Nobody has said anything yet.</p>}
      <ol>
        {messages.map((message, index) => (
          <Message key={message.key} message={message} above={messages[index - 1]} self={self} />
        ))}
      </ol>
    </section>
  );
}

/** Keeps the end in sight for who is there, and for others what they read where it is. */
function useScroll(first: string | undefined, last: string | undefined) {
  const list = useRef<HTMLElement>(null);
  const seen = useRef({ first, last, isAtEnd: true, fromEnd: 0 });
  const onScroll = useCallback(() => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = list.current ?? {};
    seen.current.fromEnd = scrollHeight - scrollTop;
    seen.current.isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
  }, []);
  useLayoutEffect(() => {
    const { first: top, last: bottom, isAtEnd, fromEnd } = seen.current;
    seen.current = { ...seen.current, first, last };
    if (list.current === null) return;
    if (isAtEnd) list.current.scrollTop = list.current.scrollHeight;
    else if (first !== top && last === bottom) list.current.scrollTop = list.current.scrollHeight - fromEnd;
    onScroll();
  }, [first, last, onScroll]);
  return { list, onScroll };
}
