import type { ChatErrorInfo, ClientMessage } from "@workkit/chat/client";
import { clockOf, fullTimeOf, type MessageItem } from "@workkit/chat/page";
import { useLongText, useSend } from "@workkit/chat/react";
import { memo, type ReactElement } from "react";
import { Mark } from "./icons.js";
import { Face } from "./people.js";
import { nameOf } from "./speaking.js";
import { wordsOf } from "./words.js";

interface MessageLineProps extends MessageItem {
  /** Whether it is the newest of this user that has come as far as it has: it alone says how far. */
  isNewest: boolean;
  takeBack(text: string): void;
}

/** The line of one message. It is rendered again only when the message, or its place in its group, is another. */
export const MessageLine = memo(function MessageLine({ takeBack, isNewest, ...item }: MessageLineProps): ReactElement {
  const { message, voice, isFirst, isLast } = item;
  const { id, key, seq, state, content } = message;
  const problem = problemOf(message);
  const outcome = outcomeOf(message, isNewest && problem === undefined);
  const hasAuthor = isFirst && voice !== "own";
  const hasFoot = outcome !== undefined || (voice === "own" && isLast);
  const time = <Time message={message} />;
  return (
    <li
      className={`line ${voice}${isFirst ? " first" : ""}${isLast ? " last" : ""}`}
      data-key={key}
      data-id={id}
      data-state={state}
      data-seq={seq}
    >
      {isFirst && <Author {...item}>{hasAuthor && time}</Author>}
      <div className="speech">
        <Text content={content} isRefused={problem !== undefined && seq === undefined} />
        {!hasAuthor && !hasFoot && <p className="facts">{time}</p>}
      </div>
      {hasFoot && (
        <p className="foot-line">
          {!hasAuthor && time}
          {outcome !== undefined && <span className="outcome">{outcome}</span>}
        </p>
      )}
      {problem !== undefined && (
        <div className="problem" data-code={problem.code} title={problem.code}>
          <span>{wordsOf(problem)}</span>
          {(state === "failed" || state === "uncertain") && (
            <Choices id={id} isTooLong={problem.code === "MESSAGE_TOO_LARGE"} edit={() => takeBack(content)} />
          )}
        </div>
      )}
    </li>
  );
});

/** The clock, and to those who ask the whole time and the message's place in the log. */
function Time({ message: { timestamp, seq } }: { message: ClientMessage }): ReactElement {
  const full = fullTimeOf(timestamp);
  return (
    <time
      dateTime={new Date(timestamp).toISOString()}
      title={seq === undefined ? full : `${full}, number ${seq}`}
      data-full={full}
    >
      {clockOf(timestamp)}
    </time>
  );
}

/** How much is shown of what was refused: the reason and the choices below it stay in sight. */
const REFUSED = { characters: 160, lines: 4 };

/** The text, or its beginning if it is long. */
function Text({ content, isRefused }: { content: string; isRefused: boolean }): ReactElement {
  const { parts, isCut, showAll } = useLongText(content, isRefused ? REFUSED : {});
  return (
    <div className="words">
      <p className="bubble" dir="auto">
        {parts.map((part, at) => {
          if (part.kind !== "link") return part.text;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text have no other order
            <a key={at} dir="ltr" href={part.href} target="_blank" rel="noopener noreferrer">
              {part.text}
            </a>
          );
        })}
      </p>
      {isCut && (
        <button type="button" className="plain" onClick={showAll}>
          Show all
        </button>
      )}
    </div>
  );
}

/** How far a message has come, where that is worth a word. */
function outcomeOf({ state, metadata }: ClientMessage, isNewest: boolean): string | undefined {
  if (state === "failed") return "Not sent";
  if (state === "uncertain") return "Perhaps sent";
  if (state === "ephemeral") return "Only you see this";
  if (isNewest && state === "pending") return "Waiting to be sent";
  if (isNewest && state === "sent") return "Sent";
  if (metadata?.["finish"] === "cancelled") return "Stopped";
  return metadata?.["finish"] === "error" ? "Broke off" : undefined;
}

function Author({ children, ...item }: MessageItem & { children: ReactElement | false }): ReactElement {
  // One's own lines stand to the right, which says to the eye whose they are.
  if (item.voice === "own") return <p className="author hidden-text">You</p>;
  const name = nameOf(item);
  return (
    <>
      {item.voice === "assistant" ? <Mark /> : <Face id={item.id} name={name} />}
      <p className="author">
        <bdi>{name}</bdi>
        {item.voice === "assistant" && <span className="tag">script</span>}
        {children}
      </p>
    </>
  );
}

interface ChoicesProps {
  id: string;
  /** Sent again it would be refused again. */
  isTooLong: boolean;
  edit(): void;
}

function Choices({ id, isTooLong, edit }: ChoicesProps): ReactElement {
  const { retry, discard } = useSend();
  return (
    <span className="choices">
      {!isTooLong && (
        <button type="button" className="plain" onClick={() => retry(id)}>
          Send again
        </button>
      )}
      <button type="button" className="plain" onClick={() => discard(id) && edit()}>
        Edit
      </button>
      <button type="button" className="plain" onClick={() => discard(id)}>
        Discard
      </button>
    </span>
  );
}

function problemOf({ type, metadata = {}, content: text, error }: ClientMessage): ChatErrorInfo | undefined {
  // A turn that failed while its author was away is reported in the log.
  const code = type === "system" ? metadata["code"] : undefined;
  return typeof code === "string" ? { code, text } : error;
}
