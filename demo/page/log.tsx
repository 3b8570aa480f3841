import { useConnection, useMessages, useTyping } from "@workkit/chat/react";
import { memo, type ReactElement, type ReactNode, useDeferredValue, useMemo } from "react";
import { isoDay, type Line, linesOf } from "./conversation.js";
import { useFollowing } from "./following.js";
import { MessageLine } from "./message-line.js";
import { useNotices } from "./notices.js";
import { Opening } from "./opening.js";
import type { Profile } from "./profile.js";
import { typingLine } from "./typing.js";

const calendar = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

interface LogProps {
  room: string;
  self: Profile;
  /** Changes when the reader has said something. */
  said: number;
  say(text: string): void;
  children: ReactNode;
}

/** The scrolling conversation, and what stands between it and the composer. */
export function Log({ room, self, said, say, children }: LogProps): ReactElement {
  const { messages: newest, hasOlder, loadOlder } = useMessages();
  // A flood is drawn as fast as it can be, and not message by message: the box to write in comes first.
  const messages = useDeferredValue(newest);
  const { status } = useConnection();
  const notices = useNotices(self.id);
  const lines = useMemo(() => linesOf(messages, notices, self), [messages, notices, self]);
  const { log, isBehind, follow, onScroll } = useFollowing({ first: messages[0]?.id, last: lines.at(-1)?.key, said });
  return (
    <>
      <section
        className="log"
        id="log"
        ref={log}
        role="log"
        aria-label="Conversation"
        // While the past is being read back, a screen reader must not speak all of it.
        aria-busy={status === "connecting" || status === "idle"}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={onScroll}
      >
        <div className="column">
          {hasOlder ? (
            <button type="button" className="older" onClick={() => loadOlder()}>
              Show older messages
            </button>
          ) : (
            <Opening room={room} empty={lines.length === 0} say={say} />
          )}
          <Lines lines={lines} self={self} />
        </div>
      </section>
      <div className="foot">
        <div className="column">
          <div className="above">
            <TypingLine self={self} />
            <button type="button" className="jump" id="jump" hidden={!isBehind} onClick={follow}>
              New messages
            </button>
          </div>
          {children}
        </div>
      </div>
    </>
  );
}

const Lines = memo(function Lines({ lines, self }: { lines: readonly Line[]; self: Profile }): ReactElement {
  return (
    <ol id="lines" className="lines">
      {lines.map((line) => (
        <LineView key={line.key} line={line} self={self} />
      ))}
    </ol>
  );
});

function LineView({ line, self }: { line: Line; self: Profile }): ReactElement {
  if (line.kind === "message") return <MessageLine message={line.message} continued={line.continued} self={self} />;
  if (line.kind === "day") {
    return (
      <li className="rule day">
        <span>
          <time dateTime={isoDay(line.timestamp)}>{calendar.format(line.timestamp)}</time>
        </span>
      </li>
    );
  }
  const { tone, code, text } = line.notice;
  return (
    <li className={`rule notice ${tone}`}>
      <span>
        {code !== undefined && <code>{code}</code>}
        {text}
      </span>
    </li>
  );
}

function TypingLine({ self }: { self: Profile }): ReactElement {
  return (
    <p className="typing" id="typing" aria-live="off">
      {typingLine(useTyping().filter(({ id }) => id !== self.id))}
    </p>
  );
}
