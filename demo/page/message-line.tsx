import type { ClientMessage } from "@workkit/chat/client";
import { useSend } from "@workkit/chat/react";
import { type CSSProperties, memo, type ReactElement } from "react";
import { speakerOf, type Voice } from "./conversation.js";
import type { Profile } from "./profile.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

interface MessageLineProps {
  message: ClientMessage;
  /** Leaves out the author, who is that of the line above. */
  continued: boolean;
  self: Profile;
}

/** The line of one message. It is rendered again only when the message is another. */
export const MessageLine = memo(function MessageLine({ message, continued, self }: MessageLineProps): ReactElement {
  const { id, seq, state, content, timestamp } = message;
  const { voice, author } = speakerOf(message, self);
  const problem = problemOf(message);
  return (
    <li className={`line ${voice}${continued ? " continued" : ""}`} data-id={id} data-state={state} data-seq={seq}>
      <Place message={message} />
      <div className="said">
        {!continued && <Author voice={voice} author={author} />}
        <div className="speech">
          <p className="bubble">{content}</p>
          <p className="facts">
            <time dateTime={new Date(timestamp).toISOString()}>{clock.format(timestamp)}</time>
            {voice === "own" && !(state === "sent" && problem) && <span className="outcome">{OUTCOMES[state]}</span>}
          </p>
        </div>
        {problem !== undefined && (
          <div className="problem">
            <span>
              <code>{problem.code}</code> {problem.text}
            </span>
            {(state === "failed" || state === "uncertain") && <Choices id={id} />}
          </div>
        )}
      </div>
    </li>
  );
});

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

function Author({ voice, author }: { voice: Voice; author: Profile }): ReactElement {
  // One's own lines stand to the right, which says to the eye whose they are.
  if (voice === "own") return <p className="author hidden-text">You</p>;
  const style: CSSProperties & Record<"--hue", number> = { "--hue": hue(author.id) };
  return (
    <p className="author">
      <span className="monogram" aria-hidden="true" style={style}>
        {initials(author.name)}
      </span>
      {author.name}
      {voice === "assistant" && <span className="tag">script</span>}
    </p>
  );
}

function Choices({ id }: { id: string }): ReactElement {
  const { retry, discard } = useSend();
  return (
    <span className="choices">
      <button type="button" className="plain" onClick={() => retry(id)}>
        Send again
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

function initials(name: string): string {
  const words = name.trim().split(/\s+/).slice(0, 2);
  return words
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();
}

function hue(id: string): number {
  let sum = 7;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 360;
  return sum;
}
