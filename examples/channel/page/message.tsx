import type { ChatErrorInfo, ClientMessage } from "@workkit/chat/client";
import { cleanName, clockOf, fullTimeOf, type MessageItem } from "@workkit/chat/page";
import { useLongText, useSend } from "@workkit/chat/react";
import { memo, type ReactElement } from "react";
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
      <Text content={message.content} isRefused={state === "failed" || state === "uncertain"} />
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

/** How much is shown of what was refused: the reason and the choices below it stay in sight. */
const REFUSED = { characters: 160, lines: 4 };

/** The text, or its beginning if it is long. */
function Text({ content, isRefused }: { content: string; isRefused: boolean }): ReactElement {
  const { parts, isCut, showAll } = useLongText(content, isRefused ? REFUSED : {});
  return (
    <>
      <p className="text" dir="auto">
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
        <button type="button" className="whole" onClick={showAll}>
          Show all of it
        </button>
      )}
    </>
  );
}

/** What codes mean to the author of a message. */
const REASONS: Readonly<Record<string, string>> = {
  MESSAGE_TOO_LARGE: "It is too long for one message.",
  RATE_LIMITED: "You write faster than this channel takes. Wait a moment.",
  BUSY: "The channel is busy. Wait a moment.",
  UNKNOWN_OUTCOME: "Nobody can tell whether it was. Look whether others answer.",
};

function reasonOf(error: ChatErrorInfo | undefined): string {
  return REASONS[error?.code ?? ""] ?? error?.text ?? "";
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
        {state === "failed" ? "Not sent." : "Perhaps not sent."} {reasonOf(error)}
      </span>{" "}
      {error?.code !== "MESSAGE_TOO_LARGE" && (
        <button type="button" onClick={() => retry(id)}>
          Send again
        </button>
      )}{" "}
      <button type="button" onClick={edit}>
        Edit
      </button>{" "}
      <button type="button" onClick={() => discard(id)}>
        Discard
      </button>
    </p>
  );
}
