import type { ReactElement } from "react";
import { LIST_ID, shownTitle } from "./conversation-list.js";

/** The title of the conversation. In a narrow window it stands between the buttons for the other ones and for a new one. */
export function TitleBar({ title, begin }: { title: string; begin(): void }): ReactElement {
  return (
    <header className="bar">
      <button type="button" className="icon" popoverTarget={LIST_ID} aria-label="Conversations">
        <Icon path="M4 6h16M4 12h16M4 18h16" />
      </button>
      <h1>{shownTitle(title)}</h1>
      <button type="button" className="icon" onClick={begin} aria-label="New conversation">
        <Icon path="M12 5v14M5 12h14" />
      </button>
    </header>
  );
}

function Icon({ path }: { path: string }): ReactElement {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
