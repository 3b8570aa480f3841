import { useConnection, useOnline } from "@workkit/chat/react";
import { type ReactElement, type ReactNode, useEffect, useState } from "react";
import { type ConnectionState, stateOf } from "./connection-state.js";
import { Icon, Mark } from "./icons.js";
import { People } from "./people.js";

interface HeaderProps {
  /** Has a screen reader say it. */
  announce(text: string): void;
  room: string;
  link: string;
  guestLink: string;
  children: ReactNode;
}

/** The room's name, how it is connected and who has written in it, and how to invite others. */
export function Header({ room, link, guestLink, announce, children }: HeaderProps): ReactElement {
  return (
    <header className="bar">
      <Mark />
      <div className="where">
        <h1 id="room">{room}</h1>
        <p className="about">
          <Status />
          <People />
        </p>
      </div>
      <div className="actions">
        <CopyLink link={link} announce={announce} />
        <a className="button" id="second-window" href={guestLink} target="_blank" rel="noopener" title="Second window">
          <Icon name="window" />
          <span className="label">Second window</span>
          <span className="hidden-text">, as another person</span>
        </a>
        {children}
      </div>
    </header>
  );
}

const LABELS: Record<ConnectionState, string> = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  dropped: "Dropped",
  refused: "Refused",
};

function Status(): ReactElement {
  const state = stateOf(useConnection());
  const hasNetwork = useOnline();
  return (
    <span className="status" id="status" data-state={state}>
      <span className="lamp" aria-hidden="true" />
      <span id="status-text">{hasNetwork ? LABELS[state] : "Offline"}</span>
    </span>
  );
}

function CopyLink({ link, announce }: Pick<HeaderProps, "link" | "announce">): ReactElement {
  const [answer, setAnswer] = useState("");
  useEffect(() => {
    if (answer === "") return;
    announce(answer);
    const timer = setTimeout(() => setAnswer(""), 3_000);
    return () => clearTimeout(timer);
  }, [answer, announce]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link);
      setAnswer("Link copied");
    } catch {
      setAnswer("Copying is not allowed here: take the link from the address bar");
    }
  };
  return (
    <>
      <button type="button" id="copy-link" title="Copy link" onClick={copy}>
        <Icon name="link" />
        <span className="label">Copy link</span>
      </button>
      <p className="toast" id="copy-answer">
        {answer}
      </p>
    </>
  );
}
