import { type ReactElement, useState } from "react";
import { clockOf, transcriptOf } from "../../../src/page/index.js";
import {
  useComposer,
  useDayLabel,
  useFocusKeeper,
  useList,
  useLongText,
  useOnline,
  usePlace,
  useSignOut,
  useTranscript,
  useUnread,
  useUnreadSignal,
  useViewportFit,
  useVoice,
  useWhole,
} from "../../../src/react/index.js";
import { count } from "./counts.js";

/** A chat that has a hook of every part. */
export function ChatPage({ user }: { user: string }): ReactElement {
  count("chat rendered");
  const [title, setTitle] = useState("One");
  const { ref, isAtEnd, toEnd } = usePlace();
  const unread = useUnread(isAtEnd, { name: `${user}/one` });
  const composer = useComposer({ draft: `${user}/one`, onSent: toEnd });
  const voice = useVoice();
  const whole = useWhole();
  const items = useList({ unread: unread.first });
  const list = useTranscript((keys) => transcriptOf(items, { keys, nameOf: ({ id }) => id, timeOf: clockOf }));
  const signOut = useSignOut({
    name: user,
    countUnsent: () => 1,
    confirm: (unsent) => confirm(`${unsent} unsent`),
    leave: () => setTitle("Left"),
  });
  useUnreadSignal(unread.count, title);
  return (
    <main ref={useFocusKeeper(() => document.querySelector("section"))} tabIndex={-1}>
      <div ref={useViewportFit()} id="chat">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <section ref={ref} tabIndex={0} aria-label="Messages" style={{ height: "200px", overflow: "auto" }}>
          <ol ref={list}>
            {items.map((item) => {
              if (item.kind === "message") return <Line key={item.key} id={item.key} text={item.message.content} />;
              return item.kind === "day" ? (
                <Day key={item.key} timestamp={item.timestamp} />
              ) : (
                <li key={item.key} className="unread" />
              );
            })}
          </ol>
        </section>
        <p id="unread">{unread.count}</p>
        <p id="online">{useOnline() ? "online" : "offline"}</p>
        {!isAtEnd && (
          <button type="button" onClick={toEnd}>
            Down
          </button>
        )}
        <button type="button" onClick={signOut}>
          Sign out
        </button>
        <button type="button" onClick={() => composer.restore("taken back")}>
          Restore
        </button>
        <button type="button" onClick={() => voice.announce("as asked")}>
          Announce
        </button>
        <button type="button" onClick={whole.print}>
          Print
        </button>
        <p id="loading">{whole.isLoading ? "loading" : ""}</p>
        <form>
          <textarea ref={composer.ref} aria-label="Message" />
          <button type="submit">Send</button>
        </form>
        <p id="error">{composer.error instanceof Error ? composer.error.message : ""}</p>
        <div ref={voice.ref} id="voice" />
      </div>
    </main>
  );
}

function Line({ id, text }: { id: string; text: string }): ReactElement {
  const { parts, isCut, showAll } = useLongText(text, { characters: 40 });
  return (
    <li data-key={id} style={{ minHeight: "40px" }}>
      <p>
        {parts.map((part, at) =>
          part.kind === "link" ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text have no other order
            <a key={at} href={part.href}>
              {part.text}
            </a>
          ) : (
            part.text
          ),
        )}
      </p>
      {isCut && (
        <button type="button" onClick={showAll}>
          All
        </button>
      )}
    </li>
  );
}

function Day({ timestamp }: { timestamp: number }): ReactElement {
  return <li className="day">{useDayLabel(timestamp)}</li>;
}
