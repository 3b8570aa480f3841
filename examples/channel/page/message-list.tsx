import { clockOf, transcriptOf, type Unread } from "@workkit/chat/page";
import { type ChatPlace, useConnection, useDayLabel, useList, useMessages, useTranscript } from "@workkit/chat/react";
import { memo, type ReactElement, useState } from "react";
import { Message, nameOf } from "./message.js";
import { Welcome } from "./welcome.js";

/** For a print or a copy of what is loaded. */
const NOT_HERE = "Earlier messages are not included.";

interface MessageListProps {
  channel: string;
  place: ChatPlace;
  unread: Unread;
  /** Puts a refused text back into the box. */
  takeBack(text: string): void;
  announce(text: string): void;
}

/** What was said, oldest first. It follows the newest message while the reader is there. */
export function MessageList({ channel, place, unread, takeBack, announce }: MessageListProps): ReactElement {
  const { ref, isAtEnd, toEnd } = place;
  const { hasOlder, loadOlder } = useMessages();
  const { status } = useConnection();
  const items = useList({ unread: unread.first });
  const list = useTranscript((keys) => {
    return transcriptOf(items, { keys, nameOf, timeOf: clockOf, beginning: hasOlder ? `(${NOT_HERE})` : undefined });
  });
  const [isLoading, setLoading] = useState(false);
  const load = async (): Promise<void> => {
    setLoading(true);
    await loadOlder();
    setLoading(false);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="messages" ref={ref} role="log" aria-live="off" aria-label="Messages" tabIndex={0}>
        {hasOlder && (
          <>
            <button type="button" className="older" aria-disabled={isLoading} onClick={load}>
              Show older messages
            </button>
            <p className="on-paper">{NOT_HERE}</p>
          </>
        )}
        {items.length === 0 && status === "live" && <Welcome channel={channel} begin={takeBack} announce={announce} />}
        <ol ref={list}>
          {items.map((item) => {
            if (item.kind === "message") return <Message {...item} key={item.key} takeBack={takeBack} />;
            return item.kind === "day" ? (
              <Day key={item.key} timestamp={item.timestamp} />
            ) : (
              <UnreadLine key={item.key} />
            );
          })}
        </ol>
      </section>
      {!isAtEnd && (
        <button type="button" className="down" data-unread={unread.count > 0} onClick={toEnd}>
          <span aria-hidden="true">↓</span>
          <span className={unread.count === 0 ? "voice" : undefined}>{wayDown(unread.count)}</span>
        </button>
      )}
    </>
  );
}

function wayDown(unread: number): string {
  if (unread === 0) return "To the end";
  return unread === 1 ? "1 new message" : `${unread} new messages`;
}

const Day = memo(function Day({ timestamp }: { timestamp: number }): ReactElement {
  return (
    <li className="rule">
      <span>{useDayLabel(timestamp)}</span>
    </li>
  );
});

function UnreadLine(): ReactElement {
  return (
    <li className="rule unread">
      <span>New</span>
    </li>
  );
}
