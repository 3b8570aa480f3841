import { type ReactElement, useRef } from "react";
import type { Known } from "./conversations.js";

/** The id of the list, by which the button of a narrow window opens it. */
export const LIST_ID = "conversations";

interface ConversationListProps {
  /** Whose conversations these are. */
  name: string;
  known: readonly Known[];
  /** The id of the conversation that is shown. */
  shown: string;
  show(id: string): void;
  begin(): void;
  leave(): void;
}

/** The conversations that this browser knows. A wide window has them beside the messages, a narrow one opens them over the page. */
export function ConversationList({ name, known, shown, show, begin, leave }: ConversationListProps): ReactElement {
  const list = useRef<HTMLElement>(null);
  const close = (act: () => void) => () => {
    list.current?.hidePopover();
    act();
  };
  return (
    <nav id={LIST_ID} ref={list} popover="auto" aria-label="Conversations">
      <button type="button" onClick={close(begin)}>
        New conversation
      </button>
      <ul>
        {known.map(({ id, title }) => (
          <li key={id}>
            <button type="button" aria-current={id === shown ? "page" : undefined} onClick={close(() => show(id))}>
              {shownTitle(title)}
            </button>
          </li>
        ))}
      </ul>
      <p className="self">
        <bdi>{name}</bdi>
        <button type="button" className="small" onClick={leave}>
          Sign out
        </button>
      </p>
    </nav>
  );
}

/** What a conversation is called before its first message, too. */
export function shownTitle(title: string): string {
  return title || "New conversation";
}
