import type { ChatErrorInfo, ClientMessage } from "@workkit/chat/client";
import { cleanName, clockOf, excerptOf, fullTimeOf, type MessageItem } from "@workkit/chat/page";
import { useSend, useText } from "@workkit/chat/react";
import { memo, type ReactElement, useState } from "react";
import { Face } from "./face.js";
import { shownName } from "./shown-name.js";

interface MessageProps extends MessageItem {
  takeBack(text: string): void;
}

/** One message. It is rendered again only when it, or its place in its group, is another. */
export const Message = memo(function Message({ takeBack, ...item }: MessageProps): ReactElement {
  const { message, voice, isFirst } = item;
  const { timestamp, state, seq } = message;
  return (
    <li
      className={voice}
      data-key={message.key}
      data-state={state}
      data-seq={seq}
      data-clock={isFirst ? undefined : clockOf(timestamp)}
      title={fullTimeOf(timestamp)}
    >
      {isFirst && <Author {...item} />}
      <Text content={message.content} />
      <Outcome message={message} takeBack={takeBack} />
    </li>
  );
});

/** The name that stands with a message. */
export function nameOf({ voice, id, name }: MessageItem): string {
  if (voice === "system") return "System";
  return voice === "own" ? cleanName(name, "Someone") : shownName({ id, name });
}

function Author(item: MessageItem): ReactElement {
  const name = nameOf(item);
  const { id, voice } = item;
  return (
    <p className="author">
      <Face id={id} name={cleanName(item.name, name)} />
      <bdi>{name}</bdi> {voice === "own" && <span className="you">you</span>}{" "}
      <time dateTime={new Date(item.message.timestamp).toISOString()}>{clockOf(item.message.timestamp)}</time>
    </p>
  );
}

/** The text, or its beginning if it is long. */
function Text({ content }: { content: string }): ReactElement {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? content : excerptOf(content);
  return (
    <>
      <p className="text" dir="auto">
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
        <button type="button" className="whole" onClick={() => setWhole(true)}>
          Show all of it
        </button>
      )}
    </>
  );
}

/** Why a message was not sent, in the words of its author. */
function reasonOf(error: ChatErrorInfo | undefined): string | undefined {
  return error?.code === "MESSAGE_TOO_LARGE" ? "it is too long." : error?.text;
}

/** What became of a message of one's own, and what can be done about it. */
function Outcome({ message, takeBack }: { message: ClientMessage; takeBack(text: string): void }): ReactElement | null {
  const { retry, discard } = useSend();
  const { id, state, error, content } = message;
  if (state === "sent" || state === "ephemeral")
    return error === undefined ? null : <p className="outcome">{error.text}</p>;
  if (state === "pending") return <p className="outcome">Not sent yet…</p>;
  const edit = (): void => {
    if (discard(id)) takeBack(content);
  };
  return (
    <p className="outcome">
      <span>
        {state === "failed" ? "Not sent" : "Perhaps not sent"}: {reasonOf(error)}
      </span>{" "}
      <button type="button" onClick={() => retry(id)}>
        Send again
      </button>{" "}
      <button type="button" onClick={edit}>
        Edit
      </button>{" "}
      <button type="button" onClick={() => discard(id)}>
        Discard
      </button>
    </p>
  );
}
