import { clockOf, type ListItem, transcriptOf, type Unread } from "@workkit/chat/page";
import { type ChatPlace, useConnection, useDayLabel, useList, useMessages, useTranscript } from "@workkit/chat/react";
import { memo, type ReactElement, type ReactNode } from "react";
import { Icon } from "./icons.js";
import { MessageLine } from "./message-line.js";
import { type Notice, useNotices } from "./notices.js";
import { Opening } from "./opening.js";
import { Outage } from "./outage.js";
import type { Profile } from "./profile.js";
import { nameOf } from "./speaking.js";
import { wordsOf } from "./words.js";

/** For a print or a copy of what is loaded. */
const NOT_HERE = "Earlier messages are not included.";

interface LogProps {
  room: string;
  self: Profile;
  place: ChatPlace;
  unread: Unread;
  say(text: string): void;
  /** Puts a text back into the box. */
  takeBack(text: string): void;
  children: ReactNode;
}

/** The scrolling conversation, and what stands between it and the composer. */
export function Log({ room, self, place, unread, say, takeBack, children }: LogProps): ReactElement {
  const { ref, isAtEnd, toEnd } = place;
  const { hasOlder, loadOlder } = useMessages();
  const { status } = useConnection();
  const notes = useNotices(self.id);
  const items = useList({ unread: unread.first, notes });
  const newest = [newestIn(items, "sent"), newestIn(items, "pending")];
  const list = useTranscript((keys) => {
    return transcriptOf(items, { keys, nameOf, timeOf: clockOf, beginning: hasOlder ? `(${NOT_HERE})` : undefined });
  });
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="log" id="log" ref={ref} role="log" aria-live="off" aria-label="Conversation" tabIndex={0}>
        <div className="column">
          {hasOlder ? (
            <>
              <button type="button" className="older" onClick={() => loadOlder()}>
                Show older messages
              </button>
              <p className="on-paper">{NOT_HERE}</p>
            </>
          ) : (
            <Opening room={room} empty={items.length === 0} isLoading={status === "connecting"} say={say} />
          )}
          <ol id="lines" className="lines" ref={list}>
            {items.map((item) => {
              if (item.kind === "message") {
                const { key } = item;
                return <MessageLine {...item} key={key} isNewest={newest.includes(key)} takeBack={takeBack} />;
              }
              if (item.kind === "note") return <NoticeLine key={item.key} notice={item.note} />;
              return item.kind === "day" ? (
                <Day key={item.key} timestamp={item.timestamp} />
              ) : (
                <UnreadLine key={item.key} />
              );
            })}
          </ol>
        </div>
      </section>
      <div className="foot">
        <button type="button" className="jump" id="jump" hidden={isAtEnd} onClick={toEnd}>
          <Icon name="down" />
          {unread.count === 0 ? <span className="hidden-text">To the end</span> : `${unread.count} new`}
        </button>
        <div className="column">
          <Outage />
          {children}
        </div>
      </div>
    </>
  );
}

/** The key of this user's newest message in that state. */
function newestIn(items: readonly ListItem<Notice>[], state: "sent" | "pending"): string | undefined {
  return items.findLast((item) => item.kind === "message" && item.voice === "own" && item.message.state === state)?.key;
}

const Day = memo(function Day({ timestamp }: { timestamp: number }): ReactElement {
  return (
    <li className="rule day">
      <span>{useDayLabel(timestamp)}</span>
    </li>
  );
});

function UnreadLine(): ReactElement {
  return (
    <li className="rule notice calm unread">
      <span>New</span>
    </li>
  );
}

function NoticeLine({ notice: { tone, code, text } }: { notice: Notice }): ReactElement {
  return (
    <li className={`rule notice ${tone}`} title={code}>
      <span>{code === undefined ? text : wordsOf({ code, text })}</span>
    </li>
  );
}
