import { useChatClient } from "@workkit/chat/react";
import type { UIMessage } from "ai";
import { memo, type ReactElement, type ReactNode } from "react";
import { CopyButton } from "./copy-button.js";
import { Markdown } from "./markdown/markdown.js";
import { type Respond, ToolCard } from "./tool-card.js";

interface MessageProps {
  message: UIMessage;
  isLast: boolean;
  /** Whether the assistant is answering. */
  isBusy: boolean;
  respond: Respond;
  regenerate(): Promise<void>;
}

/** What `useSessionMessages` says of a message. */
interface Known {
  /** What is not in the log yet. */
  delivery?: "pending" | "failed" | "uncertain" | "streaming";
  /** Why it was refused, or why its turn has failed. */
  error?: { text: string };
  /** How a reply has ended. */
  finish?: string;
}

export function metadataOf({ metadata }: UIMessage): Known {
  return (metadata ?? {}) as Known;
}

/** One message, with what can be done about it. */
export const Message = memo(function Message(props: MessageProps): ReactElement {
  return props.message.role === "user" ? <Question {...props} /> : <Answer {...props} />;
});

function Question({ message, isLast, isBusy, regenerate }: MessageProps): ReactElement {
  const client = useChatClient();
  const { delivery, error } = metadataOf(message);
  const isRefused = delivery === "failed" || delivery === "uncertain";
  const retry = () => (isRefused ? client.retry(message.id) : regenerate());
  return (
    <li className="user" data-key={message.id} data-delivery={delivery}>
      <h2 className="hidden">You</h2>
      <p className="said" dir="auto">
        {textOf(message)}
      </p>
      {delivery === "pending" && <p className="outcome">Not sent yet…</p>}
      {error && <p className="problem">{error.text}</p>}
      {(isRefused || error) && isLast && !isBusy && (
        <button type="button" className="small" onClick={retry}>
          Try again
        </button>
      )}
    </li>
  );
}

function Answer({ message, isLast, isBusy, respond, regenerate }: MessageProps): ReactElement {
  const { delivery, error, finish } = metadataOf(message);
  const { id, parts } = message;
  const isGrowing = delivery === "streaming";
  const isWaiting = isLast && parts.some((part) => part.type === "dynamic-tool" && part.state === "approval-requested");
  const isDone = !isGrowing && !isWaiting && !(isLast && isBusy);
  return (
    <li className="assistant" data-key={id} data-delivery={delivery} aria-busy={isGrowing}>
      <h2 className="hidden">Assistant</h2>
      {parts.map((part, at) => {
        const isOpen = isGrowing && at === parts.length - 1;
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a message have no other order
        return <Part key={at} part={part} isGrowing={isOpen} isLast={isLast} respond={respond} />;
      })}
      {finish === "cancelled" && <p className="outcome">Stopped.</p>}
      {error && <p className="problem">{error.text}</p>}
      {isDone && (
        <p className="actions">
          {textOf(message) !== "" && <CopyButton text={textOf(message)} what="the answer" />}
          {isLast && (
            <button type="button" className="small" onClick={() => void regenerate()}>
              Answer again
            </button>
          )}
        </p>
      )}
    </li>
  );
}

interface PartProps {
  part: UIMessage["parts"][number];
  isGrowing: boolean;
  /** Whether it is of the last message. */
  isLast: boolean;
  respond: Respond;
}

function Part({ part, isGrowing, isLast, respond }: PartProps): ReactNode {
  if (part.type === "text") return <Markdown text={part.text} isGrowing={isGrowing} />;
  // A new message of the user takes the place of an answer.
  if (part.type === "dynamic-tool") return <ToolCard call={part} mayAnswer={isLast} respond={respond} />;
  if (part.type !== "reasoning") return null;
  return (
    <details className="reasoning">
      <summary>{isGrowing ? "Thinking…" : "Thought about it"}</summary>
      <Markdown text={part.text} isGrowing={isGrowing} />
    </details>
  );
}

function textOf({ parts }: UIMessage): string {
  return parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n\n");
}
