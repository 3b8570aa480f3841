import { readAuthor } from "@workkit/chat/client";
import { type ClientMessage, useSend } from "@workkit/chat/react";
import { memo, type ReactElement } from "react";
import type { Person } from "./person.js";

/** Messages of one author that are closer than this, in milliseconds, stand under one name. */
const SAME_BREATH = 5 * 60_000;

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

interface MessageProps {
  message: ClientMessage;
  above: ClientMessage | undefined;
  self: Person;
}

/** One message. It is rendered again only when it, or the one above it, is another. */
export const Message = memo(function Message({ message, above, self }: MessageProps): ReactElement {
  const { content, timestamp, state } = message;
  const author = authorOf(message, self);
  const isContinued =
    above !== undefined && authorOf(above, self).id === author.id && timestamp - above.timestamp < SAME_BREATH;
  return (
    <li className={author.id === self.id ? "own" : "other"} data-state={state} data-seq={message.seq}>
      {!isContinued && (
        <p className="author">
          {author.name} <time dateTime={new Date(timestamp).toISOString()}>{clock.format(timestamp)}</time>
        </p>
      )}
      <p className="text">{content}</p>
      <Outcome message={message} />
    </li>
  );
});

/** What became of a message of one's own, and what can be done about it. */
function Outcome({ message: { id, state, error } }: { message: ClientMessage }): ReactElement | null {
  const { retry, discard } = useSend();
  if (state === "sent") return null;
  if (state === "pending") return <p className="outcome">Sending…</p>;
  return (
    <p className="outcome">
      {state === "failed" ? "Not sent" : "Perhaps not sent"}: {error?.text}{" "}
      <button type="button" onClick={() => retry(id)}>
        Send again
      </button>{" "}
      <button type="button" onClick={() => discard(id)}>
        Discard
      </button>
    </p>
  );
}

function authorOf(message: ClientMessage, self: Person): { id: string; name: string } {
  if (message.state !== "sent") return self;
  const { id, name = "Someone" } = readAuthor(message) ?? { id: message.role };
  return { id, name };
}
