import type { ClientMessage } from "@workkit/chat/client";
import { clockOf, excerptOf, fullTimeOf, hueOf, initialsOf, type MessageItem } from "@workkit/chat/page";
import { useSend, useText } from "@workkit/chat/react";
import { type CSSProperties, memo, type ReactElement, useState } from "react";
import { nameOf } from "./speaking.js";

interface MessageLineProps extends MessageItem {
  takeBack(text: string): void;
}

/** The line of one message. It is rendered again only when the message, or its place in its group, is another. */
export const MessageLine = memo(function MessageLine({ takeBack, ...item }: MessageLineProps): ReactElement {
  const { message, voice, isFirst } = item;
  const { id, key, seq, state, content, timestamp } = message;
  const problem = problemOf(message);
  return (
    <li
      className={`line ${voice}${isFirst ? "" : " continued"}`}
      data-key={key}
      data-id={id}
      data-state={state}
      data-seq={seq}
    >
      <Place message={message} />
      <div className="said">
        {isFirst && <Author {...item} />}
        <div className="speech">
          <Text content={content} />
          <p className="facts">
            <time dateTime={new Date(timestamp).toISOString()} title={fullTimeOf(timestamp)}>
              {clockOf(timestamp)}
            </time>
            {voice === "own" && !(state === "sent" && problem) && <span className="outcome">{OUTCOMES[state]}</span>}
          </p>
        </div>
        {problem !== undefined && (
          <div className="problem">
            <span>
              <code>{problem.code}</code> {problem.text}
            </span>
            {(state === "failed" || state === "uncertain") && <Choices id={id} edit={() => takeBack(content)} />}
          </div>
        )}
      </div>
    </li>
  );
});

/** The text, or its beginning if it is long. */
function Text({ content }: { content: string }): ReactElement {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? content : excerptOf(content);
  return (
    <>
      <p className="bubble" dir="auto">
        {useText(shown).map((part, at) => {
          if (part.kind !== "link") return part.text;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text have no other order
            <a key={at} href={part.href} target="_blank" rel="noopener noreferrer">
              {part.text}
            </a>
          );
        })}
      </p>
      {shown !== content && (
        <button type="button" className="plain" onClick={() => setWhole(true)}>
          Show all
        </button>
      )}
    </>
  );
}

const OUTCOMES = {
  pending: "sending",
  sent: "sent",
  failed: "not sent",
  uncertain: "perhaps sent",
  ephemeral: "for you alone",
  streaming: "writing",
} as const;

// The number is the message's place in the log: it has one from the moment that the server keeps it.
function Place({ message: { seq, state } }: { message: ClientMessage }): ReactElement {
  if (seq === undefined) {
    return (
      <span className="place" aria-hidden="true">
        {state === "pending" ? "\u2022" : "!"}
      </span>
    );
  }
  return (
    <span className="place" title="Place in the log">
      {seq}
    </span>
  );
}

function Author(item: MessageItem): ReactElement {
  // One's own lines stand to the right, which says to the eye whose they are.
  if (item.voice === "own") return <p className="author hidden-text">You</p>;
  const name = nameOf(item);
  const style: CSSProperties & Record<"--hue", number> = { "--hue": hueOf(item.id) };
  return (
    <p className="author">
      <span className="monogram" aria-hidden="true" style={style}>
        {initialsOf(name)}
      </span>
      <bdi>{name}</bdi>
      {item.voice === "assistant" && <span className="tag">script</span>}
    </p>
  );
}

function Choices({ id, edit }: { id: string; edit(): void }): ReactElement {
  const { retry, discard } = useSend();
  return (
    <span className="choices">
      <button type="button" className="plain" onClick={() => retry(id)}>
        Send again
      </button>
      <button type="button" className="plain" onClick={() => discard(id) && edit()}>
        Edit
      </button>
      <button type="button" className="plain" onClick={() => discard(id)}>
        Discard
      </button>
    </span>
  );
}

function problemOf({ type, metadata = {}, content: text, error }: ClientMessage) {
  // A turn that failed while its author was away is reported in the log.
  const code = type === "system" ? metadata["code"] : undefined;
  return typeof code === "string" ? { code, text } : error;
}
